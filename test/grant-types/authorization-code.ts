import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OAuth2Error } from '../../lib';
import { authorizationCode, codeRecord, proveAuthorizationCode, type AuthorizationCodeParameters, type CodeBinding } from '../../lib/grant-types/authorization-code';
import type { ProofRequest } from '../../lib/grant-types/proof';
import { Form } from '../../lib/protocol/form';
import { verifyCodeVerifier } from '../../lib/protocol/pkce';
import { newGrantId, newTokenValue } from '../../lib/protocol/token-value';
import { grantRecord, type Grant } from '../../lib/stores/grant';
import { epoch } from '../fixture/clock';
import { codeChallenge, codeVerifier } from '../fixture/flows';
import { aliceGrant, grantBench, many, placeOf } from '../fixture/grants';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('The grant type authorization_code', () => {

    it('reads the code, the verifier and the redirect URI', () => {

        expect(authorizationCode.type).to.equal('authorization_code');
        expect(authorizationCode.read(Form.from({ code: 'c', code_verifier: 'v', redirect_uri: 'https://app.example.com', other: 'x' }))).to.include({ code: 'c', codeVerifier: 'v', redirectUri: 'https://app.example.com' });
        expect(authorizationCode.read(Form.from({ code: 'c' }))).to.include({ codeVerifier: undefined, redirectUri: undefined });
        expect(() => authorizationCode.read(Form.from({ code: 'c', code_verifier: ['a', 'b'] }))).to.throw(OAuth2Error);
    });

    it('gives the check of a verifier, which may be destructured', () => {

        const { verifyCodeVerifier: verify } = authorizationCode.read(Form.from({ code: 'c' }));
        expect(verify(codeVerifier, codeChallenge)).to.be.true();
        expect(verify(codeVerifier, codeVerifier)).to.be.false();
        expect(verify(undefined, codeChallenge)).to.be.false();
        expect(verify(codeVerifier)).to.be.false();
    });

    it('needs its code, once', () => {

        for (const form of [{}, { code: '' }, { code: ['a', 'b'] }]) {
            expect(() => authorizationCode.read(Form.from(form))).to.throw(OAuth2Error, /^The parameter 'code'/);
        }
    });
});

const lifeMs = 60_000;
const uri = 'https://app.example.com/cb';

/** A code of alice, and what its client sends with it. */
const issueCode = async (binding: Partial<CodeBinding> = {}, grant: Partial<Grant> = {}) => {

    const bench = grantBench();
    const id = newGrantId();
    const code = newTokenValue('authorization_code', id);
    const now = bench.clock.now();
    const record = codeRecord(placeOf(code), { issuedAt: now, expiresAt: now + lifeMs, redirectUri: uri, redirectUriNamed: true, codeChallenge, nonce: 'n', data: { own: 1 }, ...binding });
    await bench.store.openGrant(grantRecord(aliceGrant(id, grant), now + lifeMs + 600_000), [record]);
    const prove = (changes: Partial<AuthorizationCodeParameters> = {}, request: Partial<ProofRequest> = {}) =>
        proveAuthorizationCode({ code, codeVerifier, redirectUri: uri, verifyCodeVerifier, ...changes }, bench.request(request));
    const lives = async () => await bench.store.findGrant(id) !== null;
    return { ...bench, id, code, record, prove, lives };
};

const other = 'a'.repeat(43);

describe('codeRecord()', () => {

    it('is kept ten minutes longer than the code lives, and does not hold the code', async () => {

        const { code, record, id } = await issueCode();
        expect(record).to.equal({
            kind: 'authorization_code', grantId: id, key: placeOf(code).key, expiresAt: epoch + lifeMs + 600_000,
            value: { issuedAt: epoch, expiresAt: epoch + lifeMs, redirectUri: uri, redirectUriNamed: true, codeChallenge, nonce: 'n', data: { own: 1 } }
        });
        expect(JSON.stringify(record)).to.not.include(code);
    });
});

