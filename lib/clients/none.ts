import type { ClientCredential } from './credential';
import type { ClientAuthenticationContext, ClientAuthenticationMethod, PresentedClient } from './method';

/** `none`: a public client names itself and proves nothing (RFC 6749 §3.2.1). */
export class NoneAuthMethod implements ClientAuthenticationMethod {

    readonly method = 'none';

    /** The client that the request names by this method, unproven; `null` for another credential. */
    present(credential: ClientCredential, { form }: ClientAuthenticationContext): PresentedClient | null {

        return credential.carrier === 'none' ?
            { clientId: form.require('client_id'), method: this.method, clientSecret: undefined } :
            null;
    }
}
