import type { ServerApplicationState } from '@hapi/hapi';

import type { ConsentParties } from '../sessions/consent';
import type { AccessTokenPayload } from '../tokens/access-token';
import type { AuthorizationServer } from './authorization-server';
import type { ServerGrants } from './grants';
import type { RequestOAuth2 } from './login';
import type { ServerSessions } from './sessions';
import type { ServerTokens } from './tokens';
import type { ServerRegistration } from './registration';

/** `server.oauth2`: the authorization server, for the app's own code. */
export interface ServerOAuth2 {
    /** The issuer identifier. */
    readonly issuer: string;
    /** The signing keys. */
    readonly keys: {
        /** Publishes a new signing key for every use now; it signs once verifiers have had time to see it. */
        rotate(): Promise<void>;
    };
    /** What users and clients have been granted, where the framework keeps grants. */
    readonly grants: ServerGrants;
    /** What users agreed to be asked no more. */
    readonly consents: {
        /** The client's next request asks the user again; what was granted lives on. */
        forget(parties: ConsentParties): Promise<void>;
    };
    /** Who is signed in, where the framework keeps it. */
    readonly sessions: ServerSessions;
    /** Tokens that somebody presents to the app's own code. */
    readonly tokens: ServerTokens;
    /** Who may register clients. */
    readonly registration: ServerRegistration;
}

declare module '@hapi/hapi' {
    interface PluginProperties {
        readonly 'hapi-oauth2-flows': { readonly authorizationServer: AuthorizationServer };
    }

    interface Server<A = ServerApplicationState> {
        readonly oauth2: ServerOAuth2;
    }

    interface Request {
        readonly oauth2: RequestOAuth2;
    }

    interface UserCredentials {
        /** The user: `sub` of the access token. */
        readonly id: string;
    }

    interface AppCredentials {
        /** The client: `client_id` of the access token. */
        readonly id: string;
    }

    interface AuthCredentials<AuthUser = UserCredentials, AuthApp = AppCredentials> {
        /** The claims of the access token, unless a `validate` handler made the credentials. */
        readonly claims?: AccessTokenPayload;
    }
}
