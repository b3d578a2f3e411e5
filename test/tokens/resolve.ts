import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { decodeJwt } from 'jose';

import { refreshRecord } from '../../lib/grant-types/refresh-token';
import { newGrantId, newTokenValue } from '../../lib/protocol/token-value';
import { grantRecord } from '../../lib/stores/grant';
import { signIdToken } from '../../lib/tokens/id-token';
import { signed, unsigned } from '../fixture/assertion';
import { staticKey } from '../fixture/key-bench';
import { hostileTexts, keptTokens } from '../fixture/kept-tokens';
import { issuer } from '../fixture/resource-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const api = 'https://api.example.com';

describe('resolveToken()', () => {

    it('resolves a signed access token, without the claims that are the server\'s own', async () => {

        const { open, jwt, resolve, clock } = keptTokens();
        const grant = await open();
        const token = await jwt(grant, { plan: 'gold' });
        const now = clock.now() / 1000;
        const { claims, payload, ...resolved } = await resolve(token) ?? {};
        expect(resolved).to.equal({ kind: 'access_token', clientId: 'app', grantId: grant.id, audience: [api] });
        expect({ ...payload }).to.equal(decodeJwt(token));
        expect({ ...claims }).to.equal({ scope: 'a', client_id: 'app', token_type: 'Bearer', exp: now + 3600, iat: now, sub: 'alice', aud: api, iss: issuer, jti: decodeJwt(token).jti, plan: 'gold' });
    });

    it('resolves an opaque access token the same way', async () => {

        const { open, opaque, resolve, clock } = keptTokens();
        const grant = await open();
        const now = clock.now() / 1000;
        const { claims, payload, ...resolved } = await resolve(await opaque(grant, { aud: [api, 'urn:b'], nbf: now - 1, plan: 'gold' })) ?? {};
        expect(resolved).to.equal({ kind: 'access_token', clientId: 'app', grantId: grant.id, audience: [api, 'urn:b'] });
        expect(payload).to.include({ flow: 'login', grant_id: grant.id, plan: 'gold' });
        const { jti, ...others } = { ...claims };
        expect(others).to.equal({ scope: 'a', client_id: 'app', token_type: 'Bearer', exp: now + 3600, iat: now, nbf: now - 1, sub: 'alice', aud: [api, 'urn:b'], iss: issuer, plan: 'gold' });
        expect(jti).to.be.a.string();
    });

    it('resolves a refresh token from its grant, and keeps to itself what a handler put there', async () => {

        const { open, refresh, resolve, clock } = keptTokens();
        const grant = await open();
        const now = clock.now() / 1000;
        expect(await resolve(await refresh(grant))).to.equal({
            kind: 'refresh_token', clientId: 'app', grantId: grant.id, audience: [api],
            claims: { scope: 'a b', client_id: 'app', exp: now + 3600, iat: now, sub: 'alice', aud: [api], iss: issuer, cnf: undefined },
            payload: null
        });
        expect((await resolve(await refresh(await open({ subject: null }))))?.claims.sub).to.equal('app');
    });

    it('says that a refresh token ends with its grant, if that is earlier', async () => {

        const { open, keep, resolve, clock, store } = keptTokens();
        const grant = await open();
        const grantEnd = (await store.findGrant(grant.id))?.expiresAt ?? 0;
        const end = grantEnd + clock.now();
        const token = await keep('refresh_token', grant, (address) => refreshRecord(address, { issuedAt: clock.now(), absoluteExpiresAt: end, method: 'client_secret_basic', confirmation: null, data: {} }, end));
        expect((await resolve(token))?.claims.exp).to.equal(grantEnd / 1000);
    });

    it('says what a token is bound to, and of which type that makes it', async () => {

        const { open, jwt, opaque, refresh, resolve } = keptTokens();
        const grant = await open();
        for (const make of [jwt, opaque]) {
            const bound = async (confirmation: Record<string, unknown>) => (await resolve(await make(grant, { token_type: 'forged' }, { confirmation })))?.claims;
            expect(await bound({ jkt: 'k' })).to.include({ cnf: { jkt: 'k' }, token_type: 'DPoP' });
            expect(await bound({ 'x5t#S256': 'c' })).to.include({ cnf: { 'x5t#S256': 'c' }, token_type: 'Bearer' });
            expect(await bound({ other: 'o' })).to.include({ cnf: { other: 'o' }, token_type: undefined });
        }

        expect((await resolve(await refresh(grant, { method: 'none', confirmation: { jkt: 'k' } })))?.claims.cnf).to.equal({ jkt: 'k' });
        expect((await resolve(await refresh(grant, { confirmation: { jkt: 'k' } })))?.claims.cnf).to.be.undefined();
    });

    it('rule 25: finds every token dead at once when its grant is revoked, and no other grant\'s', async () => {

        const { open, jwt, opaque, refresh, resolve, store } = keptTokens();
        const [grant, other] = [await open(), await open()];
        const tokens = [await jwt(grant), await opaque(grant), await refresh(grant)];
        const others = [await jwt(other), await opaque(other), await refresh(other)];
        for (const token of [...tokens, ...others]) {
            expect(await resolve(token)).to.not.be.null();
        }

        await store.revokeGrant(grant.id);
        for (const token of tokens) {
            expect(await resolve(token)).to.be.null();
        }

        for (const token of others) {
            expect(await resolve(token)).to.not.be.null();
        }
    });

    it('finds dead what a store still holds under a dead grant', async () => {

        const { open, opaque, refresh, resolve, store } = keptTokens();
        const grant = await open();
        const findToken: typeof store.findToken = async (address) => {

            const found = await store.findToken(address);
            return found && { ...found, grant: null };
        };

        for (const token of [await opaque(grant), await refresh(grant)]) {
            expect(await resolve(token, { store: { findToken, findGrant: async () => null, get: async () => null } })).to.be.null();
        }
    });

    it('refuses what has expired, to the second, whatever the store\'s clock says', async () => {

        const { open, jwt, opaque, refresh, resolve, clock } = keptTokens();
        const grant = await open();
        for (const token of [await jwt(grant), await opaque(grant), await refresh(grant)]) {
            const end = clock.now() + 3_600_000;
            expect(await resolve(token, { now: end - 1 })).to.not.be.null();
            expect(await resolve(token, { now: end })).to.be.null();
        }

        for (const make of [jwt, opaque]) {
            expect(await resolve(await make(grant, { nbf: clock.now() / 1000 + 1 }))).to.be.null();
        }
    });

    it('refuses a refresh token that was replaced', async () => {

        const { open, refresh, rotate, resolve } = keptTokens();
        const token = await refresh(await open());
        await rotate(token);
        expect(await resolve(token)).to.be.null();
    });

    it('never resolves a code', async () => {

        const { open, code, resolve, resolveRevocable, store } = keptTokens();
        const grant = await open();
        const asked: unknown[] = [];
        const findToken: typeof store.findToken = async (address) => {

            asked.push(address);
            return await store.findToken(address);
        };

        for (const kind of ['authorization_code', 'device_code'] as const) {
            const value = await code(kind, grant);
            expect(await resolve(value, { store: { findToken, findGrant: async () => null, get: async () => null } })).to.be.null();
            expect(await resolveRevocable(value, { store: { findToken, findGrant: async () => null, get: async () => null } })).to.be.null();
        }

        expect(asked).to.be.empty();
    });

    it('attack: refuses a value relabelled as another kind, or moved to another grant', async () => {

        const { open, opaque, refresh, code, resolve, resolveRevocable } = keptTokens();
        const [grant, other] = [await open(), await open({ clientId: 'victim' })];
        for (const value of [await opaque(grant), await refresh(grant), await code('authorization_code', grant)]) {
            const relabelled = ['a', 'r', 'c', 'd'].filter((letter) => letter !== value[0]).map((letter) => letter + value.slice(1));
            for (const forged of [...relabelled, `${value.charAt(0)}${other.id}${value.slice(23)}`]) {
                expect(await resolve(forged)).to.be.null();
                expect(await resolveRevocable(forged)).to.be.null();
            }
        }
    });

    it('refuses tokens of another issuer', async () => {

        const { open, jwt, opaque, resolve } = keptTokens();
        const grant = await open();
        const foreign = { issuer: 'https://evil.example.com' };
        expect(await resolve(await jwt(grant, {}, foreign))).to.be.null();
        expect(await resolve(await opaque(grant, {}, foreign))).to.be.null();
    });

    it('refuses an access token without a grant, of an unknown grant, or of another client\'s or another grant than it says', async () => {

        const { open, jwt, opaque, resolve } = keptTokens();
        const [grant, other] = [await open(), await open({ clientId: 'other' })];
        expect(await resolve(await jwt(grant, {}, { grantId: undefined }))).to.be.null();
        expect(await resolve(await jwt(grant, {}, { grantId: newGrantId() }))).to.be.null();
        expect(await resolve(await jwt(grant, {}, { grantId: other.id }))).to.be.null();
        expect(await resolve(await opaque(grant, {}, { grantId: other.id }))).to.be.null();
        expect(await resolve(await opaque(grant, {}, { grantId: undefined }))).to.be.null();
        expect(await resolve(await opaque(grant, {}, { clientId: 'other' }))).to.be.null();

        const findGrant = async () => grantRecord(other, 9e15);
        expect(await resolve(await jwt(grant), { store: { findToken: async () => null, findGrant, get: async () => null } })).to.be.null();
    });

    it('attack: refuses ID tokens, and what any other key or algorithm signed', async () => {

        const { open, jwt, keys, clock, resolve, resolveRevocable } = keptTokens();
        const grant = await open();
        const good = await jwt(grant);
        const claims = decodeJwt(good);
        const [accessKey, idKey] = [staticKey('access_token'), staticKey('id_token')];
        const { token: idToken } = await signIdToken(keys, { issuer, clientId: 'app', alg: 'RS256', ttl: 3600, now: clock.now() }, { sub: 'alice', flow: 'login', client_id: 'app', grant_id: grant.id });
        const [head = '', body = '', signature = ''] = good.split('.');
        const forged = [
            idToken,
            await signed({ alg: 'RS256', typ: 'at+jwt', kid: idKey.kid }, claims, { ...idKey.privateJwk }),
            await signed({ alg: 'ES256', typ: 'JWT', kid: accessKey.kid }, claims, { ...accessKey.privateJwk }),
            await signed({ alg: 'ES256', typ: 'at+jwt' }, claims, { ...accessKey.privateJwk }),
            await signed({ alg: 'HS256', typ: 'at+jwt', kid: accessKey.kid }, claims, JSON.stringify(accessKey.publicJwk)),
            unsigned({ alg: 'none', typ: 'at+jwt', kid: accessKey.kid }, claims),
            unsigned({ alg: 'ES256', typ: 'at+jwt', kid: accessKey.kid }, claims),
            unsigned({ alg: 'ES256', typ: 'at+jwt', kid: 'unknown' }, claims, signature),
            `${head}.${Buffer.from(JSON.stringify({ ...claims, sub: 'bob' })).toString('base64url')}.${signature}`,
            `${head}.${body}.`,
            ` ${good}`,
            `${good}.`
        ];
        for (const [index, token] of forged.entries()) {
            expect(await resolve(token), String(index)).to.be.null();
            expect(await resolveRevocable(token), String(index)).to.be.null();
        }
    });

    it('attack: takes no hostile text for a token', async () => {

        const { resolve, resolveRevocable } = keptTokens();
        for (const text of [...hostileTexts, newTokenValue('refresh_token', newGrantId()), newTokenValue('access_token', newGrantId())]) {
            expect(await resolve(text)).to.be.null();
            expect(await resolveRevocable(text)).to.be.null();
        }
    });

    it('throws for a refresh token that is not what was written', async () => {

        const { open, keep, resolve, clock } = keptTokens();
        const token = await keep('refresh_token', await open(), () => ({ value: {}, expiresAt: clock.now() + 1000 }));
        await expect(resolve(token)).to.reject('The store answered a refresh token whose method is not what was written');
    });
});

describe('resolveRevocable()', () => {

    it('finds the client and the grant of every token', async () => {

        const { open, jwt, opaque, refresh, resolveRevocable } = keptTokens();
        const grant = await open();
        const found = { clientId: 'app', grantId: grant.id };
        expect(await resolveRevocable(await jwt(grant))).to.include({ kind: 'access_token', ...found });
        expect(await resolveRevocable(await opaque(grant))).to.include({ kind: 'access_token', ...found });
        expect(await resolveRevocable(await refresh(grant))).to.equal({ kind: 'refresh_token', ...found });
    });

    it('finds a refresh token that was replaced, as long as its grant lives', async () => {

        const { open, refresh, rotate, resolveRevocable, store } = keptTokens();
        const grant = await open();
        const token = await refresh(grant);
        await rotate(token);
        expect(await resolveRevocable(token)).to.equal({ kind: 'refresh_token', clientId: 'app', grantId: grant.id });
        await store.revokeGrant(grant.id);
        expect(await resolveRevocable(token)).to.be.null();
    });
});
