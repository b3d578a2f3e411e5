import type { Request } from '@hapi/hapi';

import type { AuthorizationServer } from '../authorization-server/authorization-server';
import { authenticateClient } from '../clients/authenticate';
import type { ClientAuthenticationMethod, PresentedClient } from '../clients/method';
import { equalSecrets } from '../protocol/compare';
import type { Form } from '../protocol/form';
import { knownScope } from '../protocol/scope';
import type { SigningAlgorithm } from '../protocol/signing-algorithm';
import type { TokenType } from '../tokens/token-type';

/** A flow on one server: its settings, which no longer change, and what it shares with others there. */
export interface FlowRuntime {
    readonly name: string;
    readonly shared: AuthorizationServer;
    /** A path of the flow with the prefix it was registered under. */
    readonly whole: (path: string) => string;
    readonly methods: readonly ClientAuthenticationMethod[];
    /** Lifetime of an access token in seconds. */
    readonly ttl: number;
    /** Lifetime of an ID token in seconds: where the flow is not OpenID's, no longer than its keys are kept for. */
    readonly idTokenTtl: number;
    readonly tokenType: TokenType;
    /** Scopes that exist; `null` where none were declared. */
    readonly scopes: ReadonlySet<string> | null;
    readonly accessTokenAlgorithm: SigningAlgorithm;
    readonly idTokenAlgorithm: SigningAlgorithm;
}

/** The client of a request, by one of the flow's methods. */
export const authenticate = ({ shared, methods }: FlowRuntime, form: Form, request: Request): Promise<PresentedClient> =>
    authenticateClient(methods, { form, headers: request.headers, issuer: shared.issuer(), now: shared.clock(), store: shared.store });

/** Compares what a client presented with what the project keeps, in each reading of what was sent. */
export const secretVerifier = ({ clientSecret = '', clientSecretAsSent = clientSecret }: PresentedClient) => (expected = ''): boolean => {

    const readings = [clientSecret, clientSecretAsSent].map((secret) => equalSecrets(secret, expected));         // Always both, also for a client that does not exist
    return expected !== '' && readings.includes(true);
};

/** The requested scope, if the flow knows it. */
export const requestedScope = ({ scopes }: FlowRuntime, form: Form): string | undefined => knownScope(form.get('scope'), scopes, false);
