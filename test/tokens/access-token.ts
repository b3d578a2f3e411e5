import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { decodeJwt, decodeProtectedHeader } from 'jose';

import { accessTokenPayload, alivePayload, isFor, readAccessToken, signAccessToken, verifyAccessToken, type AccessTokenClaims } from '../../lib/tokens/access-token';
import { signed } from '../fixture/assertion';
import { staticKey } from '../fixture/key-bench';
import { issuer, tokenBench } from '../fixture/resource-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const sign = async (claims: AccessTokenClaims = {}, confirmation?: { jkt: string }) => {

    const { keys, issue } = tokenBench();
    return await signAccessToken(keys, issue('login', confirmation), claims);
};

const claimsOf = async (claims: AccessTokenClaims = {}, confirmation?: { jkt: string }) => decodeJwt((await sign(claims, confirmation)).token);
const now = tokenBench().clock.now() / 1000;

describe('signAccessToken()', () => {

    it('makes the JWT of RFC 9068 §2, and says how long it lives and which key signed it', async () => {

        const { token, kid, expiresIn } = await sign({ sub: 'alice', scope: 'a b', plan: 'gold' });
        expect(decodeProtectedHeader(token)).to.equal({ alg: 'ES256', typ: 'at+jwt', kid: staticKey('access_token').kid });
        const { jti, ...claims } = decodeJwt(token);
        expect(claims).to.equal({ iss: issuer, sub: 'alice', aud: issuer, iat: now, exp: now + 3600, client_id: 'app', scope: 'a b', flow: 'login', plan: 'gold' });
        expect(jti).to.match(/^[0-9a-f-]{36}$/);
        expect({ kid, expiresIn }).to.equal({ kid: staticKey('access_token').kid, expiresIn: 3600 });
    });

    it('rule 17: stands for the client itself without a subject', async () => {

        expect(await claimsOf()).to.include({ sub: 'app', client_id: 'app', aud: issuer }).and.to.not.include('scope');
    });

    it('gives every token a jti of its own', async () => {

        const jtis = await Promise.all([claimsOf(), claimsOf(), claimsOf()]);
        expect(new Set(jtis.map(({ jti }) => jti)).size).to.equal(3);
    });

    it('takes audience and scope as a text or a list', async () => {

        expect(await claimsOf({ aud: 'https://api', scope: ['a', 'b'] })).to.include({ aud: 'https://api', scope: 'a b' });
        expect(await claimsOf({ aud: ['https://a', 'https://b'], scope: [] })).to.include({ aud: ['https://a', 'https://b'] }).and.to.not.include('scope');
    });

    it('rule 18: a handler cannot set typ, iss, iat, exp, jti, client_id, flow, grant_id or cnf', async () => {

        const forged = { typ: 'JWT', iss: 'https://evil.example.com', iat: 1, exp: 9e9, jti: 'mine', client_id: 'admin', flow: 'other', grant_id: 'mine', cnf: { jkt: 'mine' } };
        // @ts-expect-error as plain JavaScript may call it
        const { token } = await sign(forged);
        expect(decodeProtectedHeader(token).typ).to.equal('at+jwt');
        const { jti, ...claims } = decodeJwt(token);
        expect(claims).to.equal({ iss: issuer, sub: 'app', aud: issuer, iat: now, exp: now + 3600, client_id: 'app', flow: 'login' });
        expect(jti).to.not.equal('mine');
    });

    it('is bound to what the request proved', async () => {

        expect(await claimsOf({ cnf: { jkt: 'forged' } }, { jkt: 'proven' })).to.include({ cnf: { jkt: 'proven' } });
    });
});

