import { expect } from '@hapi/code';
import type { Server } from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { start } from '../../examples/upstream/server';
import { open, type Jar } from '../fixture/browser';
import { codeChallenge, codeVerifier } from '../fixture/flows';
import { call, encodeForm, post } from '../fixture/http';
import { press, signInAndDecide } from '../fixture/level-2-example';
import { freePort } from '../fixture/net';

const lab = Lab.script();
const { after, before, describe, it } = lab;
export { lab };

describe('the server whose users sign in upstream', { timeout: 60_000 }, () => {

    let server: Server;
    let url: string;
    before({ timeout: 60_000 }, async () => {

        server = await start(await freePort());
        url = server.info.uri;
    });
    after(() => server.stop());

    const authorizeUrl = (scope = 'openid reports:read') => `${url}/oauth2/authorize?${encodeForm({
        response_type: 'code', client_id: 'app', redirect_uri: `${url}/callback`, scope, state: 'x', code_challenge: codeChallenge, code_challenge_method: 'S256'
    })}`;

    /** Where a browser is sent that has no session here: upstream, on another host, whose cookies are others. */
    const leave = async (jar: Jar): Promise<string> => {

        const { status, headers } = await open(authorizeUrl(), jar);
        expect(status).to.equal(302);
        return headers.get('location') ?? '';
    };

    it('takes who they are from there, and asks and issues itself', async () => {

        const here: Jar = new Map();
        const upstream = await leave(here);
        expect(upstream).to.match(/^http:\/\/127\.0\.0\.1:\d+\/oauth2\/authorize\?/);
        const back = await signInAndDecide(upstream);
        const consent = await open(back, here);
        expect(consent.html).to.contain('Report reader').and.to.contain('ada@example.com');

        const location = new URL((await press(consent, 'allow')).headers.get('location') ?? '');
        const { json } = await post(`${url}/oauth2/token`, { grant_type: 'authorization_code', client_id: 'app', redirect_uri: `${url}/callback`, code: location.searchParams.get('code') ?? '', code_verifier: codeVerifier });
        expect(await server.oauth2.tokens.verify(String(json.access_token))).to.include({ sub: 'company|employee-7', iss: url });
    });

    it('lets nobody in with an answer that another browser has fetched', async () => {

        const upstream = await leave(new Map());
        const back = await signInAndDecide(upstream);
        const { html, headers } = await open(back, new Map());
        expect(headers.get('location') ?? '').to.not.contain('interaction');
        expect(html).to.not.contain('name="decision"');
    });

    it('stops what it started', async () => {

        const other = await start(await freePort());
        const jar: Jar = new Map();
        const { headers } = await open(authorizeUrl().replace(url, other.info.uri).replaceAll(encodeURIComponent(url), encodeURIComponent(other.info.uri)), jar);
        const provider = new URL(headers.get('location') ?? '').origin;
        expect((await call(`${provider}/.well-known/openid-configuration`)).status).to.equal(200);
        await other.stop();
        await expect(call(provider)).to.reject('fetch failed');
    });
});
