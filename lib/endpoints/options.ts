import type { RouteOptions, RouteOptionsCors } from '@hapi/hapi';

/** The options of hapi routes that are the app's to set: all others are the protocol's. */
export type EndpointOptions = Pick<RouteOptions, 'cors' | 'tags' | 'description' | 'notes' | 'app' | 'plugins' | 'security' | 'timeout'>;

/** Who may call from a browser: every origin, none, or those listed. */
export type CorsSetting = true | false | readonly string[];

/**
 * CORS of an endpoint that scripts call: never with credentials, for what they prove is in the request (OAuth 2.1 §3.2). hapi exposes
 * `www-authenticate` by itself.
 */
export const corsOptions = (setting: CorsSetting): RouteOptionsCors | false => (setting === false ? false : {
    origin: setting === true ? 'ignore' : [...setting],
    credentials: false,
    additionalHeaders: ['dpop', 'mcp-protocol-version'],
    additionalExposedHeaders: ['dpop-nonce', 'retry-after']
});
