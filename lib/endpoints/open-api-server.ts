import { metadataPaths, type MetadataSource } from './metadata';
import { clientOperation, described, formBody, json, page, parameter, refusals, registrationScheme, schemaOf, text, uri, type Members, type OpenAPIPath } from './open-api-parts';
import type { DescribedFlow } from './open-api-schemes';

/** What of a server is described beside its flows. */
export type DescribedServer = Pick<MetadataSource, 'issuer' | 'jwksPath' | 'openid' | 'management'>;

export const serverSchemas: Members = {
    OAuth2IntrospectionResponse: {
        type: 'object', description: 'RFC 7662 §2.2', required: ['active'],
        properties: {
            active: { type: 'boolean' }, scope: text, client_id: text, token_type: text, sub: text, iss: uri, jti: text,
            aud: { anyOf: [text, { type: 'array', items: text }] }, exp: { type: 'integer' }, iat: { type: 'integer' }
        }
    },
    OAuth2JwkSet: { type: 'object', description: 'RFC 7517 §5', required: ['keys'], properties: { keys: { type: 'array', items: { type: 'object', required: ['kty'], properties: { kty: text, kid: text, alg: text, use: text } } } } },
    OAuth2ServerMetadata: { type: 'object', description: 'RFC 8414 §2', required: ['issuer', 'response_types_supported'], properties: { issuer: uri, response_types_supported: { type: 'array', items: text } } }
};

export const openidSchemas: Members = {
    OpenIDUserInfo: { type: 'object', description: 'Claims about the user (OpenID Connect Core §5.1)', required: ['sub'], properties: { sub: text } }
};

export const registrationSchemas: Members = {
    OAuth2ClientMetadata: {
        type: 'object', description: 'RFC 7591 §2',
        properties: {
            redirect_uris: { type: 'array', items: uri }, grant_types: { type: 'array', items: text }, response_types: { type: 'array', items: text }, token_endpoint_auth_method: text,
            client_name: text, client_uri: uri, logo_uri: uri, policy_uri: uri, tos_uri: uri, scope: text, contacts: { type: 'array', items: text }, jwks_uri: uri, jwks: { type: 'object' }
        }
    },
    OAuth2ClientInformation: {
        description: 'RFC 7591 §3.2.1, RFC 7592 §3',
        allOf: [schemaOf('OAuth2ClientMetadata'), {
            type: 'object', required: ['client_id', 'registration_access_token', 'registration_client_uri'],
            properties: {
                client_id: text, client_id_issued_at: { type: 'integer' }, client_secret: { ...text, description: 'Told once' }, client_secret_expires_at: { type: 'integer' },
                registration_access_token: text, registration_client_uri: uri
            }
        }]
    }
};

/** The endpoints of a server that come with some of its flows; each is described wherever it is served. */
export const serverPaths = ({ issuer, jwksPath, openid, management }: DescribedServer, flows: readonly DescribedFlow[]): Readonly<Record<string, OpenAPIPath>> => {

    const paths = metadataPaths(issuer);
    const isProvider = flows.some(({ idTokenAlg, authorizationPath }) => idTokenAlg !== undefined && authorizationPath !== undefined);
    const ofUsers = flows.filter(({ idTokenAlg, keepsGrants }) => idTokenAlg !== undefined && keepsGrants);
    const documents = [[jwksPath, keys] as const, ...[...paths.oauth, ...isProvider ? paths.openid : []].map((path) => [path, metadata] as const)];
    return {
        ...management === undefined ? {} : managementPathsOf(management),
        ...openid === undefined || ofUsers.length === 0 ? {} : { [openid.userinfoPath]: userinfo(ofUsers), [openid.endSessionPath]: endSession },
        ...Object.fromEntries(documents.map(([path, get]) => [path, { get }]))
    };
};

const document = (summary: string, name: string): Members => ({ ...described(summary), responses: { 200: json('May be kept for five minutes', name), 503: refusals[503] } });

