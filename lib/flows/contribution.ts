import type { Server, ServerRoute } from '@hapi/hapi';

import type { PlainMethodName } from '../clients/by-name';
import type { FlowMetadata } from '../endpoints/metadata';
import type { RoutePath } from '../endpoints/place';
import type { GrantHandler, TokenMount } from '../endpoints/token';
import type { GrantType } from '../grant-types/grant-type';
import type { IssueTokens } from './proven-context';
import type { FlowRuntime } from './runtime';

/** What one kind of flow is. */
export interface FlowKind<P extends object, Q extends { readonly grantType: string }> {
    readonly name: string;
    readonly grantType: GrantType<P, Q['grantType']>;
    /** Methods accepted where none were added. */
    readonly defaultMethods: readonly PlainMethodName[];
    /** Whether a client must be able to prove who it is. */
    readonly confidentialOnly: boolean;
    /** Whether the flow is OpenID Connect's. */
    readonly openid: boolean;
    /** Serves the grant type where the framework proves. */
    readonly prove: (runtime: FlowRuntime, issueTokens: IssueTokens<Q> | undefined) => GrantHandler;
}

/** Routes of one path that a flow adds, and the call that moves them. */
export interface RouteMount {
    readonly path: RoutePath;
    readonly setter: 'setPath()' | 'setVerificationPath()';
    readonly routes: ServerRoute[];
}

/** What a flow adds to its server. */
export interface Contribution {
    readonly tokens: readonly TokenMount[];
    readonly routes: readonly RouteMount[];
    readonly metadata: Pick<FlowMetadata, 'authorizationPath' | 'responseModes' | 'deviceAuthorizationPath' | 'verificationPath'>;
    /** Looks at the whole server before it starts; what it throws refuses the start. */
    readonly atStart?: ((server: Server) => void) | undefined;
}
