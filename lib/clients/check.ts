import Joi from 'joi';

import { redirectUriProblem } from '../protocol/redirect-uri';
import { isScopeName } from '../protocol/scope';
import { isSigningAlgorithm, signingAlgorithms } from '../protocol/signing-algorithm';
import type { ClientMetadata } from './client';
import { digestProblem } from './client-secret-digest';
import { isHmac, secretOctets } from './client-secret-jwt';
import { misspelled } from './misspelled';
import { importable } from './private-key-jwt';
import { authMethodOf, grantTypesOf, isConfidential } from './record';
import { sectorOf } from './sector';

/** Whether a text could be a client's id: printable ASCII (RFC 6749 §A.1), and no longer than anybody needs. */
export const isClientId = (clientId: unknown): clientId is string => typeof clientId === 'string' && /^[\x20-\x7e]{1,512}$/.test(clientId);

/** Grant types whose client acts for itself or vouches for others, and so has to prove who it is. */
const confidentialGrantTypes = [
    'client_credentials', 'urn:ietf:params:oauth:grant-type:jwt-bearer', 'urn:ietf:params:oauth:grant-type:token-exchange', 'urn:openid:params:grant-type:ciba'
];

const secretMethods: readonly string[] = ['client_secret_basic', 'client_secret_post', 'client_secret_jwt'];

/** Members of a private or symmetric JWK (RFC 7518 §6.2.2, §6.3.2, §6.4). */
const privateMembers = ['d', 'k', 'p', 'q', 'dp', 'dq', 'qi', 'oth'];

/** Text that is in order unless a function says, without repeating it, what is wrong. */
const text = (problemOf: (value: string) => string | undefined) => Joi.string().custom((value: string, helpers) => {

    const problem = problemOf(value);
    return problem === undefined ? value : helpers.message({ custom: problem });
});

