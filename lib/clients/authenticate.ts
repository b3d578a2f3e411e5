import { OAuth2Error } from '../error';
import { readCredential } from './credential';
import { invalidClient, type ClientAuthenticationContext, type ClientAuthenticationMethod, type PresentedClient } from './method';

/**
 * The client of a request, by the one method that it uses.
 *
 * What a request carries decides its method, not what a flow accepts: a credential that no accepted method takes is refused and never
 * ignored. A `client_id` in the form may accompany any method and has to agree.
 */
export const authenticateClient = async (methods: readonly ClientAuthenticationMethod[], context: ClientAuthenticationContext): Promise<PresentedClient> => {

    const { form, headers } = context;
    const authorization = typeof headers.authorization === 'string' ? headers.authorization : undefined;
    const credential = readCredential(authorization, form);
    const clientId = form.get('client_id');
    for (const method of methods) {
        const presented = await method.present(credential, context);
        if (presented === null) {
            continue;
        }

        if (clientId !== undefined && clientId !== presented.clientId) {
            throw new OAuth2Error('invalid_request', 'The client_id is not the one that authenticates', { reason: 'client_id_mismatch' });
        }

        return presented;
    }

    throw invalidClient(credential.carrier === 'none' ? 'no_client_authentication' : 'client_authentication_method_not_accepted');
};
