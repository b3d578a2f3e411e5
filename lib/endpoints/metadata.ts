import type { Lifecycle, Server } from '@hapi/hapi';

import { frozen } from '../protocol/frozen';
import { issuerPath, publicUrl } from '../protocol/issuer';
import { documentEndpoint, type EndpointRoute } from './route';

/** What one flow serves, for the metadata. Paths are whole. */
export interface FlowMetadata {
    readonly name: string;
    readonly tokenPath: string;
    /** The `grant_type` values of the flow at its token path. */
    readonly grantTypes: readonly string[];
    /** Where its refresh tokens are used, if that is not its token path. */
    readonly refreshPath?: string | undefined;
    readonly clientAuthentication: readonly { readonly method: string; readonly algorithms?: readonly string[] | undefined }[];
    readonly scopes: readonly string[];
    readonly authorizationPath?: string | undefined;
    /** How its authorization responses reach clients; by query alone when left out. */
    readonly responseModes?: readonly string[] | undefined;
    readonly deviceAuthorizationPath?: string | undefined;
    /** Where users enter what a device shows, if the framework has a page for that. */
    readonly verificationPath?: string | undefined;
    /** The algorithm of the flow's ID tokens, if it is an OpenID Connect flow. */
    readonly idTokenAlg?: string | undefined;
    /** Members that come with the flow's token type. */
    readonly tokenType: Readonly<Record<string, unknown>>;
}

/** What the metadata says of a server that tells clients about its users (OpenID Connect Discovery §3). */
export interface OpenidMetadata {
    readonly userinfoPath: string;
    readonly endSessionPath: string;
    readonly claims: readonly string[];
    readonly acrValues: readonly string[];
    /** How clients may be registered to know users. */
    readonly subjectTypes: readonly string[];
    /** Algorithms that clients are registered for, beside the flow's. */
    readonly idTokenAlgs: readonly string[];
    readonly userinfoAlgs: readonly string[];
}

/** What the metadata of a server is made from. */
export interface MetadataSource {
    readonly issuer: string;
    readonly jwksPath: string;
    readonly flows: readonly FlowMetadata[];
    /** Where clients ask about their tokens and give them back, and how they authenticate there. */
    /** What an OpenID server says of its users. */
    readonly openid?: OpenidMetadata | undefined;
    readonly management?: { readonly paths: { readonly introspection: string; readonly revocation: string; readonly registration?: string | undefined }; readonly clientAuthentication: FlowMetadata['clientAuthentication'] } | undefined;
    /** Members that only the app knows. */
    readonly additional: Readonly<Record<string, unknown>> | undefined;
}

/**
 * The metadata of an authorization server (RFC 8414 §2), merged from what its flows serve.
 *
 * A document names one token endpoint. Of several it is that of the first flow with an authorization endpoint, or of the first flow,
 * and only what is served there is listed; the others are the app's private arrangement with clients that know them. An array may be
 * empty only where the member is required.
 */
export const metadataDocument = (source: MetadataSource): Readonly<Record<string, unknown>> =>
    documentOf(source, source.flows.find(({ authorizationPath }) => authorizationPath !== undefined) ?? source.flows[0]);

/** What is served at the token endpoint of one flow, and that flow's authorization endpoint. */
const documentOf = ({ issuer, jwksPath, flows, management, additional }: MetadataSource, main: FlowMetadata | undefined): Readonly<Record<string, unknown>> => {

    const absolute = (path: string | undefined) => (path === undefined ? undefined : publicUrl(issuer, path));
    const advertised = flows.filter(({ tokenPath }) => tokenPath === main?.tokenPath);
    const authorizationPath = main?.authorizationPath;
    const deviceAuthorizationPath = advertised.find((flow) => flow.deviceAuthorizationPath !== undefined)?.deviceAuthorizationPath;
    const methods = advertised.flatMap(({ clientAuthentication }) => clientAuthentication);
    const served = {
        issuer,
        authorization_endpoint: absolute(authorizationPath),
        token_endpoint: absolute(main?.tokenPath),
        device_authorization_endpoint: absolute(deviceAuthorizationPath),
        jwks_uri: absolute(jwksPath),
        grant_types_supported: unique(advertised.flatMap(({ grantTypes }) => grantTypes)),
        response_types_supported: authorizationPath === undefined ? [] : ['code'],
        response_modes_supported: authorizationPath === undefined ? undefined : main?.responseModes ?? ['query'],
        scopes_supported: some(advertised.flatMap(({ scopes }) => scopes)),
        token_endpoint_auth_methods_supported: unique(methods.map(({ method }) => method)),
        token_endpoint_auth_signing_alg_values_supported: some(methods.flatMap(({ algorithms = [] }) => algorithms)),
        ...managementOf(management, absolute),
        code_challenge_methods_supported: authorizationPath === undefined ? undefined : ['S256'],
        authorization_response_iss_parameter_supported: authorizationPath === undefined ? undefined : true
    };
    return defined({ ...Object.fromEntries(advertised.flatMap(({ tokenType }) => Object.entries(tokenType))), ...additional, ...served });
};

