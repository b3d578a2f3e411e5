import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { collectEvents, mintToken, runClientCredentialsFlow, runCodeFlow, runRefresh, testClock, type MintOptions } from 'hapi-oauth2-flows/testing';

import { createApp } from './app';

export const lab = Lab.script();
const { describe, it } = lab;

describe('the reports', () => {

    it('are for users who granted their scope', async () => {

        const server = await createApp();
        const get = async (options: MintOptions) => {

            const { headers } = await mintToken(server, options);
            return (await server.inject({ url: '/reports', headers })).statusCode;
        };

        const good = { strategy: 'oauth2', subject: 'user-1', scope: 'reports:read' };
        expect(await get(good)).to.equal(200);
        expect(await get({ ...good, scope: 'openid' })).to.equal(403);
        expect(await get({ ...good, subject: undefined })).to.equal(403);
        expect(await get({ ...good, flaw: 'expired' })).to.equal(401);
        expect(await get({ ...good, flaw: 'wrong_audience' })).to.equal(401);
    });

    it('are there after a sign-in, and until the token has expired', async () => {

        const clock = testClock();
        const server = await createApp(clock.now);
        const tokens = await runCodeFlow(server, { clientId: 'web', scope: 'openid reports:read offline_access', username: 'ada', password: 'lovelace' });
        expect(tokens.idTokenClaims?.sub).to.equal('user-1');

        const reports = await server.inject({ url: '/reports', headers: tokens.headers });
        expect(reports.result).to.equal({ reports: ['Q1', 'Q2'], of: 'user-1' });

        clock.advance({ minutes: 10 });
        expect((await server.inject({ url: '/reports', headers: tokens.headers })).statusCode).to.equal(401);

        const { headers } = await runRefresh(server, { clientId: 'web', refreshToken: tokens.refreshToken });
        expect((await server.inject({ url: '/reports', headers })).statusCode).to.equal(200);
    });

    it('are for nobody who declines', async () => {

        const server = await createApp();
        const run = runCodeFlow(server, { clientId: 'web', scope: 'reports:read', username: 'ada', password: 'lovelace', decision: 'deny' });
        await expect(run).to.reject('The client is told access_denied: The user denied the request');
    });

    it('are not for machines', async () => {

        const server = await createApp();
        const events = collectEvents(server);
        const { headers } = await runClientCredentialsFlow(server, { clientId: 'nightly', scope: 'reports:read' });
        expect((await server.inject({ url: '/reports', headers })).statusCode).to.equal(403);
        expect((await server.inject({ url: '/reports', headers: { authorization: 'Bearer guessed' } })).statusCode).to.equal(401);
        expect(events.of('issued')).to.have.length(1);
        expect(events.of('refused')).to.equal([{ reason: 'invalid_token', error: 'invalid_token' }]);
    });
});
