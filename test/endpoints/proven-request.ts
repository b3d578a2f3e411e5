import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { provenRequest, registeredRedirect, type ProvenRequestRules } from '../../lib/endpoints/proven-request';
import { OAuth2Error } from '../../lib/error';
import { Form } from '../../lib/protocol/form';
import { registeredClients } from '../fixture/authorization';
import { codeChallenge, redirectUri } from '../fixture/flows';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const rules: ProvenRequestRules = {
    findClient: (clientId) => registeredClients.find(clientId),
    pkce: 'all',
    extraParameters: [],
    target: () => ({ audience: ['https://api.example.com'], scopes: ['read'] })
};
type Parameters = Readonly<Record<string, string | string[] | undefined>>;

describe('registeredRedirect()', () => {

    const redirect = (parameters: Parameters) => registeredRedirect(Form.from({ client_id: 'web', redirect_uri: redirectUri, ...parameters }), rules);
    const refused = (parameters: Parameters) => refusal(() => redirect(parameters));

    it('finds the client and takes its redirect URI', async () => {

        const { client, ...rest } = await redirect({});
        expect(client.id).to.equal('web');
        expect(rest).to.equal({ redirectUri, redirectUriNamed: true });
        expect(await redirect({ client_id: '__proto__', redirect_uri: 'https://proto.example.com/cb' })).to.include({ redirectUriNamed: true });
    });

    it('knows no client that is not registered, whatever its id means to JavaScript', async () => {

        for (const clientId of ['nobody', 'WEB', 'web ', 'constructor', 'toString', 'hasOwnProperty', 'wéb', 'x'.repeat(600)]) {
            expect(await refused({ client_id: clientId }), clientId).to.equal({ code: 'invalid_client', reason: 'unknown_client' });
        }

        const error: unknown = await redirect({ client_id: 'nobody' }).catch((err: unknown) => err);
        expect(error instanceof OAuth2Error && error.output.statusCode).to.equal(400);
    });

    it('takes no redirect URI but a registered one, letter by letter', async () => {

        const uris = [
            'https://app.example.com/callback', `${redirectUri}&x=y`, `${redirectUri}/`, redirectUri.replace('app', 'APP'), redirectUri.replace('%20', '+'), redirectUri.replace('/callback', '/a/../callback'),
            redirectUri.replace('example.com', 'example.com:443'), redirectUri.replace('example.com', 'example.com.evil.com'), redirectUri.replace('https', 'http'), 'https://evil.example.com/cb', 'https://other.example.com/cb'
        ];
        for (const uri of uris) {
            expect((await refused({ redirect_uri: uri }))?.code, uri).to.equal('invalid_request');
        }

        for (const uri of ['javascript:alert(1)', '//app.example.com/callback', `${redirectUri}#`, redirectUri.replace('//', '//user@')]) {
            expect(await refused({ redirect_uri: uri }), uri).to.equal({ code: 'invalid_request', reason: 'redirect_uri_malformed' });
        }

        expect(await refused({ redirect_uri: 'https://other.example.com/cb' })).to.equal({ code: 'invalid_request', reason: 'redirect_uri_unregistered' });
    });

    it('rule 14: takes any port of a loopback address from a native client, and from no other', async () => {

        expect((await redirect({ client_id: 'cli', redirect_uri: 'http://127.0.0.1:4711/cb' })).redirectUri).to.equal('http://127.0.0.1:4711/cb');
        for (const [clientId, uri] of [['cli', 'http://localhost:4711/cb'], ['cli', 'http://127.0.0.1:4711/other'], ['cli', 'http://127.0.0.1:99999/cb'], ['web', 'http://127.0.0.1:4711/cb'], ['desktop', 'http://127.0.0.1:4712/cb'], ['spa', 'https://spa.example.com:8443/cb']] as const) {
            expect((await refused({ client_id: clientId, redirect_uri: uri }))?.code, uri).to.equal('invalid_request');
        }
    });

    it('rule 13: needs no redirect URI of a client that has one, unless for OpenID Connect or a loopback address', async () => {

        for (const absent of [undefined, '']) {
            expect(await redirect({ redirect_uri: absent, scope: 'read' })).to.include({ redirectUri, redirectUriNamed: false });
        }

        expect(await redirect({ client_id: 'app', redirect_uri: undefined })).to.include({ redirectUri: 'com.example.app:/cb', redirectUriNamed: false });
        for (const other of [{ scope: 'read openid' }, { scope: ['read', 'openid'] }, { client_id: 'other' }, { client_id: 'cli' }, { client_id: 'nowhere' }]) {
            expect(await refused({ redirect_uri: undefined, ...other }), JSON.stringify(other)).to.equal({ code: 'invalid_request', reason: 'redirect_uri_missing' });
        }
    });

    it('rule 27: takes neither of two clients, and neither of two redirect URIs', async () => {

        for (const twice of [{ client_id: ['web', 'web'] }, { redirect_uri: [redirectUri, redirectUri] }, { redirect_uri: [redirectUri, 'https://evil.example.com/'] }]) {
            expect(await refused(twice)).to.equal({ code: 'invalid_request', reason: 'repeated_parameter' });
        }

        expect(await refused({ client_id: undefined })).to.equal({ code: 'invalid_request', reason: 'missing_parameter' });
    });
});