describe('proveAuthorizationCode()', () => {

    it('answers the grant, what was presented and what the request is for', async () => {

        const { prove, code, id } = await issueCode({ issuedAt: epoch + 999, expiresAt: epoch + lifeMs + 999 });
        const { settle: _settle, abandon: _abandon, ...proof } = await prove({}, { narrow: () => ({ audience: ['x'], scopes: ['read'] }) });
        const grant = aliceGrant(id);
        expect(proof).to.equal({
            grant, nonce: 'n', lineage: null, target: { audience: ['x'], scopes: ['read'] },
            presented: { type: 'authorization_code', value: code, grant, subject: 'alice', issuedAt: epoch / 1000, expiresAt: epoch / 1000 + 60, active: true }
        });
    });

    it('stores what was issued with the grant, which then lives as long', async () => {

        const { prove, store, clock, id } = await issueCode();
        clock.advance(30);
        const proof = await prove();
        const token = { kind: 'refresh_token', grantId: id, key: 'k', value: { a: 1 }, expiresAt: epoch + 9e6 };
        expect(await proof.settle({ tokens: [token], expiresAt: epoch + 9e6, reply: {} })).to.be.true();
        clock.advance(8969);
        expect(await store.findToken(token)).to.include({ value: { a: 1 }, used: false });
        expect(await store.findGrant(id)).to.include({ usedAt: epoch + 30_000 });
    });

    it('ends the grant of a request that failed later on', async () => {

        const { prove, lives } = await issueCode();
        const { abandon } = await prove();
        expect(await lives()).to.be.true();
        await abandon();
        expect(await lives()).to.be.false();
    });

    it('refuses a text that is no code, one that was never issued, and another kind of token', async () => {

        const { prove, store, id } = await issueCode();
        const refresh = newTokenValue('refresh_token', id);
        await store.addTokens(id, [{ ...placeOf(refresh), value: {}, expiresAt: epoch + lifeMs }]);
        for (const code of ['', 'c', 'c'.repeat(66), newTokenValue('authorization_code', id), newTokenValue('authorization_code', newGrantId()), refresh]) {
            expect(await refusal(() => prove({ code }))).to.equal({ code: 'invalid_grant', reason: 'code_unknown' });
        }
    });

    it('says the same of every code that it refuses', async () => {

        const { prove } = await issueCode();
        for (const call of [prove({ code: 'x' }), prove({ redirectUri: 'x' }), prove({ codeVerifier: other }), prove({}, { clientId: 'evil' })]) {
            await expect(call).to.reject(OAuth2Error, 'The code or token is not valid');
        }
    });

    const attempts: Readonly<Record<string, readonly [string, Partial<AuthorizationCodeParameters>, Partial<ProofRequest>]>> = {
        'by another client': ['code_of_another_client', {}, { clientId: 'evil' }],
        'at another flow': ['code_of_another_client', {}, { flow: 'other' }],
        'with another redirect URI': ['redirect_uri_differs', { redirectUri: `${uri}/` }, {}],
        'with an empty redirect URI': ['redirect_uri_differs', { redirectUri: '' }, {}],
        'with another verifier': ['pkce_mismatch', { codeVerifier: other }, {}],
        'with the challenge as verifier': ['pkce_mismatch', { codeVerifier: codeChallenge }, {}],
        'without a verifier': ['pkce_mismatch', { codeVerifier: undefined }, {}],
        'for what was not granted': ['wanted too much', {}, { narrow: () => { throw new OAuth2Error('invalid_grant', 'No', { reason: 'wanted too much' }); } }]
    };

    for (const [how, [reason, parameters, request]] of Object.entries(attempts)) {
        it(`rule 9: a code tried ${how} stays good for its client`, async () => {

            const { prove, reports } = await issueCode();
            expect(await refusal(() => prove(parameters, request))).to.equal({ code: 'invalid_grant', reason });
            expect(await refusal(() => prove())).to.be.null();
            expect(reports).to.equal([]);
        });

        it(`rule 11: a used code tried ${how} changes nothing`, async () => {

            const { prove, reports, lives } = await issueCode();
            await prove();
            expect(await refusal(() => prove(parameters, request))).to.equal({ code: 'invalid_grant', reason });
            expect(await lives()).to.be.true();
            expect(reports).to.equal([]);
        });
    }

    it('rule 11: a second use that passes everything ends the grant and says so', async () => {

        const { prove, reports, lives, id, store, clock } = await issueCode();
        const proof = await prove();
        clock.advance(60 + 599);                            // Long after the code has expired
        expect(await refusal(() => prove())).to.equal({ code: 'invalid_grant', reason: 'code_reused' });
        expect(await lives()).to.be.false();
        expect(reports).to.equal([{ event: 'reused', what: 'authorization_code', grant_id: id, client_id: 'app', subject: 'alice' }]);
        expect(await refusal(() => prove())).to.equal({ code: 'invalid_grant', reason: 'code_unknown' });

        const token = { kind: 'refresh_token', grantId: id, key: 'k', value: {}, expiresAt: epoch + 9e6 };
        expect(await proof.settle({ tokens: [token], expiresAt: epoch + 9e6, reply: {} })).to.be.true();
        expect(await store.findToken(token)).to.be.null();  // Dead before it was born
    });

    it('rule 11: of 200 requests at once exactly one has a proof, and its tokens are dead', async () => {

        const { prove, lives, reports } = await issueCode();
        const answers = await Promise.all(Array.from({ length: many }, () => refusal(() => prove())));
        expect(answers.filter((answer) => answer === null)).to.have.length(1);
        expect(answers.filter((answer) => answer !== null && answer.code !== 'invalid_grant')).to.equal([]);
        expect(await lives()).to.be.false();
        expect(reports.length).to.be.at.least(1);
    });

    it('a code is good until its last moment, and not used up after it', async () => {

        for (const [seconds, reason] of [[59.999, null], [60, 'code_expired'], [600, 'code_expired'], [660, 'code_unknown']] as const) {
            const { prove, clock, lives, reports } = await issueCode();
            clock.advance(seconds);
            expect((await refusal(() => prove()))?.reason ?? null).to.equal(reason);
            expect((await refusal(() => prove()))?.reason).to.equal(reason ?? 'code_reused');
            expect(await lives()).to.equal(reason === 'code_expired');
            expect(reports).to.have.length(reason === null ? 1 : 0);
        }
    });

    it('a grant that was revoked a moment ago ends in a refusal that reports nothing', async () => {

        const { prove, store, id, reports } = await issueCode();
        const narrow = () => {

            void store.revokeGrant(id);                     // In memory, done when it is called
            return { audience: [], scopes: [] };
        };

        expect(await refusal(() => prove({}, { narrow }))).to.equal({ code: 'invalid_grant', reason: 'code_expired' });
        expect(reports).to.equal([]);
    });

    it('rule 13: the redirect URI may be absent with PKCE, or if the authorization request had none', async () => {

        const absent = { redirectUri: undefined };
        for (const [binding, parameters, reason] of [
            [{}, absent, null],
            [{ codeChallenge: null }, { ...absent, codeVerifier: undefined }, 'redirect_uri_differs'],
            [{ codeChallenge: null, redirectUriNamed: false }, { ...absent, codeVerifier: undefined }, null],
            [{ codeChallenge: null, redirectUriNamed: false }, { codeVerifier: undefined }, null],
            [{ codeChallenge: null, redirectUriNamed: false }, { codeVerifier: undefined, redirectUri: 'https://app.example.com' }, 'redirect_uri_differs'],
            [{ redirectUriNamed: false }, { redirectUri: 'https://app.example.com' }, 'redirect_uri_differs']
        ] as const) {
            const { prove } = await issueCode(binding);
            expect((await refusal(() => prove(parameters)))?.reason ?? null).to.equal(reason);
        }
    });

    it('rule 12: a verifier for a code without a challenge is refused', async () => {

        const { prove } = await issueCode({ codeChallenge: null });
        expect(await refusal(() => prove())).to.equal({ code: 'invalid_grant', reason: 'pkce_mismatch' });
        expect(await refusal(() => prove({ codeVerifier: '' }))).to.equal({ code: 'invalid_grant', reason: 'pkce_mismatch' });
        expect(await refusal(() => prove({ codeVerifier: undefined }))).to.be.null();
    });

    it('refuses a code without a user', async () => {

        const { prove } = await issueCode({}, { subject: null });
        expect(await refusal(() => prove())).to.equal({ code: 'invalid_grant', reason: 'code_of_another_client' });
    });

    it('throws for nonsense from the store', async () => {

        for (const name of ['issuedAt', 'expiresAt', 'redirectUri', 'redirectUriNamed', 'codeChallenge', 'nonce', 'data']) {
            const { prove, store, record } = await issueCode();
            const findToken = store.findToken.bind(store);
            store.findToken = async (address) => {

                const found = await findToken(address);
                return found === null ? null : { ...found, value: { ...record.value, [name]: ['nonsense'] } };
            };

            await expect(prove()).to.reject(Error, `The store answered a code whose ${name} is not what was written`);
        }
    });

    it('refuses a code whose grant a store remembers as dead', async () => {

        const { store, prove, record } = await issueCode();
        store.findToken = async () => ({ ...record, version: 1, used: true, grant: null });
        expect(await refusal(() => prove())).to.equal({ code: 'invalid_grant', reason: 'code_unknown' });
    });
});