const httpsProblem = (uri: string): string | undefined => (/^(?=[\x21-\x7e]+$)https:\/\/[^@\\/?#]+(?:[/?#]|$)/.test(uri) && URL.canParse(uri) ? undefined : 'has to be an https address');
const https = text(httpsProblem);
const backChannel = text((uri) => httpsProblem(uri) ?? (uri.includes('#') ? 'has a fragment' : undefined));
const resource = text((uri) => (URL.canParse(uri) && !uri.includes('#') ? undefined : 'has to be an absolute URI without a fragment'));
const noSecretKey = 'is of a key that has to stay with the client: register public keys only';
const publicKey = Joi.object({
    kty: Joi.string().invalid('oct').required().messages({ 'any.invalid': noSecretKey }),
    ...Object.fromEntries(privateMembers.map((name) => [name, Joi.forbidden().messages({ 'any.unknown': noSecretKey })]))
}).unknown();

const lifetime = Joi.number().integer().min(1);
/** Until the year 5138: what is more was given in milliseconds. */
const seconds = Joi.number().integer().min(0).max(99_999_999_999).messages({ 'number.max': 'has to be in seconds since the epoch, not milliseconds' });

const signedResponseAlg = Joi.valid(...signingAlgorithms).messages({ 'any.only': `has to be one of ${signingAlgorithms.join(', ')}` });

const members = {
    client_id: text((id) => (isClientId(id) ? undefined : 'has to be 1 to 512 printable ASCII characters')).required(),
    client_secret: Joi.string(),
    client_secret_sha256: text(digestProblem),
    client_name: Joi.string(),
    redirect_uris: Joi.array().items(Joi.string().allow('')),                  // What they have to be depends on the server: see redirectProblems()
    grant_types: Joi.array().items(Joi.string()),
    response_types: Joi.array().items(Joi.valid('code')),
    token_endpoint_auth_method: Joi.valid(...secretMethods, 'private_key_jwt', 'none'),
    token_endpoint_auth_signing_alg: Joi.string(),
    jwks: Joi.object({ keys: Joi.array().items(publicKey).min(1).max(100).required() }).unknown(),
    jwks_uri: https,
    scope: text((scope) => (scope.split(' ').every(isScopeName) ? undefined : 'has to be scope names with one space between')).allow(''),
    application_type: Joi.valid('web', 'native'),
    require_pkce: Joi.boolean(),
    consent: Joi.valid('none'),
    first_party: Joi.boolean(),
    resources: Joi.array().items(resource),
    legacy_assertion_audience: Joi.boolean(),
    access_token_ttl: lifetime,
    id_token_ttl: lifetime,
    refresh_token_ttl: Joi.object({ idle: lifetime, absolute: lifetime }),
    default_max_age: Joi.number().integer().min(0),
    default_acr_values: Joi.array().items(Joi.string()),
    require_auth_time: Joi.boolean(),
    request_uris: Joi.array().items(Joi.string()),
    subject_type: Joi.valid('public', 'pairwise'),
    sector_identifier_uri: https,
    id_token_signed_response_alg: signedResponseAlg,
    userinfo_signed_response_alg: signedResponseAlg,
    client_uri: https,
    logo_uri: https,
    policy_uri: https,
    tos_uri: https,
    initiate_login_uri: https,
    post_logout_redirect_uris: Joi.array().items(Joi.string().allow('')),
    backchannel_logout_uri: backChannel,
    backchannel_logout_session_required: Joi.boolean(),
    software_id: Joi.string(),
    software_version: Joi.string(),
    software_statement: Joi.string(),
    client_id_issued_at: seconds,
    client_secret_expires_at: seconds,
    contacts: Joi.array().items(Joi.string())
};

const schema = Joi.object<ClientMetadata>(members).pattern(/^client_name#/, Joi.string()).pattern(/^(?:client|logo|policy|tos)_uri#/, https).unknown().required().prefs({ convert: false, errors: { label: false } });

/** What is wrong with a client record, beginning with the name of the field and never holding a secret; `undefined` for a good one (RFC 7591 §2). `schemes` are private-use schemes that may be without a dot. */
export const clientProblem = (record: unknown, schemes?: ReadonlySet<string>): string | undefined => misspelledMember(record) ?? checkedClient(record, schemes).problem;

/** Members that are not there, but for a slip of the pen: without its `scope` a client could ask for every scope. A record may have other members, of the app's own. */
const misspelledMember = misspelled(Object.keys(members));

/** A client record, once it is one; else what is wrong with it. */
export const checkedClient = (record: unknown, schemes?: ReadonlySet<string>): { readonly metadata: ClientMetadata; readonly problem?: undefined } | { readonly metadata?: undefined; readonly problem: string } => {

    const result = schema.validate(record);
    if (result.error === undefined) {
        const [problem] = [...redirectProblems(result.value, schemes), ...contradictions(result.value)];
        return problem === undefined ? { metadata: result.value } : { problem };
    }

    const [{ path, message } = { path: [], message: '' }] = result.error.details;
    return { problem: path.length === 0 ? 'it is no object with a client_id' : `${path.join('.')} ${message}` };
};

/** Redirect URIs that no client of this server may have. */
const redirectProblems = (metadata: ClientMetadata, schemes: ReadonlySet<string> | undefined): readonly string[] =>
    (['redirect_uris', 'post_logout_redirect_uris'] as const).flatMap((name) => (metadata[name] ?? []).flatMap((uri, index) => {

        const problem = redirectUriProblem(uri, schemes);
        return problem === undefined ? [] : [`${name}.${index} ${problem}`];
    }));

/** Members that are in order and cannot be meant together. */
function* contradictions(metadata: ClientMetadata): Generator<string> {

    const client = { metadata };
    const { client_secret: secret = '', client_secret_sha256: digest, token_endpoint_auth_signing_alg: alg, redirect_uris: redirectUris = [] } = metadata;
    const method = authMethodOf(client);
    const grantTypes = grantTypesOf(client);
    if (secret !== '' && digest !== undefined) {
        yield 'client_secret and client_secret_sha256 are both there, of which a client has one';
    }

    if (method === 'client_secret_jwt' && digest !== undefined) {
        yield 'client_secret_sha256 cannot serve client_secret_jwt, whose signatures are computed with the secret itself: give client_secret';
    }

    if (secretMethods.includes(method) && secret === '' && digest === undefined) {
        yield `client_secret is missing, which ${method} needs: a client that cannot keep a secret says token_endpoint_auth_method 'none'`;
    }

    if (method === 'client_secret_jwt') {
        yield* weakSecret(secret, alg ?? 'HS256');
    }

    if (metadata.jwks !== undefined && metadata.jwks_uri !== undefined) {
        yield 'jwks and jwks_uri are both there, of which a client has one (RFC 7591 §2)';
    }

    if (method === 'private_key_jwt' && metadata.jwks_uri === undefined && metadata.jwks?.keys.some((key) => importable(key).length > 0) !== true) {
        yield 'jwks has no key that could be read, and private_key_jwt needs the client\'s public keys';
    }

    if (alg !== undefined && method !== 'client_secret_jwt' && !(method === 'private_key_jwt' && isSigningAlgorithm(alg))) {
        yield `token_endpoint_auth_signing_alg is none that ${method} signs with`;
    }

    if (grantTypes.includes('authorization_code') && redirectUris.length === 0) {
        yield 'redirect_uris is missing, and authorization_code needs at least one';
    }

    if (metadata.subject_type === 'pairwise' && sectorOf(metadata) === null) {
        yield 'sector_identifier_uri is missing, which a pairwise client needs whose redirect_uris are not all of one https host (OpenID Connect Core §8.1)';
    }

    if (!isConfidential(client)) {
        yield* publicProblems(metadata, grantTypes);
    }
}

function* weakSecret(secret: string, alg: string): Generator<string> {

    if (!isHmac(alg)) {
        yield 'token_endpoint_auth_signing_alg is none that client_secret_jwt signs with: HS256, HS384 or HS512';
    }
    else if (Buffer.byteLength(secret) < secretOctets[alg]) {
        yield `client_secret is too short: ${alg} needs ${secretOctets[alg]} octets (RFC 7518 §3.2)`;
    }
}

function* publicProblems(metadata: ClientMetadata, grantTypes: readonly string[]): Generator<string> {

    const secret = (['client_secret', 'client_secret_sha256'] as const).find((member) => metadata[member] !== undefined);
    if (secret !== undefined) {
        yield `token_endpoint_auth_method is 'none', but there is a ${secret}: leave one of them out`;
    }

    const grantType = confidentialGrantTypes.find((name) => grantTypes.includes(name));
    if (grantType !== undefined) {
        yield `grant_types holds ${grantType}, for which a client has to prove who it is: token_endpoint_auth_method 'none' proves nothing`;
    }

    if (metadata.require_pkce === false) {
        yield 'require_pkce cannot be false for a public client: without PKCE whoever sees its code could use it';
    }
}