describe('provenRequest()', () => {

    const good = { client_id: 'web', redirect_uri: redirectUri, response_type: 'code', code_challenge: codeChallenge, code_challenge_method: 'S256' };
    const read = async (parameters: Parameters, changes: Partial<ProvenRequestRules> = {}) => {

        const form = Form.from({ ...good, ...parameters });
        return provenRequest(form, await registeredRedirect(form, rules), { ...rules, ...changes });
    };

    const refused = (parameters: Parameters, changes: Partial<ProvenRequestRules> = {}) => refusal(() => read(parameters, changes));

    it('reads what the client may ask for', async () => {

        const { client, ...rest } = await read({ scope: 'openid read nowhere', state: 's', nonce: 'n', resource: 'https://api.example.com', prompt: 'login consent  odd' });
        expect(client.id).to.equal('web');
        expect(rest).to.equal({
            redirectUriNamed: true,
            target: { audience: ['https://api.example.com'], scopes: ['read'] },
            authorization: {
                clientId: 'web', redirectUri, responseType: 'code', scope: 'read', state: 's', nonce: 'n', resource: ['https://api.example.com'], codeChallenge, codeChallengeMethod: 'S256'
            },
            responseMode: 'query', maxAge: undefined, idTokenHint: undefined, loginHint: undefined, acrValues: [], parameters: {},
            prompts: ['login', 'consent', 'odd']
        });
        expect((await read({})).prompts).to.equal([]);
    });

    it('leaves scope and resource to the server, client by client', async () => {

        const seen: unknown[] = [];
        await read({ scope: 'read' }, { target: (client, form) => {

            seen.push(client.id, form.get('scope'));
            return { audience: [], scopes: [] };
        } });
        expect(seen).to.equal(['web', 'read']);
        expect(await refused({}, { target: () => {

            throw new OAuth2Error('invalid_target', 'No');
        } })).to.equal({ code: 'invalid_target', reason: 'invalid_target' });
    });

    it('refuses a client that is not registered for codes', async () => {

        expect(await refused({ client_id: 'machine', redirect_uri: 'https://machine.example.com/cb' })).to.equal({ code: 'unauthorized_client', reason: 'grant_type_not_registered' });
    });

    it('rule 12: wants a challenge of every client but the exempt, and enforces what was sent', async () => {

        const none = { code_challenge: undefined, code_challenge_method: undefined };
        const exempt = { client_id: 'exempt', redirect_uri: 'https://exempt.example.com/cb' };
        const spa = { client_id: 'spa', redirect_uri: 'https://spa.example.com/cb' };
        expect(await refused(none)).to.equal({ code: 'invalid_request', reason: 'pkce_missing' });
        expect(await refused(none, { pkce: 'public' })).to.be.null();
        expect(await refused({ ...exempt, ...none })).to.be.null();
        expect(await refused({ ...spa, ...none }, { pkce: 'public' })).to.equal({ code: 'invalid_request', reason: 'pkce_missing' });
        for (const client of [{}, exempt, spa]) {
            for (const method of ['plain', undefined, 's256']) {
                expect(await refused({ ...client, code_challenge_method: method }, { pkce: 'public' })).to.equal({ code: 'invalid_request', reason: 'pkce_method' });
            }

            expect(await refused({ ...client, code_challenge: 'x' }, { pkce: 'public' })).to.equal({ code: 'invalid_request', reason: 'pkce_malformed' });
            expect(await refused({ ...client, code_challenge: undefined }, { pkce: 'public' })).to.equal({ code: 'invalid_request', reason: 'pkce_missing' });
        }
    });

    it('takes prompt=none alone', async () => {

        expect((await read({ prompt: 'none' })).prompts).to.equal(['none']);
        expect((await read({ prompt: 'none none' })).prompts).to.equal(['none', 'none']);
        expect(await refused({ prompt: 'none login' })).to.equal({ code: 'invalid_request', reason: 'prompt_none_with_others' });
        expect(await refused({ prompt: ['none', 'login'] })).to.equal({ code: 'invalid_request', reason: 'repeated_parameter' });
    });

    it('reads how the user is to be asked, and the parameters that the app has declared', async () => {

        const sent = { response_mode: 'form_post', max_age: '0', id_token_hint: 'a.b.c', login_hint: 'ada', acr_values: ' urn:2fa  urn:pwd', organization: 'acme', screen_hint: '', other: 'x' };
        expect(await read(sent, { extraParameters: ['organization', 'screen_hint', '__proto__'] })).to.include({
            responseMode: 'form_post', maxAge: 0, idTokenHint: 'a.b.c', loginHint: 'ada', acrValues: ['urn:2fa', 'urn:pwd'], parameters: { organization: 'acme' }
        });
        expect((await read({ max_age: '9999999999' })).maxAge).to.equal(9_999_999_999);
        for (const maxAge of ['-1', '+1', '1.0', '0x1', 'NaN', ' 1', '10000000000']) {
            expect(await refused({ max_age: maxAge }), maxAge).to.equal({ code: 'invalid_request', reason: 'max_age_malformed' });
        }

        expect(await refused({ organization: ['a', 'b'] }, { extraParameters: ['organization'] })).to.equal({ code: 'invalid_request', reason: 'repeated_parameter' });
        expect(await refused({ organization: ['a', 'b'] })).to.be.null();
    });

    it('takes a client\'s default_max_age where the request has none', async () => {

        const findClient: ProvenRequestRules['findClient'] = async (id) => {

            const client = await rules.findClient(id);
            return client === null ? null : { ...client, metadata: { ...client.metadata, default_max_age: 0 } };
        };

        const form = (parameters: Parameters) => Form.from({ ...good, ...parameters });
        const ageOf = async (parameters: Parameters) => provenRequest(form(parameters), await registeredRedirect(form(parameters), { ...rules, findClient }), rules).maxAge;
        expect([await ageOf({}), await ageOf({ max_age: '' }), await ageOf({ max_age: '5' })]).to.equal([0, 0, 5]);
    });

    it('refuses what is not supported', async () => {

        expect(await refused({ response_type: 'token' })).to.equal({ code: 'unsupported_response_type', reason: 'unsupported_response_type' });
        expect(await refused({ response_mode: 'web_message' })).to.equal({ code: 'invalid_request', reason: 'response_mode' });
        expect((await refused({ request: 'a.b.c' }))?.code).to.equal('request_not_supported');
        expect((await refused({ request_uri: 'https://evil.example.com' }))?.code).to.equal('request_uri_not_supported');
    });
});
