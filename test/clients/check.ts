import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { clientSecretDigest } from '../../lib';
import { clientProblem, isClientId } from '../../lib/clients/check';
import { clientKeys, publicHalf } from '../fixture/client-keys';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const web = { client_id: 'acme', client_secret: 'secret', redirect_uris: ['https://app.example.com/cb'] };
const spa = { client_id: 'acme', token_endpoint_auth_method: 'none', redirect_uris: ['https://app.example.com/cb'] };
const machine = { client_id: 'acme', client_secret: 'secret', grant_types: ['client_credentials'] };
const jwks = { keys: [publicHalf(clientKeys.es256)] };
const signing = { client_id: 'acme', token_endpoint_auth_method: 'private_key_jwt', jwks, grant_types: ['client_credentials'] };
const digest = clientSecretDigest('x'.repeat(32));
const digested = { ...machine, client_secret: undefined, client_secret_sha256: digest };
const hmac = { ...machine, token_endpoint_auth_method: 'client_secret_jwt' };

describe('isClientId()', () => {

    it('knows what could be one (RFC 6749 §A.1)', () => {

        for (const id of ['a', ' ', 'https://app.example.com/client', '__proto__', 'x'.repeat(512), '~!"#%+:']) {
            expect(isClientId(id), id).to.be.true();
        }

        for (const id of ['', 'x'.repeat(513), 'a\0b', 'a\n', 'a\r\nb', 'ä', 'a\u007f', 5, null, undefined, ['a'], { toString: () => 'a' }]) {
            expect(isClientId(id), String(id)).to.be.false();
        }
    });
});

