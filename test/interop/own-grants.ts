import { expect } from '@hapi/code';
import type Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';
import * as client from 'openid-client';

import { OAuth2CustomGrantBuilder, OAuth2PasswordBuilder } from '../../lib';
import { magicLink, ownGrants } from '../fixture/own-grants';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

describe('openid-client with grant types of the project\'s own, at level 2', { timeout: 60_000 }, () => {

    const links = new Map([['the-link', 'ada']]);
    let server: Hapi.Server;
    let config: client.Configuration;
    let url: string;
    before({ timeout: 60_000 }, async () => {

        const magic = OAuth2CustomGrantBuilder.create(magicLink).setParameters(['link']).setPolicy(({ parameters: { link } }) => {

            const subject = links.get(link);
            links.delete(link);
            return subject === undefined ? null : { subject, amr: ['link'], scopes: ['read'], refreshToken: true };
        });
        const password = OAuth2PasswordBuilder.create().authenticateUser((entered) => (entered.password === 'lovelace' ? entered.username : null));
        ({ server } = await ownGrants([magic, password], (hub) => hub.setClock(Date.now)));
        await server.start();
        url = `http://localhost:${server.info.port}`;
        config = await client.discovery(new URL(url), 'app', {}, client.ClientSecretBasic('app-secret'), { algorithm: 'oauth2', execute: [client.allowInsecureRequests] });
    });
    after(async () => {

        await server.stop();
    });

    const refusal = async (promise: Promise<unknown>) => {

        const err = await expect(promise).to.reject(client.ResponseBodyError);
        return [err.status, err.error];
    };

    const status = async (token: string) => (await client.fetchProtectedResource(config, token, new URL('/protected', url), 'GET')).status;

    it('finds both in the metadata', () => {

        expect(config.serverMetadata().grant_types_supported).to.equal([magicLink, 'refresh_token', 'password']);
    });

    it('trades a link for tokens, once, and refreshes them', async () => {

        const tokens = await client.genericGrantRequest(config, magicLink, { link: 'the-link' });
        expect(tokens.scope).to.equal('read');
        expect(await status(tokens.access_token)).to.equal(200);
        expect<object>({ ...await client.tokenIntrospection(config, tokens.access_token) }).to.include({ active: true, sub: 'ada', client_id: 'app' });
        const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '');
        expect(await status(refreshed.access_token)).to.equal(200);
        expect(await refusal(client.genericGrantRequest(config, magicLink, { link: 'the-link' }))).to.equal([400, 'invalid_grant']);
        expect(await refusal(client.genericGrantRequest(config, magicLink, {}))).to.equal([400, 'invalid_request']);
    });

    it('trades a password for tokens, and gets none for a wrong one', async () => {

        const tokens = await client.genericGrantRequest(config, 'password', { username: 'ada', password: 'lovelace', scope: 'write' });
        expect(tokens.scope).to.equal('write');
        expect(await status(tokens.access_token)).to.equal(200);
        expect(await status((await client.refreshTokenGrant(config, tokens.refresh_token ?? '')).access_token)).to.equal(200);
        expect(await refusal(client.genericGrantRequest(config, 'password', { username: 'ada', password: 'byron' }))).to.equal([400, 'invalid_grant']);
    });
});