/** The endpoints for tokens that were issued; introspection is for clients that can prove who they are (RFC 7662 §4). */
const managementOf = (management: MetadataSource['management'], absolute: (path: string) => string | undefined): Readonly<Record<string, unknown>> => {

    if (management === undefined) {
        return {};
    }

    const { paths, clientAuthentication } = management;
    const ofConfidential = clientAuthentication.filter(({ method }) => method !== 'none');
    return {
        registration_endpoint: paths.registration === undefined ? undefined : absolute(paths.registration),
        introspection_endpoint: absolute(paths.introspection),
        introspection_endpoint_auth_methods_supported: unique(ofConfidential.map(({ method }) => method)),
        introspection_endpoint_auth_signing_alg_values_supported: some(ofConfidential.flatMap(({ algorithms = [] }) => algorithms)),
        revocation_endpoint: absolute(paths.revocation),
        revocation_endpoint_auth_methods_supported: unique(clientAuthentication.map(({ method }) => method)),
        revocation_endpoint_auth_signing_alg_values_supported: some(ofConfidential.flatMap(({ algorithms = [] }) => algorithms))
    };
};

/** The same as an OpenID Provider's (OpenID Connect Discovery §3), or `null` while there is no OpenID flow with an authorization endpoint. */
export const openidConfiguration = (source: MetadataSource): Readonly<Record<string, unknown>> | null => {

    const provider = source.flows.find(({ idTokenAlg, authorizationPath }) => idTokenAlg !== undefined && authorizationPath !== undefined);
    if (provider === undefined) {
        return null;
    }

    const algs = source.flows.flatMap(({ tokenPath, idTokenAlg }) => (tokenPath === provider.tokenPath ? idTokenAlg ?? [] : []));
    return {
        ...documentOf(source, provider),
        subject_types_supported: source.openid?.subjectTypes ?? ['public'],
        id_token_signing_alg_values_supported: unique([...algs, ...source.openid?.idTokenAlgs ?? []]),
        ...source.openid === undefined ? {} : userinfoOf(source.openid, source, algs),
        request_parameter_supported: false,
        request_uri_parameter_supported: false
    };
};

/** What the app itself says of its claims goes first: it may know more of them than the framework. */
const userinfoOf = ({ userinfoPath, endSessionPath, claims, acrValues, idTokenAlgs, userinfoAlgs }: OpenidMetadata, { issuer, additional }: MetadataSource, algs: readonly string[]): Readonly<Record<string, unknown>> => ({
    userinfo_endpoint: publicUrl(issuer, userinfoPath),
    end_session_endpoint: publicUrl(issuer, endSessionPath),
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    userinfo_signing_alg_values_supported: unique([...algs, ...idTokenAlgs, ...userinfoAlgs]),
    claim_types_supported: ['normal'],
    claims_supported: additional?.claims_supported ?? unique(claims),
    claims_parameter_supported: true,
    acr_values_supported: unique(acrValues)
});

/** Members that say what is served: the app cannot set them apart from what it serves. */
export const derivedMembers: readonly string[] = [
    'issuer', 'authorization_endpoint', 'token_endpoint', 'device_authorization_endpoint', 'jwks_uri', 'grant_types_supported', 'response_types_supported',
    'response_modes_supported', 'scopes_supported', 'token_endpoint_auth_methods_supported', 'token_endpoint_auth_signing_alg_values_supported',
    'registration_endpoint', 'introspection_endpoint', 'introspection_endpoint_auth_methods_supported', 'introspection_endpoint_auth_signing_alg_values_supported',
    'revocation_endpoint', 'revocation_endpoint_auth_methods_supported', 'revocation_endpoint_auth_signing_alg_values_supported',
    'code_challenge_methods_supported', 'authorization_response_iss_parameter_supported', 'subject_types_supported', 'id_token_signing_alg_values_supported',
    'request_parameter_supported', 'request_uri_parameter_supported'
];

/** Where an issuer's metadata is (RFC 8414 §3.1, §5; OpenID Connect Discovery §4). */
export const metadataPaths = (issuer: string): Readonly<Record<'oauth' | 'openid', readonly string[]>> => {

    const path = issuerPath(issuer);
    return { oauth: [`/.well-known/oauth-authorization-server${path}`], openid: unique([`/.well-known/openid-configuration${path}`, `${path}/.well-known/openid-configuration`]) };
};

/** Serves a metadata document under its well-known paths. */
export const mountMetadata = (server: Server, paths: readonly string[], route: Pick<EndpointRoute, 'cors'>, { version, document }: { readonly version: () => string; readonly document: () => object }): void => {

    let made: { readonly version: string; readonly document: object } | undefined;
    const answer: Lifecycle.Method = (_request, h) => {

        if (made?.version !== version()) {
            const own = JSON.parse(JSON.stringify(document())) as object;        // A copy: what the app has said stays its own
            made = { version: version(), document: frozen(own) };
        }

        return h.response(made.document).type('application/json').header('cache-control', 'public, max-age=300');
    };

    for (const path of paths) {
        server.route(documentEndpoint({ ...route, path, options: {}, description: 'Authorization server metadata' }, answer));
    }
};

const unique = (values: readonly string[]): readonly string[] => [...new Set(values)];

const some = (values: readonly string[]): readonly string[] | undefined => (values.length === 0 ? undefined : unique(values));

const defined = (members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
    Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