describe('clientProblem()', () => {

    const good: Record<string, object> = {
        'a web client': web,
        'a public client': spa,
        'a machine': machine,
        'one whose members are undefined': { ...web, client_name: undefined, grant_types: undefined, token_endpoint_auth_method: undefined, jwks: undefined, jwks_uri: undefined, logo_uri: undefined, require_pkce: undefined },
        'one that may use nothing, such as a resource that introspects': { client_id: 'acme', client_secret: 'secret', grant_types: [], resources: ['https://api.example.com', 'urn:example:api'] },
        'one with members of its own': { ...web, tenant: { id: 5 } },
        'an asymmetric signer': signing,
        'an asymmetric signer with one algorithm': { ...signing, token_endpoint_auth_signing_alg: 'ES256' },
        'one with a secret and keys that serve something else': { ...signing, client_secret: 'for HS256 ID tokens' },
        'one with a key that nobody here understands beside one that is understood (RFC 7517 §5)': { ...signing, jwks: { keys: [{ kty: 'quantum' }, ...jwks.keys] } },
        'a secret signer': { ...hmac, client_secret: 'x'.repeat(32) },
        'a secret signer whose secret has 32 octets, not characters': { ...hmac, client_secret: 'ä'.repeat(16) },
        'a digest instead of a secret': digested,
        'a digest of the secret that comes in the form, until its time is over': { ...digested, token_endpoint_auth_method: 'client_secret_post', client_secret_expires_at: 1_893_456_000 },
        'a native client': { ...spa, application_type: 'native', redirect_uris: ['http://127.0.0.1/cb', 'http://[::1]/cb', 'http://localhost:3000/cb', 'com.example.app:/cb'] },
        'a pairwise client': { ...web, subject_type: 'pairwise' },
        'a pairwise client of several hosts with a sector': { ...web, subject_type: 'pairwise', redirect_uris: ['https://a.example.com/', 'com.example.app:/cb'], sector_identifier_uri: 'https://example.com/uris.json' },
        'a public subject': { ...web, subject_type: 'public', redirect_uris: ['https://a.example.com/', 'https://b.example.com/'] },
        'one that wants its ID tokens and UserInfo signed': { ...web, id_token_signed_response_alg: 'EdDSA', userinfo_signed_response_alg: 'PS256' },
        'one with everything': {
            ...web, client_name: 'Acme', response_types: ['code'], grant_types: ['authorization_code', 'refresh_token'], scope: 'openid reports:read', require_pkce: false, consent: 'none',
            legacy_assertion_audience: true, default_max_age: 0, default_acr_values: ['urn:example:gold'], require_auth_time: true, request_uris: ['https://acme.example.com/request.jwt'], access_token_ttl: 60, id_token_ttl: 1, refresh_token_ttl: { idle: 1, absolute: 2 }, client_uri: 'https://acme.example.com', logo_uri: 'https://acme.example.com/logo.png?x#y', policy_uri: 'https://acme.example.com/policy',
            tos_uri: 'https://acme.example.com:8443/tos', initiate_login_uri: 'https://acme.example.com/login', contacts: ['a@acme.example.com'],
            post_logout_redirect_uris: ['https://acme.example.com/bye?a=b', 'http://127.0.0.1/bye', 'com.example.app:/bye'], backchannel_logout_uri: 'https://acme.example.com/logout?a=b', backchannel_logout_session_required: true
        }
    };

    for (const [name, record] of Object.entries(good)) {
        it(`finds nothing wrong with ${name}`, () => {

            expect(clientProblem(record)).to.be.undefined();
        });
    }

    it('takes names and addresses in other languages, what the client is made of, and times in seconds', () => {

        expect(clientProblem({
            ...web, 'client_name#de': 'Konto', 'client_name#ja-Kana-JP': 'クライアント', 'tos_uri#fr': 'https://acme.example.com/fr', software_id: '4NRB1-0XZABZI9E6-5SM3R', software_version: '2.0', software_statement: 'eyJ.e30.x',
            client_id_issued_at: 1_893_456_000, client_secret_expires_at: 0
        })).to.be.undefined();
    });

    const bad: Record<string, readonly [record: unknown, problem: string]> = {
        'a scope under another name, which would leave every scope open': [{ ...machine, scopes: 'reports:read' }, 'scopes is not read: the member is called scope'],
        'a grant type under another name': [{ client_id: 'acme', client_secret: 'secret', grant_type: ['client_credentials'] }, 'grant_type is not read: the member is called grant_types'],
        'null': [null, 'it is no object with a client_id'],
        'undefined': [undefined, 'it is no object with a client_id'],
        'text': ['acme', 'it is no object with a client_id'],
        'an array': [[web], 'it is no object with a client_id'],
        'a function': [Object, 'it is no object with a client_id'],
        'what an object has of its own': [Object.prototype, 'client_id is required'],
        'an id that is a number': [{ ...web, client_id: 5 }, 'client_id must be a string'],
        'an id with a line break': [{ ...web, client_id: 'a\nb' }, 'client_id has to be 1 to 512 printable ASCII characters'],
        'an empty id': [{ ...web, client_id: '' }, 'client_id is not allowed to be empty'],
        'an id of megabytes': [{ ...web, client_id: 'x'.repeat(2_000_000) }, 'client_id has to be 1 to 512 printable ASCII characters'],
        'an empty secret': [{ ...web, client_secret: '' }, 'client_secret is not allowed to be empty'],
        'a secret that is no text': [{ ...web, client_secret: 12_345 }, 'client_secret must be a string'],
        'a secret and its digest': [{ ...digested, client_secret: 'x'.repeat(32) }, 'client_secret and client_secret_sha256 are both there, of which a client has one'],
        'an empty digest': [{ ...digested, client_secret_sha256: '' }, 'client_secret_sha256 is not allowed to be empty'],
        'a digest that is no text': [{ ...digested, client_secret_sha256: Buffer.alloc(32) }, 'client_secret_sha256 must be a string'],
        'a digest in other digits': [{ ...digested, client_secret_sha256: Buffer.from(digest, 'base64url').toString('hex') }, 'client_secret_sha256 has to be SHA-256 of the secret in 43 characters of base64url: make it with clientSecretDigest(secret)'],
        'a digest to sign with': [{ ...digested, token_endpoint_auth_method: 'client_secret_jwt' }, 'client_secret_sha256 cannot serve client_secret_jwt, whose signatures are computed with the secret itself: give client_secret'],
        'null where nothing is known': [{ ...web, client_name: null }, 'client_name must be a string'],
        'redirect URIs that are one text': [{ ...web, redirect_uris: 'https://app.example.com/cb' }, 'redirect_uris must be an array'],
        'a hole in the redirect URIs': [{ ...web, redirect_uris: [undefined] }, 'redirect_uris.0 must not be a sparse array item'],
        'a redirect URI with a fragment': [{ ...web, redirect_uris: ['https://app.example.com/cb', 'https://app.example.com/cb#x'] }, 'redirect_uris.1 has a fragment'],
        'a redirect URI that is a program': [{ ...web, redirect_uris: ['javascript:alert(1)'] }, 'redirect_uris.0 has a scheme that no client can have'],
        'a redirect URI that any app could claim': [{ ...spa, redirect_uris: ['cursor://cb'] }, 'redirect_uris.0 has a scheme without a dot, which any app could claim: turn a domain name round, such as com.example.app (RFC 8252 §7.1)'],
        'a redirect URI in the clear': [{ ...web, redirect_uris: ['http://app.example.com/cb'] }, 'redirect_uris.0 is http, which only a loopback address may be'],
        'grant types that are one text': [{ ...web, grant_types: 'authorization_code' }, 'grant_types must be an array'],
        'a response type but code': [{ ...web, response_types: ['code', 'token'] }, 'response_types.1 must be [code]'],
        'an unknown method': [{ ...web, token_endpoint_auth_method: 'tls_client_auth' }, 'token_endpoint_auth_method must be one of [client_secret_basic, client_secret_post, client_secret_jwt, private_key_jwt, none]'],
        'the name of a prototype as a method': [{ ...web, token_endpoint_auth_method: '__proto__' }, 'token_endpoint_auth_method must be one of [client_secret_basic, client_secret_post, client_secret_jwt, private_key_jwt, none]'],
        'keys in two places': [{ ...signing, jwks_uri: 'https://app.example.com/jwks' }, 'jwks and jwks_uri are both there, of which a client has one (RFC 7591 §2)'],
        'keys that anybody could change on the way': [{ ...signing, jwks: undefined, jwks_uri: 'http://app.example.com/jwks' }, 'jwks_uri has to be an https address'],
        'more keys than anybody has': [{ ...signing, jwks: { keys: Array.from({ length: 101 }, () => jwks.keys[0]) } }, 'jwks.keys must contain less than or equal to 100 items'],
        'no key in its set': [{ ...signing, jwks: { keys: [] } }, 'jwks.keys must contain at least 1 items'],
        'keys that are one key': [{ ...signing, jwks: jwks.keys[0] }, 'jwks.keys is required'],
        'a private key': [{ ...signing, jwks: { keys: [clientKeys.es256] } }, 'jwks.keys.0.d is of a key that has to stay with the client: register public keys only'],
        'a private key without its exponent': [{ ...signing, jwks: { keys: [{ ...publicHalf(clientKeys.rs256), p: clientKeys.rs256.p }] } }, 'jwks.keys.0.p is of a key that has to stay with the client: register public keys only'],
        'a secret key': [{ ...web, jwks: { keys: [{ kty: 'oct' }] } }, 'jwks.keys.0.kty is of a key that has to stay with the client: register public keys only'],
        'a secret key under another name': [{ ...web, jwks: { keys: [{ kty: 'EC', k: 'AAAA' }] } }, 'jwks.keys.0.k is of a key that has to stay with the client: register public keys only'],
        'a scope that is none': [{ ...web, scope: 'openid "x"' }, 'scope has to be scope names with one space between'],
        'a scope with two spaces': [{ ...web, scope: 'openid  profile' }, 'scope has to be scope names with one space between'],
        'an application type that is none': [{ ...web, application_type: 'mobile' }, 'application_type must be one of [web, native]'],
        'false as text': [{ ...web, require_pkce: 'false' }, 'require_pkce must be a boolean'],
        'true as text': [{ ...web, legacy_assertion_audience: 'true' }, 'legacy_assertion_audience must be a boolean'],
        'a consent that is no waiver': [{ ...web, consent: 'implicit' }, 'consent must be [none]'],
        'a resource that is no URI': [{ ...web, resources: ['api'] }, 'resources.0 has to be an absolute URI without a fragment'],
        'a resource with a fragment': [{ ...web, resources: ['https://api.example.com#x'] }, 'resources.0 has to be an absolute URI without a fragment'],
        'a lifetime that is none': [{ ...web, access_token_ttl: 0 }, 'access_token_ttl must be greater than or equal to 1'],
        'a lifetime of a refresh token that is none': [{ ...web, refresh_token_ttl: { idle: 1.5 } }, 'refresh_token_ttl.idle must be an integer'],
        'an age below zero': [{ ...web, default_max_age: -1 }, 'default_max_age must be greater than or equal to 0'],
        'an age as text': [{ ...web, default_max_age: '5' }, 'default_max_age must be a number'],
        'sign-ins that are one text': [{ ...web, default_acr_values: 'urn:example:gold' }, 'default_acr_values must be an array'],
        'a sign-in that is no text': [{ ...web, default_acr_values: [1] }, 'default_acr_values.0 must be a string'],
        'a wish as text': [{ ...web, require_auth_time: 'true' }, 'require_auth_time must be a boolean'],
        'addresses that are one text': [{ ...web, request_uris: 'https://acme.example.com/request.jwt' }, 'request_uris must be an array'],
        'an address that is no text': [{ ...web, request_uris: [{}] }, 'request_uris.0 must be a string'],
        'a grant type without a name': [{ ...web, grant_types: ['authorization_code', ''] }, 'grant_types.1 is not allowed to be empty'],
        'software that is no text': [{ ...web, software_id: 5 }, 'software_id must be a string'],
        'a version that is a number': [{ ...web, software_version: 2 }, 'software_version must be a string'],
        'a statement that is no text': [{ ...web, software_statement: {} }, 'software_statement must be a string'],
        'a localized name that is no text': [{ ...web, 'client_name#de': 5 }, 'client_name#de must be a string'],
        'a localized address in the clear': [{ ...web, 'logo_uri#de': 'http://acme.example.com/de' }, 'logo_uri#de has to be an https address'],
        'a localized address that is a program': [{ ...web, 'client_uri#de': 'javascript:alert(1)' }, 'client_uri#de has to be an https address'],
        'a day for a number of seconds': [{ ...web, client_id_issued_at: '2030-01-01' }, 'client_id_issued_at must be a number'],
        'an end before 1970': [{ ...web, client_secret_expires_at: -1 }, 'client_secret_expires_at must be greater than or equal to 0'],
        'an end in milliseconds': [{ ...web, client_secret_expires_at: 1_893_456_000_000 }, 'client_secret_expires_at has to be in seconds since the epoch, not milliseconds'],
        'an end that is no number': [{ ...web, client_secret_expires_at: NaN }, 'client_secret_expires_at must be a number'],
        'contacts that are one text': [{ ...web, contacts: 'a@acme.example.com' }, 'contacts must be an array'],
        'no secret and no word about it': [{ ...web, client_secret: undefined }, 'client_secret is missing, which client_secret_basic needs: a client that cannot keep a secret says token_endpoint_auth_method \'none\''],
        'keys without a secret and no word about it': [{ ...signing, token_endpoint_auth_method: undefined }, 'client_secret is missing, which client_secret_basic needs: a client that cannot keep a secret says token_endpoint_auth_method \'none\''],
        'no secret in the form': [{ ...machine, client_secret: undefined, token_endpoint_auth_method: 'client_secret_post' }, 'client_secret is missing, which client_secret_post needs: a client that cannot keep a secret says token_endpoint_auth_method \'none\''],
        'no secret to sign with': [{ ...hmac, client_secret: undefined }, 'client_secret is missing, which client_secret_jwt needs: a client that cannot keep a secret says token_endpoint_auth_method \'none\''],
        'a secret too short to sign with': [{ ...hmac, client_secret: 'x'.repeat(31) }, 'client_secret is too short: HS256 needs 32 octets (RFC 7518 §3.2)'],
        'a secret too short for HS384': [{ ...hmac, client_secret: 'x'.repeat(47), token_endpoint_auth_signing_alg: 'HS384' }, 'client_secret is too short: HS384 needs 48 octets (RFC 7518 §3.2)'],
        'a secret too short for HS512': [{ ...hmac, client_secret: 'x'.repeat(63), token_endpoint_auth_signing_alg: 'HS512' }, 'client_secret is too short: HS512 needs 64 octets (RFC 7518 §3.2)'],
        'an asymmetric algorithm for a secret': [{ ...hmac, client_secret: 'x'.repeat(64), token_endpoint_auth_signing_alg: 'ES256' }, 'token_endpoint_auth_signing_alg is none that client_secret_jwt signs with: HS256, HS384 or HS512'],
        'the name of a prototype as an algorithm': [{ ...hmac, client_secret: 'x'.repeat(64), token_endpoint_auth_signing_alg: 'toString' }, 'token_endpoint_auth_signing_alg is none that client_secret_jwt signs with: HS256, HS384 or HS512'],
        'an HMAC for a public key': [{ ...signing, token_endpoint_auth_signing_alg: 'HS256' }, 'token_endpoint_auth_signing_alg is none that private_key_jwt signs with'],
        'the algorithm none': [{ ...signing, token_endpoint_auth_signing_alg: 'none' }, 'token_endpoint_auth_signing_alg is none that private_key_jwt signs with'],
        'an algorithm where nothing is signed': [{ ...machine, jwks, token_endpoint_auth_signing_alg: 'ES256' }, 'token_endpoint_auth_signing_alg is none that client_secret_basic signs with'],
        'no keys to verify with': [{ ...signing, jwks: undefined }, 'jwks has no key that could be read, and private_key_jwt needs the client\'s public keys'],
        'no key that could be read': [{ ...signing, jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }, { kty: 'quantum' }] } }, 'jwks has no key that could be read, and private_key_jwt needs the client\'s public keys'],
        'no redirect URI for a code': [{ ...web, redirect_uris: undefined }, 'redirect_uris is missing, and authorization_code needs at least one'],
        'redirect URIs without any': [{ ...spa, redirect_uris: [], grant_types: ['refresh_token', 'authorization_code'] }, 'redirect_uris is missing, and authorization_code needs at least one'],
        'a public client with a secret': [{ ...spa, client_secret: 'secret' }, 'token_endpoint_auth_method is \'none\', but there is a client_secret: leave one of them out'],
        'a public client with a digest': [{ ...spa, client_secret_sha256: digest }, 'token_endpoint_auth_method is \'none\', but there is a client_secret_sha256: leave one of them out'],
        'a public client without PKCE': [{ ...spa, require_pkce: false }, 'require_pkce cannot be false for a public client: without PKCE whoever sees its code could use it']
    };

    for (const [name, [record, problem]] of Object.entries(bad)) {
        it(`finds ${name}`, () => {

            expect(clientProblem(record)).to.equal(problem);
        });
    }

    it('rule 39: takes https alone for an address that users are shown', () => {

        for (const name of ['client_uri', 'logo_uri', 'policy_uri', 'tos_uri', 'initiate_login_uri']) {
            for (const uri of ['http://acme.example.com', 'javascript:alert(1)', 'data:image/png;base64,AAAA', 'https://', '//acme.example.com', 'https:acme.example.com', 'https:\\\\acme.example.com', 'https://bank.example@evil.example', 'https://a b', 'https://acme.example.com/\n', 'https://[x', 'https://acme.example.com\\@evil.example']) {
                expect(clientProblem({ ...web, [name]: uri }), uri).to.equal(`${name} has to be an https address`);
            }
        }
    });

    it('rule 14: takes a private-use scheme without a dot where it is listed, and only there', () => {

        const schemes = new Set(['cursor:']);
        const native = { ...spa, redirect_uris: ['http://127.0.0.1/cb', 'cursor://cb'], post_logout_redirect_uris: ['cursor://bye'] };
        expect(clientProblem(native, schemes)).to.be.undefined();
        expect(clientProblem({ ...native, redirect_uris: ['cursor://cb', 'vscode://cb'] }, schemes)).to.match(/^redirect_uris\.1 has a scheme without a dot/);
        expect(clientProblem({ ...native, redirect_uris: ['cursor://cb'] })).to.match(/^redirect_uris\.0 has a scheme without a dot/);
        expect(clientProblem({ ...native, redirect_uris: ['https://app.example.com/cb'] })).to.match(/^post_logout_redirect_uris\.0 has a scheme without a dot/);
        expect(clientProblem({ ...native, redirect_uris: [''] }, schemes)).to.equal('redirect_uris.0 is not an absolute URI');
    });

    it('takes no address for logouts that a browser or this server must not go to', () => {

        for (const [uri, problem] of [['http://app.example.com/bye', 'is http, which only a loopback address may be'], ['https://app.example.com/#bye', 'has a fragment'], ['javascript:alert(1)', 'has a scheme that no client can have'], ['https://a@b', 'carries credentials'], ['/bye', 'is not an absolute URI']] as const) {
            expect(clientProblem({ ...web, post_logout_redirect_uris: [uri] })).to.equal(`post_logout_redirect_uris.0 ${problem}`);
        }

        for (const uri of ['http://app.example.com/bye', 'http://127.0.0.1/bye', 'com.example.app:/bye', 'https://me@app.example.com/bye']) {
            expect(clientProblem({ ...web, backchannel_logout_uri: uri }), uri).to.equal('backchannel_logout_uri has to be an https address');
        }

        expect(clientProblem({ ...web, backchannel_logout_uri: 'https://app.example.com/bye#x' })).to.equal('backchannel_logout_uri has a fragment');
        expect(clientProblem({ ...web, backchannel_logout_session_required: 'true' })).to.match(/^backchannel_logout_session_required /);
        expect(clientProblem({ ...web, post_logout_redirect_uris: 'https://app.example.com/bye' })).to.match(/^post_logout_redirect_uris /);
    });

    it('rule 20: takes no public client for what a client does in its own name', () => {

        for (const grantType of ['client_credentials', 'urn:ietf:params:oauth:grant-type:token-exchange', 'urn:ietf:params:oauth:grant-type:jwt-bearer', 'urn:openid:params:grant-type:ciba']) {
            const problem = `grant_types holds ${grantType}, for which a client has to prove who it is: token_endpoint_auth_method 'none' proves nothing`;
            expect(clientProblem({ ...spa, grant_types: ['authorization_code', grantType] })).to.equal(problem);
            expect(clientProblem({ ...web, grant_types: ['authorization_code', grantType] })).to.be.undefined();
        }
    });

    it('never says what the secret is', () => {

        const secret = 'Tr0ub4dor&3';
        for (const record of [{ ...hmac, client_secret: secret }, { ...spa, client_secret: secret }, { ...web, client_secret: [secret] }, { ...web, client_secret: { [secret]: secret } }, { ...web, jwks: { keys: [{ kty: 'oct', k: secret }] } }, { ...web, redirect_uris: [`https://me:${secret}@app.example.com`] }, { ...web, scope: `"${secret}"` }]) {
            expect(clientProblem(record)).to.be.a.string().and.not.contain(secret);
        }
    });
});

describe('clientProblem() of what OpenID clients ask for', () => {

    it('names the field that is missing for a pairwise client', () => {

        for (const uris of [['https://a.example.com/', 'https://b.example.com/'], ['http://127.0.0.1/cb'], ['com.example.app:/cb']]) {
            expect(clientProblem({ ...web, redirect_uris: uris, subject_type: 'pairwise' })).to.match(/^sector_identifier_uri is missing, which a pairwise client needs/);
        }

        expect(clientProblem({ ...machine, subject_type: 'pairwise' })).to.match(/^sector_identifier_uri is missing/);
    });

    it('names the field that is wrong', () => {

        for (const alg of ['none', 'HS256', 'rs256', 5]) {
            for (const name of ['id_token_signed_response_alg', 'userinfo_signed_response_alg']) {
                expect(String(clientProblem({ ...web, [name]: alg })), String(alg)).to.startWith(`${name} has to be one of RS256, `);
            }
        }

        expect(clientProblem({ ...web, subject_type: 'private' })).to.match(/^subject_type /);
        expect(clientProblem({ ...web, sector_identifier_uri: 'http://example.com/' })).to.equal('sector_identifier_uri has to be an https address');
    });
});
