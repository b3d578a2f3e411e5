import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import type { AccessTokenClaims } from '../../lib';
import { VerifiedTokens } from '../../lib/tokens/verified-tokens';
import { tokenBench } from '../fixture/resource-server';
import { keyBench, minute } from '../fixture/key-bench';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

/** What an access token says at least. */
const payload = { iss: 'http://localhost', sub: 'alice', aud: 'http://localhost', exp: 60, iat: 0, jti: 'one', client_id: 'spa', flow: 'login' };

/** A cache, and how often a signature was checked. */
const cacheBench = (most = 100) => {

    const bench = tokenBench();
    let checks = 0;
    const counting = {
        isPublished: bench.keys.isPublished.bind(bench.keys),
        verified: async (...call: Parameters<typeof bench.keys.verified>) => {

            ++checks;
            return await bench.keys.verified(...call);
        }
    };
    return { ...bench, tokens: new VerifiedTokens(counting, most), checks: () => checks };
};

describe('VerifiedTokens', () => {

    it('checks a signature once', async () => {

        const { tokens, sign, checks } = cacheBench();
        const token = await sign('login', { sub: 'alice' });
        for (let i = 0; i < 3; ++i) {
            expect(await tokens.claimsOf(token)).to.include({ sub: 'alice', flow: 'login' });
        }

        expect(checks()).to.equal(1);
    });

    it('gives each request claims of its own', async () => {

        const { tokens, sign } = cacheBench();
        const token = await sign('login', { sub: 'alice', roles: ['user'] });
        for (let i = 0; i < 3; ++i) {
            const claims = await tokens.claimsOf(token);
            expect(claims).to.include({ sub: 'alice', roles: ['user'] });
            Object.assign(claims ?? {}, { sub: 'mallory' });
        }
    });

    it('lets nobody change what is inside of them for the next request', async () => {

        const { tokens, sign } = cacheBench();
        const token = await sign('login', { sub: 'alice', roles: ['user'], rights: { reports: { read: true } }, team: null });
        for (let i = 0; i < 3; ++i) {
            const claims = await tokens.claimsOf(token);
            const { roles, rights }: Readonly<Record<string, unknown>> = claims ?? {};
            expect(claims).to.include({ roles: ['user'], rights: { reports: { read: true } } });
            expect(() => Array.isArray(roles) && roles.push('admin')).to.throw(TypeError);
            expect(() => Object.assign(Object(rights).reports, { write: true })).to.throw(TypeError);
        }
    });

    it('takes no signed claims that are not those of an access token', async () => {

        const { keys, tokens } = cacheBench();
        keys.use('access_token', 'ES256');
        const { token } = await keys.sign('access_token', 'ES256', 'at+jwt', { sub: 'alice' });
        expect(await tokens.claimsOf(token)).to.be.null();
        expect(await tokens.claimsOf(token)).to.be.null();
    });

    it('takes no token that differs from one it knows, in whatever part', async () => {

        const { tokens, sign } = cacheBench();
        const token = await sign('login', { sub: 'alice' });
        const [header = '', payload = '', signature = ''] = token.split('.');
        expect(await tokens.claimsOf(token)).to.not.be.null();
        const forged = Buffer.from(JSON.stringify({ sub: 'mallory' })).toString('base64url');
        for (const other of [`${header}.${forged}.${signature}`, `${header}.${payload}.${signature.slice(0, -2)}AA`, `${header}.${payload}.`, `${forged}.${payload}.${signature}`, ` ${token}`, token.toUpperCase(), '', 'a.b.c']) {
            expect(await tokens.claimsOf(other), other).to.be.null();
        }
    });

    it('remembers nothing of a token that was refused', async () => {

        const { tokens, checks } = cacheBench();
        expect(await tokens.claimsOf('a.b.c')).to.be.null();
        expect(await tokens.claimsOf('a.b.c')).to.be.null();
        expect(checks()).to.equal(2);
    });

    it('rule 24: forgets a token with the key that signed it', async () => {

        const { keys, clock } = keyBench();
        keys.use('access_token', 'ES256');
        const tokens = new VerifiedTokens(keys, 100);
        const { token } = await keys.sign('access_token', 'ES256', 'at+jwt', payload);
        expect(await tokens.claimsOf(token)).to.equal(payload);
        clock.advance(69.9 * 60);
        await keys.jwks();                                  // Publishes the next key, ten minutes before it signs
        expect(await tokens.claimsOf(token)).to.equal(payload);
        clock.advance(21 * 60);
        expect(await tokens.claimsOf(token)).to.be.null();
        expect(await tokens.claimsOf(token)).to.be.null();
    });

    it('knows a token still when the keys were read anew, and waits for that', async () => {

        const { keys, clock } = keyBench();
        keys.use('access_token', 'ES256');
        let checks = 0;
        const tokens = new VerifiedTokens({
            isPublished: (...call) => keys.isPublished(...call),
            verified: async (...call) => {

                ++checks;
                return await keys.verified(...call);
            }
        }, 100);
        const { token } = await keys.sign('access_token', 'ES256', 'at+jwt', payload);
        expect(await tokens.claimsOf(token)).to.equal(payload);
        expect(tokens.claimsOf(token)).to.equal(payload);           // At once
        clock.advance(minute / 1000);
        const answer = tokens.claimsOf(token);
        expect(answer).to.be.an.instanceOf(Promise);
        expect(await answer).to.equal(payload);
        expect(checks).to.equal(1);
    });

    it('rule 24: forgets a token with a key that the store holds no more', async () => {

        const { keys, clock, store } = keyBench();
        keys.use('access_token', 'ES256');
        const tokens = new VerifiedTokens(keys, 100);
        const { token } = await keys.sign('access_token', 'ES256', 'at+jwt', payload);
        expect(await tokens.claimsOf(token)).to.equal(payload);
        for (const { id } of await store.list()) {
            await store.delete(id);
        }

        clock.advance(minute / 1000);
        expect(await tokens.claimsOf(token)).to.be.null();
    });

    it('remembers no more than it may, and no text that is very long', async () => {

        const { tokens, sign, checks } = cacheBench(2);
        const signed = await Promise.all(['a', 'b', 'c'].map((sub) => sign('login', { sub })));
        for (const token of [...signed, ...signed]) {
            await tokens.claimsOf(token);
        }

        expect(checks()).to.equal(6);
        const claims: AccessTokenClaims = { sub: 'alice', long: 'x'.repeat(8192) };
        const long = await sign('login', claims);
        expect(await tokens.claimsOf(long)).to.include({ sub: 'alice' });
        expect(await tokens.claimsOf(long)).to.include({ sub: 'alice' });
        expect(checks()).to.equal(8);
    });

    it('checks each time where it may remember none', async () => {

        const { tokens, sign, checks } = cacheBench(0);
        const token = await sign('login', { sub: 'alice' });
        expect(await tokens.claimsOf(token)).to.include({ sub: 'alice' });
        expect(await tokens.claimsOf(token)).to.include({ sub: 'alice' });
        expect(await tokens.claimsOf('a.b.c')).to.be.null();
        expect(checks()).to.equal(3);
    });
});
