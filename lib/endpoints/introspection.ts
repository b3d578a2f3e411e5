import type { Lifecycle, Request, ServerRoute } from '@hapi/hapi';

import type { Client } from '../clients/client';
import { invalidClient } from '../clients/method';
import { isConfidential } from '../clients/record';
import { Form } from '../protocol/form';
import type { ResolvedToken } from '../tokens/resolve';
import { jsonReply } from './json-reply';
import { formEndpoint, type EndpointRoute } from './route';

/** What an introspection endpoint is made from. */
export interface IntrospectionEndpoint extends Omit<EndpointRoute, 'description'> {
    readonly authenticate: (form: Form, request: Request) => Promise<Client>;
    /** The live token behind a text, read from the store each time. */
    readonly resolve: (value: string) => Promise<ResolvedToken | null>;
}

/**
 * The introspection endpoint (RFC 7662 §2): confidential clients ask about their own tokens, and about access tokens for their resources.
 *
 * Whatever else they ask about is not active, and nothing says why: who holds a token may know what it is, who guesses one may not.
 */
export const introspectionEndpoint = (endpoint: IntrospectionEndpoint): ServerRoute[] => {

    const answer: Lifecycle.Method = async (request, h) => {

        const form = Form.from(request.payload);
        const client = await endpoint.authenticate(form, request);
        if (!isConfidential(client)) {
            throw invalidClient('introspection_by_public_client');
        }

        const value = form.require('token');
        form.get('token_type_hint');                        // Refused when repeated; a token says itself what it is
        const token = await endpoint.resolve(value);
        return jsonReply(h, token !== null && maySee(client, token) ? Object.assign({}, token.claims, { active: true }) : { active: false });
    };

    return formEndpoint({ ...endpoint, description: 'OAuth 2.0 token introspection endpoint' }, answer);
};

const maySee = ({ id, metadata: { resources = [] } }: Client, { kind, clientId, audience }: ResolvedToken): boolean =>
    clientId === id || (kind === 'access_token' && audience.some((uri) => resources.includes(uri)));
