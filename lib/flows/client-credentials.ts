import { clientCredentials } from '../grant-types/client-credentials';
import { Flow } from './flow';
import type { ClientProof } from './proven-context';

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
            openid: false
        });
    }
}
