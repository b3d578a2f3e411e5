import type { ClientCredential } from './credential';
import type { ClientAuthenticationContext, ClientAuthenticationMethod, PresentedClient } from './method';

/** `client_secret_post`: id and secret in the form (RFC 6749 §2.3.1). */
export class ClientSecretPost implements ClientAuthenticationMethod {

    readonly method = 'client_secret_post';

    /** The client that the request names by this method, unproven; `null` for another credential. */
    present(credential: ClientCredential, { form }: ClientAuthenticationContext): PresentedClient | null {

        return credential.carrier === 'client_secret' ?
            { clientId: form.require('client_id'), method: this.method, clientSecret: credential.clientSecret } :
            null;
    }
}
