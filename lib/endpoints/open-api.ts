import { securitySchemeOf, type DescribedFlow, type OpenAPIOptions, type OpenAPISecurityScheme } from './open-api-schemes';

type Members = Readonly<Record<string, unknown>>;

/** The part of an OpenAPI 3 document that flows are: to be merged into that of the app. */
export interface OpenAPIDescription {
    /** The endpoints, by their paths and methods. */
    readonly paths: Readonly<Record<string, Readonly<Partial<Record<'get' | 'post', Members>>>>>;
    readonly components: {
        /** How the app's routes are protected, by the names of the strategies. */
        readonly securitySchemes: Readonly<Record<string, OpenAPISecurityScheme>>;
        readonly schemas: Members;
    };
}

const text = { type: 'string' };
const uri = { type: 'string', format: 'uri' };

/** What a form may have, by grant type; every form says who its client is. */
const ofClient: Members = {
    client_id: text,
    client_secret: { ...text, format: 'password' },
    client_assertion: { ...text, description: 'A JWT that the client signed (RFC 7523)' },
    client_assertion_type: { ...text, description: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' }
};
const ofTarget: Members = { scope: { ...text, description: 'Names with spaces between' }, resource: { ...uri, description: 'Whom the token is for (RFC 8707)' } };
const code = { code: text, redirect_uri: uri, code_verifier: { ...text, minLength: 43, maxLength: 128 } };
const tokenType = { ...text, format: 'uri' };
const ofGrantType: Readonly<Record<string, Members>> = {
    authorization_code: code,
    refresh_token: { refresh_token: text },
    password: { username: text, password: { ...text, format: 'password' } },
    'urn:ietf:params:oauth:grant-type:device_code': { device_code: text },
    'urn:ietf:params:oauth:grant-type:token-exchange': { subject_token: text, subject_token_type: tokenType, actor_token: text, actor_token_type: tokenType, requested_token_type: tokenType }
};

const schemas: Members = {
    OAuth2TokenResponse: {
        type: 'object', description: 'RFC 6749 §5.1', required: ['access_token', 'token_type'],
        properties: { access_token: text, token_type: text, expires_in: { type: 'integer', description: 'Seconds' }, refresh_token: text, id_token: text, scope: text, issued_token_type: text }
    },
    OAuth2DeviceAuthorizationResponse: {
        type: 'object', description: 'RFC 8628 §3.2', required: ['device_code', 'user_code', 'verification_uri', 'expires_in'],
        properties: { device_code: text, user_code: text, verification_uri: uri, verification_uri_complete: uri, expires_in: { type: 'integer', description: 'Seconds' }, interval: { type: 'integer', description: 'Seconds between polls' } }
    },
    OAuth2Error: { type: 'object', description: 'RFC 6749 §5.2', required: ['error'], properties: { error: text, error_description: text, error_uri: uri } }
};

/** What flows are in OpenAPI 3: their endpoints, the replies of these, and the security schemes of their tokens. */
export const openApiOf = (flows: readonly DescribedFlow[], issuer: string, options: OpenAPIOptions = {}): OpenAPIDescription => ({
    paths: {
        ...at(flows.map(({ authorizationPath }) => authorizationPath), () => ({ get: authorizationOperation })),
        ...at(flows.map(({ deviceAuthorizationPath }) => deviceAuthorizationPath), () => ({ post: deviceOperation })),
        ...at(flows.map(({ tokenPath }) => tokenPath), (path) => ({ post: tokenOperation(flows.filter(({ tokenPath }) => tokenPath === path)) }))
    },
    components: { securitySchemes: Object.fromEntries(flows.map((flow) => [flow.name, securitySchemeOf(flow, issuer, options)])), schemas }
});

const json = (description: string, name: string): Members => ({ description, content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } } });

/** What every endpoint that programs call may answer. */
const refusals: Members = {
    400: json('The request was refused', 'OAuth2Error'),
    401: json('The client was not authenticated', 'OAuth2Error'),
    429: json('Too many wrong attempts: see Retry-After', 'OAuth2Error'),
    503: json('Try again: see Retry-After', 'OAuth2Error')
};

const operation = (summary: string, properties: Members, required: readonly string[], ok: Members): Members => ({
    summary, tags: ['OAuth 2.0'], security: [],
    requestBody: { required: true, content: { 'application/x-www-form-urlencoded': { schema: { type: 'object', ...required.length === 0 ? {} : { required }, properties } } } },
    responses: { 200: ok, ...refusals }
});

const tokenOperation = (flows: readonly DescribedFlow[]): Members => {

    const grantTypes = unique(flows.flatMap((flow) => flow.grantTypes));
    const parameters: Members = Object.fromEntries<unknown>(grantTypes.flatMap((type) => Object.entries(ofGrantType[type] ?? {})));
    return operation('Token endpoint', { grant_type: { ...text, enum: grantTypes }, ...parameters, ...ofTarget, ...ofClient }, ['grant_type'], json('Tokens', 'OAuth2TokenResponse'));
};

const deviceOperation = operation('Device authorization endpoint', { ...ofTarget, ...ofClient }, [], json('What the device shows', 'OAuth2DeviceAuthorizationResponse'));

const parameter = (name: string, required: boolean, schema: Members = text): Members => ({ name, in: 'query', required, schema });

const page = (description: string): Members => ({ description, content: { 'text/html': { schema: text } } });

const authorizationOperation: Members = {
    summary: 'Authorization endpoint', tags: ['OAuth 2.0'], security: [],
    description: 'For browsers: the user signs in and agrees, and is sent back to the client (RFC 6749 §4.1.1)',
    parameters: [
        parameter('response_type', true, { ...text, enum: ['code'] }), parameter('client_id', true), parameter('redirect_uri', false, uri), parameter('scope', false), parameter('state', false),
        parameter('code_challenge', false), parameter('code_challenge_method', false, { ...text, enum: ['S256'] }), parameter('resource', false, uri),
        parameter('nonce', false), parameter('response_mode', false)
    ],
    responses: { 200: page('A page for the user'), 303: { description: 'Back to the client, with code or error, state and iss' }, 400: page('What is wrong, where the client cannot be told') }
};

/** Something at each of some paths. */
const at = <T>(paths: readonly (string | undefined)[], make: (path: string) => T): Readonly<Record<string, T>> => Object.fromEntries(unique(paths).map((path) => [path, make(path)]));

const unique = (values: readonly (string | undefined)[]): readonly string[] => [...new Set(values.filter((value) => value !== undefined))];
