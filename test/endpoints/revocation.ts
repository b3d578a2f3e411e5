import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { decodeJwt } from 'jose';

import { signIdToken } from '../../lib/tokens/id-token';
import { unsigned } from '../fixture/assertion';
import { inspectionServer } from '../fixture/inspection-server';
import { staticKey } from '../fixture/key-bench';
import { hostileTexts } from '../fixture/kept-tokens';
import { form } from '../fixture/provision';
import { issuer } from '../fixture/resource-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const bench = () => {

    const server = inspectionServer();
    const revoke = async (token: string, clientId?: string) => {

        const { status, payload, headers } = await server.post('/revoke', { token }, clientId);
        expect({ status, payload }).to.equal({ status: 200, payload: '{}' });
        expect(headers).to.include({ 'cache-control': 'no-store', pragma: 'no-cache' });
        expect(headers['content-type']).to.match(/^application\/json/);
    };

    return { ...server, revoke, lives: async (grantId: string) => await server.store.findGrant(grantId) !== null };
};

describe('The revocation endpoint', () => {

    for (const kind of ['jwt', 'opaque', 'refresh'] as const) {
        it(`ends the whole grant of a token, and no other: ${kind}`, async () => {

            const { open, jwt, opaque, refresh, revoke, resolve, reported } = bench();
            const [grant, other] = [await open(), await open()];
            const tokens = { jwt: await jwt(grant), opaque: await opaque(grant), refresh: await refresh(grant) };
            const others = [await jwt(other), await opaque(other), await refresh(other)];
            await revoke(tokens[kind]);
            for (const token of Object.values(tokens)) {
                expect(await resolve(token)).to.be.null();
            }

            for (const token of others) {
                expect(await resolve(token)).to.not.be.null();
            }

            expect(reported).to.have.length(1);
            expect(reported[0]).to.include({ kind: kind === 'refresh' ? 'refresh_token' : 'access_token', clientId: 'app', grantId: grant.id });
        });

        it(`leaves another client's token alone, and answers the same: ${kind}`, async () => {

            const server = bench();
            const token = await server[kind](await server.open());
            for (const clientId of ['other', 'api', 'spa']) {
                await server.revoke(token, clientId);
            }

            expect(await server.resolve(token)).to.not.be.null();
            expect(server.reported).to.be.empty();
        });
    }

    it('ends the grant of a refresh token that was replaced, for its own client only', async () => {

        const { open, refresh, rotate, revoke, lives, reported } = bench();
        const grant = await open();
        const [old, successor] = [await refresh(grant), await refresh(grant)];
        await rotate(old);
        await revoke(old, 'other');
        await revoke(old, 'spa');
        expect(await lives(grant.id)).to.be.true();
        await revoke(old);
        expect(await lives(grant.id)).to.be.false();
        expect(reported).to.equal([{ kind: 'refresh_token', clientId: 'app', grantId: grant.id }]);
        await revoke(successor);
        expect(reported).to.have.length(1);
    });

    it('serves public clients', async () => {

        const { open, jwt, refresh, revoke, lives } = bench();
        for (const make of [jwt, refresh]) {
            const grant = await open({ clientId: 'spa' });
            await revoke(await make(grant), 'spa');
            expect(await lives(grant.id)).to.be.false();
        }
    });

    it('reports one revocation of several at once', async () => {

        const { open, jwt, opaque, refresh, revoke, reported } = bench();
        const grant = await open();
        const tokens = [await jwt(grant), await opaque(grant), await refresh(grant)];
        await Promise.all([...tokens, ...tokens].map((token) => revoke(token)));
        expect(reported).to.have.length(1);
        await revoke(tokens[0] ?? '');
        expect(reported).to.have.length(1);
    });

    it('reports nothing when somebody else was faster', async () => {

        const { open, jwt, revoke, store, reported } = bench();
        const token = await jwt(await open());
        const revokeGrant = store.revokeGrant.bind(store);
        store.revokeGrant = async (grantId) => await revokeGrant(grantId) && await revokeGrant(grantId);
        await revoke(token);
        expect(reported).to.be.empty();
    });

    it('refuses clients that do not prove who they are, before it looks anything up', async () => {

        const { open, jwt, post, lives, asked } = bench();
        const grant = await open();
        const token = await jwt(grant);
        for (const [parameters, clientId] of [[{ token }, 'nobody'], [{ token, client_id: 'app' }, null], [{ token, client_id: 'app', client_secret: 'wrong' }, null]] as const) {
            const { status, payload } = await post('/revoke', parameters, clientId);
            expect({ status, payload }).to.equal({ status: 401, payload: '{"error":"invalid_client","error_description":"Client authentication failed"}' });
        }

        expect((await post('/revoke', { token }, null)).status).to.equal(400);
        expect(asked).to.be.empty();
        expect(await lives(grant.id)).to.be.true();
    });

    it('ignores what is hinted, but refuses a repeated parameter and a missing token', async () => {

        const { open, jwt, post, lives, asked } = bench();
        const hints = ['refresh_token', 'access_token', 'nonsense', ''];
        for (const hint of hints) {
            const grant = await open();
            expect((await post('/revoke', { token: await jwt(grant), token_type_hint: hint })).status).to.equal(200);
            expect(await lives(grant.id)).to.be.false();
        }

        asked.length = 0;
        const grant = await open();
        const token = await jwt(grant);
        for (const body of ['', 'token=', `token=${token}&token=${token}`, `token=${token}&token_type_hint=a&token_type_hint=a`]) {
            const { status, payload } = await post('/revoke', body);
            expect(status, body).to.equal(400);
            expect(payload).to.include('"error":"invalid_request"');
        }

        expect(asked).to.be.empty();
        expect(await lives(grant.id)).to.be.true();
    });

    it('attack: answers hostile values, forged tokens, ID tokens and codes like revoked ones, and ends nothing', async () => {

        const { open, jwt, code, keys, clock, revoke, lives, reported } = bench();
        const grant = await open();
        const good = await jwt(grant);
        const { token: idToken } = await signIdToken(keys, { issuer, clientId: 'app', alg: 'RS256', ttl: 3600, now: clock.now() }, { sub: 'alice', client_id: 'app', grant_id: grant.id });
        const forged = [
            idToken,
            unsigned({ alg: 'none', typ: 'at+jwt', kid: staticKey('access_token').kid }, decodeJwt(good)),
            good.slice(0, good.lastIndexOf('.') + 1),
            await code('authorization_code', grant), await code('device_code', grant),
            grant.id, `r${grant.id}${'A'.repeat(43)}`, `a${grant.id}${'A'.repeat(43)}`
        ];
        for (const value of [...hostileTexts.map((text) => text.replace('\ud800', '\ufffd')), ...forged]) {
            await revoke(value);
        }

        expect(await lives(grant.id)).to.be.true();
        expect(reported).to.be.empty();
    });

    it('does not end a grant by a token that has expired', async () => {

        const { open, jwt, opaque, refresh, revoke, lives, clock } = bench();
        const grant = await open();
        const tokens = [await jwt(grant), await opaque(grant), await refresh(grant)];
        clock.advance(3600);
        for (const token of tokens) {
            await revoke(token);
        }

        expect(await lives(grant.id)).to.be.true();
    });

    it('says nothing was revoked when the store did not answer', async () => {

        const { open, jwt, post, store, reported } = bench();
        store.revokeGrant = () => Promise.reject(new Error('hunter2'));
        const { status, payload } = await post('/revoke', { token: await jwt(await open()) });
        expect({ status, payload }).to.equal({ status: 500, payload: '{"error":"server_error","error_description":"The server could not answer this request"}' });
        expect(reported).to.be.empty();
    });

    it('refuses a body that is too large or no form, and every other method', async () => {

        const { post, server } = bench();
        expect((await post('/revoke', { token: 'a'.repeat(70_000) })).status).to.equal(413);
        expect((await server.inject({ method: 'POST', url: '/revoke', payload: { token: 'x' } })).statusCode).to.equal(400);
        expect((await server.inject('/revoke?token=x')).statusCode).to.equal(405);
        expect((await server.inject({ ...form('/revoke', ''), method: 'DELETE' })).headers.allow).to.equal('POST');
    });

    it('takes the options of an endpoint, and answers scripts of every origin without credentials', async () => {

        const { server } = inspectionServer({ cors: true, options: { tags: ['api'] } });
        expect(server.match('post', '/revoke')?.settings).to.include({ tags: ['api'], description: 'OAuth 2.0 token revocation endpoint' });
        const { headers } = await server.inject(form('/revoke', '', { origin: 'https://app.example.com' }));
        expect(headers['access-control-allow-origin']).to.equal('*');
        expect(headers).to.not.include('access-control-allow-credentials');
    });
});
