import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { ClientRegistry } from '../../lib/clients/registry';
import { customGrantProblem, type CustomGrantSetup } from '../../lib/flows/custom-grant-check';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const type = 'urn:example:grant-type:otp';
const policy = () => null;
const problem = (changes: Partial<CustomGrantSetup> = {}) => customGrantProblem({ type, parameters: ['otp'], policy, level: 2, clients: null, methods: [], ...changes });

describe('The check of a custom grant type', () => {

    it('lets absolute URIs be grant types', () => {

        for (const good of [type, 'https://example.com/grants/otp', 'urn:ietf:params:oauth:grant-type:jwt-bearer', 'com.example.app:otp', 'urn:x:%C3%A4']) {
            expect(problem({ type: good }), good).to.be.undefined();
        }
    });

    it('refuses what is no absolute URI', () => {

        expect(problem({ type: 'otp' })).to.equal('cannot serve the grant_type \'otp\': one of your own is an absolute URI (RFC 6749 §4.5), such as OAuth2CustomGrantBuilder.create(\'urn:example:grant-type:magic-link\')');
        for (const bad of ['', 'otp', '/grants/otp', '//example.com/otp', 'urn:', ':x', '1urn:x', 'urn:a b', ' urn:x', 'urn:x\n', 'urn:x#y', 'urn:ü', 'https://', 'urn:"x"', 'magic_link']) {
            expect(problem({ type: bad }), bad).to.match(/^cannot serve the grant_type '[^]*': one of your own is an absolute URI/);
        }

        expect(customGrantProblem(Object.assign({ type, parameters: [], policy, level: 2 as const, clients: null, methods: [] }, { type: undefined }))).to.match(/'undefined': one of your own/);
    });

    it('refuses the framework\'s own, and says where they are', () => {

        const own = {
            'authorization_code': 'OAuth2AuthorizationCodeBuilder', 'refresh_token': 'refreshTokenRoute()', 'client_credentials': 'OAuth2ClientCredentialsBuilder', 'password': 'OAuth2PasswordBuilder',
            'urn:ietf:params:oauth:grant-type:device_code': 'OAuth2DeviceAuthorizationBuilder', 'urn:ietf:params:oauth:grant-type:token-exchange': 'RFC 8693', 'URN:ietf:params:oauth:grant-type:DEVICE_CODE': 'OAuth2DeviceAuthorizationBuilder', 'implicit': 'OAuth2AuthorizationCodeBuilder'
        };
        for (const [taken, said] of Object.entries(own)) {
            const sentence = String(problem({ type: taken }));
            expect(sentence, taken).to.startWith(`cannot serve the grant_type '${taken}', which `);
            expect(sentence, taken).to.include(said);
        }
    });

    it('refuses parameters that are none, the framework\'s own, or twice the same', () => {

        expect(problem({ parameters: ['otp', 'device_name', 'a.b-c'] })).to.be.undefined();
        for (const bad of ['', 'a b', 'a&b', 'ü', 7, undefined, ['otp']]) {
            expect(problem({ parameters: ['otp', bad] }), String(bad)).to.match(/^declares the parameter '.*', which is no parameter name \(RFC 6749 §8\.2\)/);
        }

        for (const own of ['grant_type', 'client_id', 'client_secret', 'client_assertion', 'client_assertion_type', 'scope', 'resource', 'audience']) {
            expect(problem({ parameters: [own] })).to.equal(`declares the parameter '${own}', which the framework reads itself: leave it out of setParameters()`);
        }

        expect(problem({ parameters: ['otp', 'hint', 'otp'] })).to.equal('declares the parameter \'otp\' twice: name it once in setParameters()');
    });

    it('needs a policy where the framework proves, and none where a handler does', () => {

        expect(problem({ policy: undefined })).to.match(/^has no policy, and nobody else can say who is granted what: call setPolicy\(/);
        expect(problem({ policy: { subject: 'ada' } })).to.match(/^has no policy/);
        expect(problem({ level: 1 })).to.match(/^has a policy, which is asked where the framework proves the client: call setClients\(\)/);
        expect(problem({ level: 1, policy: undefined })).to.be.undefined();
    });

    it('refuses clients that cannot prove who they are, where the framework proves', () => {

        const clients = new ClientRegistry([{ client_id: 'spa', token_endpoint_auth_method: 'none', grant_types: [type] }]);
        expect(problem({ clients })).to.equal(`serves '${type}', for which a client has to prove who it is, but the client 'spa' is registered for it and for token_endpoint_auth_method 'none': register another method`);
        expect(problem({ clients, type: 'urn:example:other' })).to.be.undefined();
        expect(problem({ clients, level: 1, policy: undefined })).to.be.undefined();
        expect(problem({ clients: new ClientRegistry(new Map()) })).to.be.undefined();
        expect(problem({ methods: [{ method: 'client_secret_basic' }, { method: 'none' }] })).to.equal(`accepts the client authentication method 'none', but '${type}' is for clients that prove who they are: remove NoneAuthMethod`);
        expect(problem({ methods: [{ method: 'none' }], level: 1, policy: undefined })).to.be.undefined();
        expect(problem({ clients: new ClientRegistry([{ client_id: 'app', client_secret: 's', grant_types: [type] }]) })).to.be.undefined();
    });
});
