import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { importJWK } from 'jose';

import { startCertification, type RunningCertification } from '../fixture/certification';
import { RelyingParty } from '../fixture/relying-party';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

const isHttps = (value: unknown): boolean => typeof value === 'string' && URL.canParse(value) && new URL(value).protocol === 'https:';

/** What RFC 8414 §2 and OpenID Connect Discovery §3 say of the kind of a member. */
const kindOf = (name: string): 'boolean' | 'list' | 'url' => {

    if (/_parameter_supported$|channel_logout(?:_session)?_supported$/.test(name)) {
        return 'boolean';
    }

    return name.endsWith('_supported') ? 'list' : 'url';
};

describe('Config OP', { timeout: 30_000 }, () => {

    let op: RunningCertification;
    before(async () => {

        op = await startCertification();
    });
    after(() => op.stop());

    it('oidcc-discovery-endpoint-verification', async () => {

        const { metadata, jwks } = await RelyingParty.start(op);                // Status, type, issuer and no member that the suite does not know
        const { protocol, search, hash, href } = new URL(String(metadata.issuer));
        expect([protocol, search, hash, href]).to.equal(['https:', '', '', `${op.issuer}/`]);

        for (const [name, value] of Object.entries(metadata)) {
            const isOfItsKind = {
                boolean: () => typeof value === 'boolean',
                list: () => Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string') && new Set(value).size === value.length,
                url: () => isHttps(value)
            }[kindOf(name)];
            expect(isOfItsKind(), name).to.be.true();
        }

        expect(Object.keys(metadata)).to.include(['authorization_endpoint', 'token_endpoint', 'userinfo_endpoint', 'registration_endpoint', 'jwks_uri', 'scopes_supported', 'claims_supported']);
        expect(metadata.response_types_supported).to.equal(['code']);
        expect(metadata.response_modes_supported).to.equal(['query', 'fragment', 'form_post']);
        expect(metadata.subject_types_supported).to.equal(['public']);
        expect(metadata.id_token_signing_alg_values_supported).to.include('RS256');
        expect(metadata.scopes_supported).to.equal(['openid', 'profile', 'email', 'address', 'phone', 'offline_access']);
        expect(metadata.grant_types_supported).to.equal(['authorization_code', 'refresh_token']);
        expect(metadata.code_challenge_methods_supported).to.equal(['S256']);
        expect(metadata.claims_supported).to.include(['sub', 'name', 'email', 'address', 'phone_number', 'acr', 'auth_time']);
        expect(metadata).to.include({ request_parameter_supported: false, request_uri_parameter_supported: false, claims_parameter_supported: true });
        expect(metadata).to.not.include(['request_object_signing_alg_values_supported', 'ui_locales_supported', 'claims_locales_supported']);

        expect(jwks.keys.length).to.be.above(0);
        for (const key of jwks.keys) {
            expect(await importJWK(key, key.alg)).to.be.an.object();
            expect([key.kid, key.alg, key.use]).to.equal([String(key.kid), String(key.alg), 'sig']);
        }
    });
});