describe('accessTokenPayload()', () => {

    const issue = { issuer, clientId: 'app', flow: 'login', ttl: 60, now: now * 1000 + 999, confirmation: undefined };

    it('makes the claims of a token, which names its grant and the exchange it came from', () => {

        const { jti, ...claims } = accessTokenPayload({ ...issue, grantId: 'g', exchangeId: 'e', audience: 'https://api', confirmation: { jkt: 'k' } }, { sub: 'alice', plan: 'gold', scope: ['a', 'b'] });
        expect(claims).to.equal({
            iss: issuer, sub: 'alice', aud: 'https://api', iat: now, exp: now + 60, client_id: 'app', flow: 'login', cnf: { jkt: 'k' }, grant_id: 'g', exchange_id: 'e', scope: 'a b', plan: 'gold'
        });
        expect(jti).to.match(/^[0-9a-f-]{36}$/);
    });

    it('rule 18: takes none of the framework\'s claims from a handler', () => {

        const forged = { typ: 'JWT', iss: 'evil', iat: 1, exp: 9e9, jti: 'mine', client_id: 'admin', flow: 'other', grant_id: 'mine', exchange_id: 'mine', cnf: { jkt: 'mine' } };
        // @ts-expect-error as plain JavaScript may call it
        const { jti, ...claims } = accessTokenPayload(issue, forged);
        expect(claims).to.equal({
            iss: issuer, sub: 'app', aud: issuer, iat: now, exp: now + 60, client_id: 'app', flow: 'login', cnf: undefined, grant_id: undefined, exchange_id: undefined, scope: undefined
        });
        expect(jti).to.not.equal('mine');
    });

    it('prefers what a handler says of the audience', () => {

        expect(accessTokenPayload({ ...issue, audience: 'https://api' }, { aud: 'https://own' }).aud).to.equal('https://own');
        expect(accessTokenPayload(issue, {}).aud).to.equal(issuer);
    });
});

describe('alivePayload()', () => {

    const claims = { iss: issuer, sub: 'alice', aud: 'https://api', iat: 100, exp: 200, jti: 'j', client_id: 'app', flow: 'login', nbf: 110, grant_id: 'g', scope: 'a', cnf: { jkt: 'k' } };
    const at = (seconds: number, own: object = {}) => alivePayload({ ...claims, ...own }, { issuer, now: seconds * 1000 });

    it('answers the claims of a token that is alive, whomever it is for', () => {

        expect(at(110)).to.equal(claims);
        expect(at(199.999)).to.equal(claims);
        expect(at(110, { aud: [] })).to.not.be.null();
        expect(at(0, { nbf: undefined })).to.not.be.null();
    });

    it('answers nothing for a token of another time or issuer, or for none', () => {

        for (const answer of [at(109.999), at(200), at(150, { iss: 'https://evil.example.com' }), alivePayload(null, { issuer, now: 150_000 }), alivePayload({}, { issuer, now: 150_000 })]) {
            expect(answer).to.be.null();
        }
    });

    it('takes only the grant and the exchange of a token that are texts or left out', () => {

        expect(at(150, { grant_id: undefined, exchange_id: 'e' })).to.not.be.null();
        for (const grantId of [null, 7, {}, ['g'], true]) {
            expect(at(150, { grant_id: grantId })).to.be.null();
            expect(at(150, { exchange_id: grantId })).to.be.null();
        }
    });

    it('knows whom a token is for', () => {

        const payload = (aud: unknown) => at(150, { aud });
        for (const [aud, is] of [['https://api', true], [['x', 'https://api'], true], ['https://api/', false], ['xhttps://apix', false], [[], false]] as const) {
            const found = payload(aud);
            expect(found !== null && isFor(found, 'https://api')).to.equal(is);
        }
    });
});

