import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import type { ClientMetadata } from '../../lib';
import { authMethodOf, grantTypesOf, isConfidential, isNative, mayUse, needsPkce } from '../../lib/clients/record';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const client = (metadata: Partial<ClientMetadata> = {}) => ({ id: 'acme', metadata: { client_id: 'acme', ...metadata } });
const publicClient = (metadata: Partial<ClientMetadata> = {}) => client({ token_endpoint_auth_method: 'none', ...metadata });

describe('A client record', () => {

    it('stands for the authorization code grant where it names no grant type (RFC 7591 §2)', () => {

        for (const silent of [client(), client({ grant_types: undefined })]) {
            expect(grantTypesOf(silent)).to.equal(['authorization_code']);
            expect(mayUse(silent, 'authorization_code')).to.be.true();
            expect(mayUse(silent, 'refresh_token')).to.be.false();
        }

        expect(grantTypesOf(client({ grant_types: [] }))).to.equal([]);
        expect(mayUse(client({ grant_types: [] }), 'authorization_code')).to.be.false();
        expect(mayUse(client({ grant_types: ['client_credentials'] }), 'client_credentials')).to.be.true();
        expect(mayUse(client({ grant_types: ['client_credentials'] }), 'client_credential')).to.be.false();
    });

    it('stands for client_secret_basic where it names no method, and never for a public client', () => {

        for (const silent of [client(), client({ token_endpoint_auth_method: undefined, client_secret: undefined }), client({ jwks: { keys: [] } })]) {
            expect(authMethodOf(silent)).to.equal('client_secret_basic');
            expect(isConfidential(silent)).to.be.true();
        }

        expect(authMethodOf(publicClient())).to.equal('none');
        expect(isConfidential(publicClient())).to.be.false();
        expect(isConfidential(client({ token_endpoint_auth_method: 'private_key_jwt' }))).to.be.true();
    });
});

describe('needsPkce()', () => {

    it('rule 12: exempts a confidential client whose record or whose server says so', () => {

        expect(needsPkce(client(), 'all')).to.be.true();
        expect(needsPkce(client({ require_pkce: true }), 'all')).to.be.true();
        expect(needsPkce(client({ require_pkce: false }), 'all')).to.be.false();
        expect(needsPkce(client(), 'public')).to.be.false();
        expect(needsPkce(client({ require_pkce: false }), 'public')).to.be.false();
    });

    it('rule 12: never exempts a public client', () => {

        for (const setting of ['all', 'public'] as const) {
            expect(needsPkce(publicClient(), setting)).to.be.true();
            expect(needsPkce(publicClient({ require_pkce: false }), setting)).to.be.true();
        }
    });
});

describe('isNative()', () => {

    const native = ['http://127.0.0.1/cb', 'http://[::1]:3000/cb', 'http://localhost/cb', 'com.example.app:/cb'];

    it('rule 14: believes application_type', () => {

        expect(isNative(client({ application_type: 'native', redirect_uris: ['https://app.example.com/cb'] }))).to.be.true();
        expect(isNative(publicClient({ application_type: 'web', redirect_uris: native }))).to.be.false();
    });

    it('rule 14: takes a public client for native where every redirect URI is on the user\'s own machine', () => {

        expect(isNative(publicClient({ redirect_uris: native }))).to.be.true();
        for (const uri of native) {
            expect(isNative(publicClient({ redirect_uris: [uri] })), uri).to.be.true();
        }

        expect(isNative(publicClient({ redirect_uris: [...native, 'https://app.example.com/cb'] }))).to.be.false();
        expect(isNative(publicClient({ redirect_uris: ['https://localhost/cb'] }))).to.be.false();
        expect(isNative(publicClient({ redirect_uris: [] }))).to.be.false();
        expect(isNative(publicClient())).to.be.false();
    });

    it('rule 14: takes no confidential client for native unless it says so', () => {

        expect(isNative(client({ redirect_uris: native }))).to.be.false();
    });
});
