import type { Lifecycle, Request, ServerRoute } from '@hapi/hapi';

import type { Client } from '../clients/client';
import { Form } from '../protocol/form';
import type { RevocableToken } from '../tokens/resolve';
import { jsonReply } from './json-reply';
import { formEndpoint, type EndpointRoute } from './route';

/** What a revocation endpoint is made from. */
export interface RevocationEndpoint extends Omit<EndpointRoute, 'description'> {
    readonly authenticate: (form: Form, request: Request) => Promise<Client>;
    /** What is behind a text, read from the store each time; also a refresh token that was replaced. */
    readonly resolve: (value: string) => Promise<RevocableToken | null>;
    /** Ends what a token hangs on, and says so once. */
    readonly revoke: (token: RevocableToken) => Promise<unknown>;
}

/**
 * The revocation endpoint (RFC 7009 §2): any token of a client ends the grant it hangs on, and one from an exchange ends that exchange alone.
 *
 * Another client's token is left alone, and answered like an unknown one: nobody learns here whether a token lives.
 */
export const revocationEndpoint = (endpoint: RevocationEndpoint): ServerRoute[] => {

    const answer: Lifecycle.Method = async (request, h) => {

        const form = Form.from(request.payload);
        const client = await endpoint.authenticate(form, request);
        const value = form.require('token');
        form.get('token_type_hint');                        // Refused when repeated; a token says itself what it is
        const token = await endpoint.resolve(value);
        if (token?.clientId === client.id) {
            await endpoint.revoke(token);
        }

        return jsonReply(h, {});                            // Nobody reads it (§2.2), but some clients refuse what is no JSON
    };

    return formEndpoint({ ...endpoint, description: 'OAuth 2.0 token revocation endpoint' }, answer);
};