const keys = document('Public keys', 'OAuth2JwkSet');

const metadata = document('Metadata', 'OAuth2ServerMetadata');

const managementPathsOf = ({ paths, clientAuthentication }: NonNullable<MetadataSource['management']>): Readonly<Record<string, OpenAPIPath>> => {

    const properties: Members = { token: text, token_type_hint: { ...text, enum: ['access_token', 'refresh_token'] } };
    const confidential = clientAuthentication.filter(({ method }) => method !== 'none');
    return {
        [paths.introspection]: { post: clientOperation('Introspection endpoint', confidential, { properties, required: ['token'], ok: json('What the token is, as far as the client may know', 'OAuth2IntrospectionResponse') }) },
        [paths.revocation]: { post: clientOperation('Revocation endpoint', clientAuthentication, { properties, required: ['token'], ok: { description: 'The token is good for nothing any more, if it was one of the client', content: { 'application/json': { schema: { type: 'object' } } } } }) },
        ...paths.registration === undefined ? {} : registrationPaths(paths.registration)
    };
};

const registrationPaths = (path: string): Readonly<Record<string, OpenAPIPath>> => {

    const requestBody = { required: true, content: { 'application/json': { schema: schemaOf('OAuth2ClientMetadata') } } };
    const managed = { parameters: [{ name: 'client_id', in: 'path', required: true, schema: text }] };
    const token = [{ [registrationScheme]: [] }];
    const { 401: _ofClients, ...rest } = refusals;
    const answers = { 401: json('The token is missing, or of no use here', 'OAuth2Error'), ...rest };
    const information = json('The client as it is registered', 'OAuth2ClientInformation');
    return {
        [path]: { post: { ...described('Registration endpoint', [...token, {}]), requestBody, responses: { 201: information, ...answers } } },
        [`${path}/{client_id}`]: {
            get: { ...described('Read a registration', token), ...managed, responses: { 200: information, ...answers } },
            put: { ...described('Change a registration', token), ...managed, requestBody, responses: { 200: information, ...answers } },
            delete: { ...described('End a registration', token), ...managed, responses: { 204: { description: 'The client and its grants are gone' }, ...answers } }
        }
    };
};

const userinfo = (flows: readonly DescribedFlow[]): OpenAPIPath => {

    const challenge = (description: string): Members => ({ description, headers: { 'WWW-Authenticate': { schema: text } }, content: { 'application/json': { schema: schemaOf('OAuth2Error') } } });
    const operation = {
        ...described('UserInfo endpoint', flows.map(({ name }) => ({ [name]: ['openid'] }))),
        description: 'For any live access token with the scope openid (OpenID Connect Core §5.3)',
        responses: {
            200: { description: 'Claims; a JWT that holds them for clients with userinfo_signed_response_alg', content: { 'application/json': { schema: schemaOf('OpenIDUserInfo') }, 'application/jwt': { schema: text } } },
            400: refusals[400], 401: challenge('The token is missing, or not valid'), 403: challenge('The token lacks the scope openid'), 503: refusals[503]
        }
    };
    const requestBody = { ...formBody({ access_token: { ...text, description: 'Where it is not in the header' } }), required: false };
    return { get: operation, post: { ...operation, requestBody } };
};

const ofLogout = { id_token_hint: text, client_id: text, post_logout_redirect_uri: uri, state: text, ui_locales: { ...text, description: 'Languages with spaces between' } };
const logout = { ...described('End session endpoint'), description: 'For browsers: the user signs out, and is sent back to the client (OpenID Connect RP-Initiated Logout §2)' };
const left: Members = { 200: page('A page for the user'), 303: { description: 'Back to the client, or to a page that asks' }, 400: page('What is wrong') };
const endSession: OpenAPIPath = {
    get: { ...logout, parameters: Object.entries(ofLogout).map(([name, schema]) => parameter(name, false, schema)), responses: left },
    post: { ...logout, requestBody: { ...formBody(ofLogout), required: false }, responses: left }
};

