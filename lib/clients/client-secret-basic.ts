import { parseBasic } from '../protocol/basic-credentials';
import type { ClientCredential } from './credential';
import { invalidClient, type ClientAuthenticationContext, type ClientAuthenticationMethod, type PresentedClient } from './method';

/**
 * `client_secret_basic`: id and secret in the `Authorization` header, each form-encoded (RFC 6749 §2.3.1).
 *
 * A client that sends its secret unencoded is understood too. Its id is read decoded, unless a `client_id` in the form is the id as sent.
 */
export class ClientSecretBasic implements ClientAuthenticationMethod {

    readonly method = 'client_secret_basic';

    /** The client that the request names by this method, unproven; `null` for another credential. */
    present(credential: ClientCredential, { form }: ClientAuthenticationContext): PresentedClient | null {

        if (credential.carrier !== 'authorization') {
            return null;
        }

        const parsed = parseBasic(credential.header);
        if (parsed === null || parsed.raw.id === '' || parsed.raw.secret === '') {
            throw invalidClient('basic_malformed');
        }

        const { decoded, raw } = parsed;
        const clientId = form.get('client_id') === raw.id ? raw.id : decoded.id;
        return { clientId, method: this.method, clientSecret: decoded.secret, clientSecretAsSent: raw.secret };
    }
}
