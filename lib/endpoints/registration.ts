import type { Lifecycle, Request, ServerRoute } from '@hapi/hapi';

import type { InitialAccessTokens } from '../clients/initial-access-token';
import type { DecideRegistration, RegisteredClient, Registrations } from '../clients/registrations';
import type { FoundClient } from '../clients/stored-clients';
import { OAuth2Error } from '../error';
import type { StoredValue } from '../stores/store';
import { jsonReply } from './json-reply';
import type { RateLimits } from './rate-limit';
import { jsonEndpoint, type EndpointRoute } from './route';

/** What is decided about: who registers, and with what leave. */
export interface RegistrationAttempt {
    /** The client that changes its registration; `null` for a new one. */
    readonly found: FoundClient | null;
    /** What the initial access token says; empty where none is asked for. */
    readonly data: StoredValue;
}

/** What a registration endpoint is made from. */
export interface RegistrationEndpoint extends Omit<EndpointRoute, 'description'> {
    readonly registrations: Registrations;
    /** Those with which a client may register; `null` where every stranger may. */
    readonly tokens: Pick<InitialAccessTokens, 'read' | 'consume'> | null;
    readonly limits: Pick<RateLimits, 'registration'>;
    readonly decide: (attempt: RegistrationAttempt, request: Request) => DecideRegistration;
    /** Forgets a client and ends its grants. */
    readonly remove: (clientId: string) => Promise<void>;
    /** The public URL under which a client manages its registration. */
    readonly managementUri: (clientId: string) => string;
    readonly report: (what: 'created' | 'changed' | 'deleted', clientId: string) => void;
}

/** The registration endpoint (RFC 7591 §3) and, below it, one for each client to read, change and delete what it registered (RFC 7592 §2). */
export const registrationEndpoint = (endpoint: RegistrationEndpoint): ServerRoute[] => {

    const { registrations, tokens, limits, report } = endpoint;

    /** What is kept of the client, and what it is told once or by the token that it presents. */
    const information = ({ client: { id, metadata: { client_secret: _kept, ...metadata } }, issuedAt, secret, token }: RegisteredClient): Readonly<Record<string, unknown>> => ({
        ...metadata,
        client_id: id,
        client_id_issued_at: issuedAt,
        ...secret === undefined ? {} : { client_secret: secret, client_secret_expires_at: 0 },
        registration_access_token: token,
        registration_client_uri: endpoint.managementUri(id)
    });

    const register: Lifecycle.Method = async (request, h) => {

        if (tokens === null) {
            await limits.registration(request);                                 // Also what is refused: it may have made this server ask others
        }

        const initial = tokens === null ? '' : bearerOf(request);
        const data = await tokens?.read(initial) ?? {};                         // First: a stranger must not make this server work
        const registered = await registrations.register(request.payload, {
            data,
            decide: endpoint.decide({ found: null, data }, request),
            consume: async () => await tokens?.consume(initial)
        });
        report('created', registered.client.id);
        return jsonReply(h, information(registered)).code(201);
    };

    const managed = async (request: Request): Promise<{ readonly found: FoundClient; readonly token: string }> => {

        const token = bearerOf(request);
        return { token, found: await registrations.find(String(request.params.client_id), token) };
    };

    const read: Lifecycle.Method = async (request, h) => {

        const { found: { client, issuedAt }, token } = await managed(request);
        return jsonReply(h, information({ client, issuedAt, token }));
    };

    const replace: Lifecycle.Method = async (request, h) => {

        const { found, token } = await managed(request);
        const registered = await registrations.replace(found, request.payload, { token, decide: endpoint.decide({ found, data: found.data }, request) });
        report('changed', registered.client.id);
        return jsonReply(h, information(registered));
    };

    const remove: Lifecycle.Method = async (request, h) => {

        const { found: { client } } = await managed(request);
        await endpoint.remove(client.id);
        report('deleted', client.id);
        return h.response().code(204);
    };

    return [
        ...jsonEndpoint({ ...endpoint, description: 'OAuth 2.0 dynamic client registration endpoint' }, { POST: register }),
        ...jsonEndpoint({ ...endpoint, path: `${endpoint.path}/{client_id}`, description: 'OAuth 2.0 client configuration endpoint' }, { GET: read, PUT: replace, DELETE: remove })
    ];
};

/** The token of a request; throws a challenge without an error code where there is none (RFC 6750 §3.1). */
const bearerOf = ({ headers: { authorization } }: Request): string => {

    const [, token] = /^Bearer +([\w.~+/-]+=*) *$/i.exec(typeof authorization === 'string' ? authorization : '') ?? [];
    if (token === undefined) {
        throw new OAuth2Error('invalid_token', 'The registration endpoint needs a bearer token', {
            reason: 'registration_token_missing',
            headers: { 'www-authenticate': 'Bearer realm="registration"' }
        });
    }

    return token;
};
