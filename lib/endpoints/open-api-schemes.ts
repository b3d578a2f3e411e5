import { issuerPath, publicUrl } from '../protocol/issuer';
import type { FlowMetadata } from './metadata';

/** What of a flow is described. */
export interface DescribedFlow extends FlowMetadata {
    readonly description: string | undefined;
    /** The name of its token type. */
    readonly tokenTypeName: string;
    /** The scopes that it knows, each with what it allows. */
    readonly scopeTexts: Readonly<Record<string, string>>;
    /** Whether its tokens hang on grants, which is what UserInfo asks. */
    readonly keepsGrants: boolean;
}

/** How a flow is described. */
export interface OpenAPIOptions {
    /** What the document says of its version: `3.1` when left out. Only `3.2` has a word for the device flow. */
    readonly version?: '3.0' | '3.1' | '3.2' | undefined;
    /** Whether an OpenID flow is an `openIdConnect` scheme, whose scopes and endpoints are read from its metadata; with `false` it is `oauth2`, and says its scopes. */
    readonly openIdConnect?: boolean | undefined;
}

/** A flow of an `oauth2` scheme (OpenAPI 3.1 §4.8.29, 3.2 §4.29). */
export interface OpenAPIFlow {
    readonly authorizationUrl?: string;
    readonly deviceAuthorizationUrl?: string;
    readonly tokenUrl: string;
    readonly refreshUrl?: string;
    readonly scopes: Readonly<Record<string, string>>;
}

/** A security scheme of OpenAPI 3. */
export type OpenAPISecurityScheme =
    | { readonly type: 'oauth2'; readonly description?: string; readonly flows: Readonly<Record<string, OpenAPIFlow>> }
    | { readonly type: 'openIdConnect'; readonly description?: string; readonly openIdConnectUrl: string }
    | { readonly type: 'http'; readonly description?: string; readonly scheme: string; readonly 'x-deviceAuthorization'?: OpenAPIFlow };

/** The words that OpenAPI has for grant types that need no endpoint but the token endpoint. */
const words: Readonly<Record<string, string>> = { client_credentials: 'clientCredentials', password: 'password' };

/** The security scheme of a flow's access tokens. A grant type that this version of OpenAPI has no word for is said to have tokens, however they are got. */
export const securitySchemeOf = (flow: DescribedFlow, issuer: string, { version = '3.1', openIdConnect = true }: OpenAPIOptions): OpenAPISecurityScheme => {

    const { authorizationPath, deviceAuthorizationPath, tokenPath, grantTypes, refreshPath = grantTypes.includes('refresh_token') ? tokenPath : undefined, description: text, scopeTexts: scopes } = flow;
    const description = text === undefined ? {} : { description: text };
    const tokenUrl = publicUrl(issuer, tokenPath);
    const rest = { tokenUrl, ...refreshPath === undefined ? {} : { refreshUrl: publicUrl(issuer, refreshPath) }, scopes };
    if (authorizationPath !== undefined && flow.idTokenAlg !== undefined && openIdConnect) {
        return { type: 'openIdConnect', ...description, openIdConnectUrl: publicUrl(issuer, `${issuerPath(issuer)}/.well-known/openid-configuration`) };
    }

    if (authorizationPath !== undefined) {
        return { type: 'oauth2', ...description, flows: { authorizationCode: { authorizationUrl: publicUrl(issuer, authorizationPath), ...rest } } };
    }

    const device = deviceAuthorizationPath === undefined ? undefined : { deviceAuthorizationUrl: publicUrl(issuer, deviceAuthorizationPath), ...rest };
    const word = grantTypes.flatMap((type) => words[type] ?? [])[0];
    if (word !== undefined || (device !== undefined && version === '3.2')) {
        return { type: 'oauth2', ...description, flows: { [word ?? 'deviceAuthorization']: device ?? rest } };
    }

    return { type: 'http', ...description, scheme: flow.tokenTypeName.toLowerCase(), ...device === undefined ? {} : { 'x-deviceAuthorization': device } };
};
