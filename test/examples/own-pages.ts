import { expect } from '@hapi/code';
import type { Server } from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { start } from '../../examples/own-pages/server';
import { open, submit } from '../fixture/browser';
import { codeChallenge, codeVerifier } from '../fixture/flows';
import { call, encodeForm, getWith, post } from '../fixture/http';
import { signInAndDecide } from '../fixture/level-2-example';
import { freePort } from '../fixture/net';
import { basic } from '../fixture/provision';

const lab = Lab.script();
const { after, before, describe, it } = lab;
export { lab };

describe('the OpenID Provider with own pages', { timeout: 30_000 }, () => {

    let server: Server;
    let url: string;
    before(async () => {

        server = await start(await freePort());
        url = server.info.uri;
    });
    after(() => server.stop());

    const authorizeUrl = (changes: Readonly<Record<string, string>> = {}) => `${url}/oauth2/authorize?${encodeForm({
        response_type: 'code', client_id: 'reader', redirect_uri: `${url}/callback`, scope: 'openid profile', state: 'x', code_challenge: codeChallenge, code_challenge_method: 'S256', ...changes
    })}`;

    it('asks on its own pages', async () => {

        const login = await open(authorizeUrl());
        expect(login.html).to.contain('Welcome to Acme');
        const wrong = await submit(login, { username: 'a"><b>', password: 'wrong' });
        expect(wrong.status).to.equal(401);
        expect(wrong.html).to.contain('role="alert"').and.to.contain('a&quot;&gt;&lt;b&gt;').and.not.to.contain('<b>');
        const consent = await submit(wrong, { username: 'ada', password: 'lovelace' });
        expect(consent.html).to.contain('Report reader would like to').and.to.contain('See your name').and.to.contain('Ada Lovelace');
    });

    it('answers the client, and says who has signed in', async () => {

        const location = await signInAndDecide(authorizeUrl());
        const { json } = await post(`${url}/oauth2/token`, { grant_type: 'authorization_code', redirect_uri: `${url}/callback`, code: location.searchParams.get('code') ?? '', code_verifier: codeVerifier }, { authorization: basic('reader', 'reader-secret-of-32-random-chars') });
        expect((await getWith(`${url}/oauth2/userinfo`, String(json.access_token))).json).to.equal({ sub: 'user-1', name: 'Ada Lovelace' });
    });

    it('tells the client of a denial', async () => {

        expect((await signInAndDecide(authorizeUrl({ prompt: 'consent' }), 'deny')).searchParams.get('error')).to.equal('access_denied');
    });

    it('shows its name on the pages that are built in', async () => {

        const { status, text } = await call(`${url}/oauth2/authorize?client_id=nobody`, { headers: { accept: 'text/html' } });
        expect(status).to.equal(400);
        expect(text).to.contain('Acme');
    });

    it('lets nobody sign in for whom nothing waits', async () => {

        expect((await post(`${url}/login`, { interaction: 'made-up', username: 'ada', password: 'lovelace' })).status).to.equal(400);
        expect((await post(`${url}/login`, { username: 'ada', password: 'lovelace' })).status).to.equal(400);
    });
});
