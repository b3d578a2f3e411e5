import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { readAuthorizationParameters, readAuthorizationRequest, readState, type AuthorizationRequestRules } from '../../lib/protocol/authorization-request';
import { Form } from '../../lib/protocol/form';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
const good = { client_id: 'spa', redirect_uri: 'https://app.example.com/cb', response_type: 'code', code_challenge: challenge, code_challenge_method: 'S256' };
const rules = { scopes: new Set(['openid', 'email']), dropUnknownScopes: false, requirePkce: true };

describe('readAuthorizationRequest()', () => {

    const read = (own: Record<string, unknown>, ownRules: Partial<AuthorizationRequestRules> = {}) => readAuthorizationRequest(Form.from({ ...good, ...own }), { ...rules, ...ownRules });
    const refused = (own: Record<string, unknown>, ownRules: Partial<AuthorizationRequestRules> = {}) => refusal(() => read(own, ownRules));

    it('reads what was sent', () => {

        expect(read({ scope: 'openid email', state: 'a b&c', nonce: 'n', resource: ['https://a', 'https://b'], response_mode: 'query', code_challenge_method: 'S256', display: 'popup' })).to.equal({
            clientId: 'spa', redirectUri: 'https://app.example.com/cb', responseType: 'code', scope: 'openid email', state: 'a b&c', nonce: 'n',
            resource: ['https://a', 'https://b'], codeChallenge: challenge, codeChallengeMethod: 'S256'
        });
        expect(read({})).to.equal({
            clientId: 'spa', redirectUri: 'https://app.example.com/cb', responseType: 'code', scope: undefined, state: undefined, nonce: undefined,
            resource: [], codeChallenge: challenge, codeChallengeMethod: 'S256'
        });
    });

    it('reads the claims of an OpenID request, and of no other', async () => {

        const claims = '{"userinfo":{"email":null}}';
        expect(read({ scope: 'openid', claims }).claims).to.equal({ userinfo: [{ name: 'email', essential: false, values: [] }], id_token: [] });
        expect(read({ scope: 'email', claims: 'x' })).to.not.include('claims');
        expect(await refused({ scope: 'openid', claims: 'x' })).to.equal({ code: 'invalid_request', reason: 'claims_unusable' });
        expect(await refused({ scope: 'openid', claims: [claims, claims] })).to.equal({ code: 'invalid_request', reason: 'repeated_parameter' });
    });

    for (const name of ['client_id', 'redirect_uri', 'response_type']) {
        it(`requires ${name}`, async () => {

            expect(await refused({ [name]: '' })).to.equal({ code: 'invalid_request', reason: 'missing_parameter' });
        });
    }

    for (const name of ['client_id', 'redirect_uri', 'response_type', 'state', 'nonce', 'scope', 'response_mode', 'code_challenge', 'code_challenge_method']) {
        it(`rule 27: refuses a repeated ${name}`, async () => {

            expect(await refused({ [name]: ['query', 'query'] })).to.equal({ code: 'invalid_request', reason: 'repeated_parameter' });
        });
    }

    it('refuses every response_type but code', async () => {

        for (const type of ['token', 'id_token', 'code token', 'none', 'CODE']) {
            expect(await refused({ response_type: type })).to.equal({ code: 'unsupported_response_type', reason: 'unsupported_response_type' });
        }
    });

    it('refuses a response_mode that is not served, rather than answering in another', async () => {

        expect(await refused({ response_mode: 'fragment' })).to.equal({ code: 'invalid_request', reason: 'response_mode' });
    });

    it('refuses request objects, rather than ignoring what they say', async () => {

        expect((await refused({ request: 'a.b.c' }))?.code).to.equal('request_not_supported');
        expect((await refused({ request_uri: 'https://a' }))?.code).to.equal('request_uri_not_supported');
        expect((await refused({ request: ['a', 'b'] }))?.code).to.equal('invalid_request');
        expect(await refused({ registration: '' })).to.be.null();
        for (const registration of ['{}', '{"client_name":"x"}', 'nonsense']) {
            expect(await refused({ registration })).to.equal({ code: 'registration_not_supported', reason: 'registration_not_supported' });
        }

        expect(await refused({ request: '', request_uri: '' })).to.be.null();
    });

    it('refuses a redirect URI that nothing may be sent to', async () => {

        expect(await refused({ redirect_uri: 'javascript:alert(1)' })).to.equal({ code: 'invalid_request', reason: 'redirect_uri_malformed' });
    });

    it('rule 12: requires PKCE unless told otherwise, and checks a challenge in any case', async () => {

        const without = { code_challenge: '', code_challenge_method: '' };
        expect(await refused(without)).to.equal({ code: 'invalid_request', reason: 'pkce_missing' });
        expect(read(without, { requirePkce: false })).to.include({ codeChallenge: undefined, codeChallengeMethod: undefined });
        expect(await refused({ code_challenge_method: 'plain' }, { requirePkce: false })).to.equal({ code: 'invalid_request', reason: 'pkce_method' });
    });

    it('rule 15: drops unknown scopes of an OpenID request where told to, and refuses them otherwise', async () => {

        expect(await refused({ scope: 'openid x' })).to.equal({ code: 'invalid_scope', reason: 'unknown_scope' });
        expect(read({ scope: 'openid x' }, { dropUnknownScopes: true }).scope).to.equal('openid');
    });
});

describe('readAuthorizationParameters()', () => {

    it('looks neither at the client nor at the redirect URI', () => {

        const { client_id: _clientId, redirect_uri: _redirectUri, ...rest } = good;
        expect(readAuthorizationParameters(Form.from({ ...rest, client_id: ['a', 'b'], redirect_uri: 'javascript:x', state: 's' }), rules)).to.equal({
            responseType: 'code', scope: undefined, state: 's', nonce: undefined, resource: [], codeChallenge: challenge, codeChallengeMethod: 'S256'
        });
    });
});

describe('readState()', () => {

    it('is what was sent, and refuses what was no UTF-8 on the way here', async () => {

        expect([readState(Form.from({ state: 'a ü \u2603' })), readState(Form.from({}))]).to.equal(['a ü \u2603', undefined]);
        expect((await refusal(() => readState(Form.from({ state: 'caf\uFFFD' }))))?.reason).to.equal('state_malformed');
        expect((await refusal(() => readAuthorizationRequest(Form.from({ ...good, state: '\uFFFD' }), rules)))?.reason).to.equal('state_malformed');
    });
});
