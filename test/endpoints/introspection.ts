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

const inactive = '{"active":false}';

const bench = () => {

    const server = inspectionServer();
    const introspect = async (token: string, clientId?: string) => {

        const { status, payload } = await server.post('/introspect', { token }, clientId);
        expect(status).to.equal(200);
        return payload;
    };

    return { ...server, introspect, claimsOf: async (token: string, clientId?: string): Promise<Record<string, unknown>> => ({ ...Object(JSON.parse(await introspect(token, clientId))) }) };
};

describe('The introspection endpoint', () => {

    it('says what a client\'s own tokens are', async () => {

        const { open, jwt, opaque, refresh, claimsOf, clock } = bench();
        const grant = await open();
        const now = clock.now() / 1000;
        for (const token of [await jwt(grant, { plan: 'gold' }), await opaque(grant, { plan: 'gold' })]) {
            const { jti, ...claims } = await claimsOf(token);
            expect(claims).to.equal({
                active: true, scope: 'a', client_id: 'app', token_type: 'Bearer', exp: now + 3600, iat: now, sub: 'alice', aud: 'https://api.example.com', iss: issuer, plan: 'gold'
            });
            expect(jti).to.be.a.string();
        }

        expect(await claimsOf(await refresh(grant))).to.equal({
            active: true, scope: 'a b', client_id: 'app', exp: now + 3600, iat: now, sub: 'alice', aud: ['https://api.example.com'], iss: issuer
        });
    });

    it('is never kept by a cache', async () => {

        const { open, jwt, post } = bench();
        for (const token of [await jwt(await open()), 'unknown']) {
            const { headers } = await post('/introspect', { token });
            expect(headers).to.include({ 'cache-control': 'no-store', pragma: 'no-cache' });
            expect(headers['content-type']).to.match(/^application\/json/);
        }
    });

    it('rule 22: shows an access token to the clients of its resources, and to nobody else', async () => {

        const { open, jwt, opaque, introspect, claimsOf } = bench();
        const grant = await open();
        for (const make of [jwt, opaque]) {
            expect(await claimsOf(await make(grant), 'api')).to.include({ active: true, client_id: 'app', sub: 'alice' });
            expect(await claimsOf(await make(grant, { aud: ['urn:a', 'urn:b'] }), 'api')).to.include({ active: true });
            for (const aud of ['urn:a', 'https://api.example.com/', 'https://api.example.com.evil.example', 'api', []]) {
                expect(await introspect(await make(grant, { aud }), 'api')).to.equal(inactive);
            }

            expect(await introspect(await make(grant), 'other')).to.equal(inactive);
            expect(await claimsOf(await make(grant, { aud: [] }))).to.include({ active: true });
        }
    });

    it('rule 22: shows a refresh token to its own client only', async () => {

        const { open, refresh, introspect, claimsOf } = bench();
        const token = await refresh(await open());
        expect(await introspect(token, 'api')).to.equal(inactive);
        expect(await introspect(token, 'other')).to.equal(inactive);
        expect(await claimsOf(token)).to.include({ active: true });
    });

    it('rule 22: refuses public clients and those that prove nothing, before it looks anything up', async () => {

        const { open, jwt, post, asked } = bench();
        const token = await jwt(await open({ clientId: 'spa' }));
        const { status, payload, logs } = await post('/introspect', { token }, 'spa');
        expect({ status, payload }).to.equal({ status: 401, payload: '{"error":"invalid_client","error_description":"Client authentication failed"}' });
        expect(logs).to.include({ reason: 'introspection_by_public_client', error: 'invalid_client', client_id: 'spa' });
        expect((await post('/introspect', { token }, 'nobody')).status).to.equal(401);
        expect((await post('/introspect', { token }, null)).status).to.equal(400);
        expect((await post('/introspect', { token, client_id: 'app' }, null)).status).to.equal(401);
        expect(asked).to.be.empty();
    });

    it('rule 25: sees a revoked grant at once, and an end of life', async () => {

        const { open, jwt, opaque, refresh, introspect, store, clock } = bench();
        const [grant, other] = [await open(), await open()];
        const tokens = [await jwt(grant), await opaque(grant), await refresh(grant)];
        const later = [await jwt(other), await opaque(other), await refresh(other)];
        for (const token of tokens) {
            expect(await introspect(token)).to.not.equal(inactive);
        }

        await store.revokeGrant(grant.id);
        for (const token of tokens) {
            expect(await introspect(token)).to.equal(inactive);
        }

        for (const token of later) {
            expect(await introspect(token)).to.not.equal(inactive);
        }

        clock.advance(3600);
        for (const token of later) {
            expect(await introspect(token)).to.equal(inactive);
        }
    });

    it('does not tell a replaced refresh token or a code from an unknown one', async () => {

        const { open, refresh, rotate, code, introspect } = bench();
        const grant = await open();
        const token = await refresh(grant);
        await rotate(token);
        for (const value of [token, await code('authorization_code', grant), await code('device_code', grant), 'unknown']) {
            expect(await introspect(value)).to.equal(inactive);
        }
    });

    it('is not talked into another answer by a token\'s own claims', async () => {

        const { open, jwt, opaque, claimsOf } = bench();
        const grant = await open();
        const odd: Record<string, unknown> = { active: false, token_type: 'forged', flow: 'forged', grant_id: 'forged', client_id: 'forged', constructor: 'c', ...Object(JSON.parse('{"__proto__":{"active":false}}')) };
        for (const make of [jwt, opaque]) {
            const claims = await claimsOf(await make(grant, odd));
            expect(claims).to.include({ active: true, token_type: 'Bearer', client_id: 'app', constructor: 'c' });
            expect(claims).to.not.include(['flow', 'grant_id']);
        }
    });

    it('ignores what is hinted, but refuses a repeated parameter and a missing token', async () => {

        const { open, jwt, post, asked } = bench();
        const token = await jwt(await open());
        for (const hint of ['refresh_token', 'access_token', 'nonsense', '']) {
            expect((await post('/introspect', { token, token_type_hint: hint })).payload).to.include('"active":true');
        }

        asked.length = 0;
        for (const body of ['', 'token=', `token=${token}&token=${token}`, `token=${token}&token_type_hint=a&token_type_hint=a`, `tokens=${token}`]) {
            const { status, payload } = await post('/introspect', body);
            expect(status, body).to.equal(400);
            expect(payload).to.include('"error":"invalid_request"');
        }

        expect(asked).to.be.empty();
    });

    it('attack: answers hostile values like unknown ones', async () => {

        const { open, jwt, keys, clock, introspect } = bench();
        const grant = await open();
        const claims = decodeJwt(await jwt(grant));
        const { token: idToken } = await signIdToken(keys, { issuer, clientId: 'app', alg: 'RS256', ttl: 3600, now: clock.now() }, { sub: 'alice', grant_id: grant.id });
        const none = unsigned({ alg: 'none', typ: 'at+jwt', kid: staticKey('access_token').kid }, claims);
        for (const value of [...hostileTexts.map((text) => text.replace('\ud800', '\ufffd')), idToken, none]) {
            expect(await introspect(value)).to.equal(inactive);
        }
    });

    it('refuses a body that is too large or no form, and every other method', async () => {

        const { post, server } = bench();
        expect((await post('/introspect', { token: 'a'.repeat(70_000) })).status).to.equal(413);
        expect((await server.inject({ method: 'POST', url: '/introspect', payload: { token: 'x' } })).statusCode).to.equal(400);
        expect((await server.inject('/introspect?token=x')).statusCode).to.equal(405);
        expect((await server.inject({ ...form('/introspect', ''), method: 'PUT' })).headers.allow).to.equal('POST');
    });

    it('takes the options of an endpoint', () => {

        const { server } = inspectionServer({ cors: ['https://app.example.com'], options: { tags: ['api'] } });
        expect(server.match('post', '/introspect')?.settings).to.include({ tags: ['api'], description: 'OAuth 2.0 token introspection endpoint' });
        expect(server.match('post', '/introspect')?.settings.cors).to.include({ origin: ['https://app.example.com'], credentials: false });
    });
});
