import { at, clientOperation, clientScheme, described, formBody, json, page, parameter, registrationScheme, seconds, text, unique, uri, type Members, type OpenAPIPath } from './open-api-parts';
import { securitySchemeOf, type DescribedFlow, type OpenAPIOptions, type OpenAPISecurityScheme } from './open-api-schemes';
import { openidSchemas, registrationSchemas, serverPaths, serverSchemas, type DescribedServer } from './open-api-server';

/** The part of an OpenAPI 3 document that flows are: to be merged into that of the app. */
export interface OpenAPIDescription {
    /** The endpoints, by their paths and methods. */
    readonly paths: Readonly<Record<string, Readonly<Partial<Record<'get' | 'post' | 'put' | 'delete', Members>>>>>;
    readonly components: {
        /** How the app's routes are protected, by the names of the strategies; and `OAuth2Client` and `OAuth2Registration`, where endpoints of the server need them. */
        readonly securitySchemes: Readonly<Record<string, OpenAPISecurityScheme>>;
        readonly schemas: Members;
    };
}

/** What a form may have, by grant type. */
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
        properties: { access_token: text, token_type: text, expires_in: seconds, refresh_token: text, id_token: text, scope: text, issued_token_type: text }
    },
    OAuth2DeviceAuthorizationResponse: {
        type: 'object', description: 'RFC 8628 §3.2', required: ['device_code', 'user_code', 'verification_uri', 'expires_in'],
        properties: { device_code: text, user_code: text, verification_uri: uri, verification_uri_complete: uri, expires_in: seconds, interval: { type: 'integer', description: 'Seconds between polls' } }
    },
    OAuth2Error: { type: 'object', description: 'RFC 6749 §5.2', required: ['error'], properties: { error: text, error_description: text, error_uri: uri } }
};

/** What flows and their server are in OpenAPI 3: the endpoints, the replies of these, and the security schemes of the flows' tokens. */
export const openApiOf = (flows: readonly DescribedFlow[], server: DescribedServer, options: OpenAPIOptions = {}): OpenAPIDescription => {

    const endpoints = flows.flatMap(tokenEndpointsOf);
    const paths: Readonly<Record<string, OpenAPIPath>> = {
        ...at(flows.map(({ authorizationPath }) => authorizationPath), (path) => authorizationPathOf(flows.filter(({ authorizationPath }) => authorizationPath === path))),
        ...at(flows.map(({ deviceAuthorizationPath }) => deviceAuthorizationPath), (path) => ({ post: deviceOperation(flows.filter(({ deviceAuthorizationPath }) => deviceAuthorizationPath === path)) })),
        ...at(flows.map(({ verificationPath }) => verificationPath), () => ({ get: verificationOperation })),
        ...at(endpoints.map(({ path }) => path), (served) => ({ post: tokenOperation(endpoints.filter(({ path }) => path === served)) })),
        ...serverPaths(server, flows)
    };
    return {
        paths,
        components: {
            securitySchemes: Object.fromEntries([...flows.map((flow) => [flow.name, securitySchemeOf(flow, server.issuer, options)] as const), ...schemesOfClients(paths)]),
            schemas: { ...schemas, ...serverSchemas, ...server.openid === undefined ? {} : openidSchemas, ...server.management?.paths.registration === undefined ? {} : registrationSchemas }
        }
    };
};

/** The schemes that operations name and no flow has. */
const schemesOfClients = (paths: Readonly<Record<string, OpenAPIPath>>): readonly (readonly [string, OpenAPISecurityScheme])[] => {

    const named = new Set(Object.values(paths).flatMap((path) => Object.values(path)).flatMap(({ security }) => [security].flat().flatMap((one) => Object.keys(Object.assign({}, one)))));
    return ([
        [clientScheme, { type: 'http', scheme: 'basic', description: 'The id and the secret of a client' }],
        [registrationScheme, { type: 'http', scheme: 'bearer', description: 'An initial access token, or the registration access token of a client' }]
    ] as const).filter(([name]) => named.has(name));
};

/** What one flow serves at a path. */
type TokenEndpoint = Pick<DescribedFlow, 'grantTypes' | 'clientAuthentication'> & { readonly path: string };

/** The token endpoint of a flow, and one more where its refresh tokens have a path of their own. */
const tokenEndpointsOf = ({ tokenPath, grantTypes, refreshPath, clientAuthentication }: DescribedFlow): readonly TokenEndpoint[] => [
    { path: tokenPath, grantTypes, clientAuthentication },
    ...refreshPath === undefined ? [] : [{ path: refreshPath, grantTypes: ['refresh_token'], clientAuthentication }]
];

const tokenOperation = (endpoints: readonly TokenEndpoint[]): Members => {

    const grantTypes = unique(endpoints.flatMap((endpoint) => endpoint.grantTypes));
    const parameters: Members = Object.fromEntries<unknown>(grantTypes.flatMap((type) => Object.entries(ofGrantType[type] ?? {})));
    const properties = { grant_type: { ...text, enum: grantTypes }, ...parameters, ...ofTarget };
    return clientOperation('Token endpoint', methodsOf(endpoints), { properties, required: ['grant_type'], ok: json('Tokens', 'OAuth2TokenResponse') });
};

const deviceOperation = (flows: readonly DescribedFlow[]): Members =>
    clientOperation('Device authorization endpoint', methodsOf(flows), { properties: ofTarget, ok: json('What the device shows', 'OAuth2DeviceAuthorizationResponse') });

const methodsOf = (flows: readonly Pick<DescribedFlow, 'clientAuthentication'>[]): DescribedFlow['clientAuthentication'] => flows.flatMap(({ clientAuthentication }) => clientAuthentication);

const verificationOperation: Members = {
    ...described('Device verification page'),
    description: 'For browsers: the user enters the code that the device shows, signs in and agrees (RFC 8628 §3.3)',
    parameters: [parameter('user_code', false)],
    responses: { 200: page('A page for the user') }
};

const ofCode: Readonly<Record<string, Members>> = {
    response_type: { ...text, enum: ['code'] }, client_id: text, redirect_uri: uri, scope: text, state: text,
    code_challenge: text, code_challenge_method: { ...text, enum: ['S256'] }, resource: uri, nonce: text, response_mode: text
};

const ofOpenid: Readonly<Record<string, Members>> = {
    prompt: text, max_age: { type: 'integer', minimum: 0 }, id_token_hint: text, login_hint: text, acr_values: text, ui_locales: text, claims: { ...text, description: 'JSON (OpenID Connect Core §5.5)' }
};

/** By GET or with a form (RFC 6749 §3.1). */
const authorizationPathOf = (flows: readonly DescribedFlow[]): OpenAPIPath => {

    const members = { ...ofCode, ...flows.some(({ idTokenAlg, keepsGrants }) => idTokenAlg !== undefined && keepsGrants) ? ofOpenid : {} };
    const required = ['response_type', 'client_id'];
    const operation = { ...described('Authorization endpoint'), description: 'For browsers: the user signs in and agrees, and is sent back to the client (RFC 6749 §4.1.1)' };
    const responses = { 200: page('A page for the user'), 303: { description: 'Back to the client, with code or error, state and iss' }, 400: page('What is wrong, where the client cannot be told') };
    return {
        get: { ...operation, parameters: Object.entries(members).map(([name, schema]) => parameter(name, required.includes(name), schema)), responses },
        post: { ...operation, requestBody: formBody(members, required), responses }
    };
};