describe('readAccessToken()', () => {

    it('answers the claims of a token for whomever, if this server signed it and it is alive', async () => {

        const { keys, issue, sign: issued } = tokenBench();
        const token = await issued('login', { sub: 'alice', aud: 'https://elsewhere' });
        expect(await readAccessToken(keys, token, { issuer, now: now * 1000 })).to.equal({ ...decodeJwt(token) });
        expect(await readAccessToken(keys, token, { issuer, now: (now + 3600) * 1000 })).to.be.null();
        expect(await readAccessToken(keys, token, { issuer: 'https://other.example.com', now: now * 1000 })).to.be.null();
        expect(await readAccessToken(keys, 'opaque', { issuer, now: now * 1000 })).to.be.null();

        const named = await signAccessToken(keys, { ...issue('login'), grantId: 'g' }, {});
        expect(await readAccessToken(keys, named.token, { issuer, now: now * 1000 })).to.include({ grant_id: 'g' });
        const { kid, privateJwk } = staticKey('access_token');
        const idToken = await signed({ alg: 'ES256', typ: 'JWT', kid }, { ...decodeJwt(token) }, { ...privateJwk });
        expect(await readAccessToken(keys, idToken, { issuer, now: now * 1000 })).to.be.null();
    });
});

describe('verifyAccessToken()', () => {

    const good = { iss: issuer, sub: 'alice', aud: issuer, iat: now, exp: now + 60, jti: 'j', client_id: 'app', flow: 'login', scope: 'a' };

    /** Whether a token with these claims and the server's own signature is accepted, a second after it was signed. */
    const accepts = async (own: Record<string, unknown>, expectation = {}) => {

        const { keys } = tokenBench();
        const { kid, privateJwk } = staticKey('access_token');
        const token = await signed({ alg: 'ES256', typ: 'at+jwt', kid }, { ...good, ...own }, { ...privateJwk });
        return await verifyAccessToken(keys, token, { issuer, audience: issuer, now: (now + 1) * 1000, ...expectation }) !== null;
    };

    it('answers the claims of a good token', async () => {

        const { keys, sign: issue } = tokenBench();
        const token = await issue('login', { sub: 'alice' });
        expect(await verifyAccessToken(keys, token, { issuer, audience: issuer, now: now * 1000 })).to.equal({ ...decodeJwt(token) });
        expect(await accepts({})).to.be.true();
    });

    it('refuses another issuer', async () => {

        expect(await accepts({ iss: 'https://evil.example.com' })).to.be.false();
        expect(await accepts({ iss: `${issuer}/` })).to.be.false();
        expect(await accepts({}, { issuer: 'https://other.example.com' })).to.be.false();
    });

    it('refuses another audience, and accepts one of several', async () => {

        expect(await accepts({ aud: 'https://api.example.com' })).to.be.false();
        expect(await accepts({ aud: ['https://api.example.com'] })).to.be.false();
        expect(await accepts({ aud: [] })).to.be.false();
        expect(await accepts({ aud: ['https://api.example.com', issuer] })).to.be.true();
        expect(await accepts({}, { audience: 'https://api.example.com' })).to.be.false();
    });

    it('refuses a token that has expired, to the second', async () => {

        expect(await accepts({ exp: now + 2 })).to.be.true();
        expect(await accepts({ exp: now + 1 })).to.be.false();
        expect(await accepts({ exp: now - 1 })).to.be.false();
    });

    it('refuses a token whose time has not come (RFC 7519 §4.1.5)', async () => {

        expect(await accepts({ nbf: now + 1 })).to.be.true();
        expect(await accepts({ nbf: now + 2 })).to.be.false();
        expect(await accepts({ nbf: String(now) })).to.be.false();
    });

    for (const claim of ['iss', 'sub', 'aud', 'exp', 'iat', 'jti', 'client_id', 'flow']) {
        it(`refuses a token without ${claim}, or with one of another type`, async () => {

            for (const value of [undefined, null, {}, claim === 'exp' || claim === 'iat' ? String(now + 60) : 7, claim === 'aud' ? [issuer, 7] : [issuer]]) {
                expect(await accepts({ [claim]: value }), JSON.stringify(value)).to.be.false();
            }
        });
    }

    it('refuses a scope that is no text', async () => {

        expect(await accepts({ scope: ['a'] })).to.be.false();
        expect(await accepts({ scope: undefined })).to.be.true();
    });

    it('refuses a text that is no token of ours', async () => {

        expect(await verifyAccessToken(tokenBench().keys, 'opaque', { issuer, audience: issuer, now: now * 1000 })).to.be.null();
    });
});
