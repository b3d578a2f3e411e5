import { clientCredentials, newGrant } from '../grant-types/client-credentials';
import { newGrantId } from '../protocol/token-value';
import type { Grant } from '../stores/grant';
import { Flow } from './flow';
import type { ClientProof } from './proven-context';
import { provenHandler, type ProvenRequest } from './proven-handler';
import type { FlowRuntime } from './runtime';
import { wantedTarget } from './wanted-target';

/**
 * The client credentials flow: a machine gets tokens for itself (RFC 6749 §4.4).
 *
 * @example
 * const machine = OAuth2ClientCredentialsBuilder.create()
 *     .setTokenTTL(600)
 *     .addClientAuthenticationMethod('client_secret_basic')
 *     .tokenRoute((route) => route.generateToken(issue));
 * await server.register(machine);
 */
export class OAuth2ClientCredentialsBuilder extends Flow<object, ClientProof> {

    /** A flow with every default. */
    static create(): OAuth2ClientCredentialsBuilder {

        return new OAuth2ClientCredentialsBuilder({
            name: 'oauth2-client-credentials',
            grantType: clientCredentials,
            defaultMethods: ['client_secret_basic', 'client_secret_post'],
            confidentialOnly: true,
            openid: false,
            prove: (runtime, issueTokens) => provenHandler(runtime, {
                grantType: clientCredentials,
                prove: async (_parameters, request) => newGrant(clientGrant(runtime, request), { ...request, narrow: ({ resources: audience, scopes }) => ({ audience, scopes }) }),
                context: ({ presented }) => ({ grantType: clientCredentials.type, presented, subject: null })
            }, issueTokens)
        });
    }
}

/** What a client is granted for itself. */
const clientGrant = (runtime: FlowRuntime, { client, form, now }: ProvenRequest): Grant => {

    const { name: flow } = runtime;
    const { audience: resources, scopes } = wantedTarget(runtime, client, form);
    return { id: newGrantId(), clientId: client.id, subject: null, scopes, resources, authTime: null, acr: null, amr: [], claims: null, flow, createdAt: Math.floor(now / 1000), sessionId: null, sid: null, data: {} };
};
