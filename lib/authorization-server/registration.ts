import type { Request, Server } from '@hapi/hapi';

import type { Outbound } from '../clients/guarded-fetch';
import { InitialAccessTokens, type InitialAccessTokenOptions } from '../clients/initial-access-token';
import type { RegistrationMetadata } from '../clients/registration-metadata';
import { Registrations, type RegistrationDecision } from '../clients/registrations';
import type { ClientRegistry } from '../clients/registry';
import { StoredClients } from '../clients/stored-clients';
import { assertFree, placeOf } from '../endpoints/place';
import { registrationEndpoint, type RegistrationAttempt } from '../endpoints/registration';
import { OAuth2Error, answerOf, refusalIn } from '../error';
import { publicUrl } from '../protocol/issuer';
import type { AuthorizationServer } from './authorization-server';
import type { ServerGrants } from './grants';
import { handlerUtilities } from './handler-utilities';
import type { RegistrationPolicy, RegistrationRoute } from './registration-route';

/** `server.oauth2.registration`: who may register clients. */
export interface ServerRegistration {
    /** A token with which a client may be registered, once unless it says otherwise; it is in no log and no store. Throws where no registration needs one. */
    createInitialAccessToken(options?: InitialAccessTokenOptions): Promise<string>;
}

/** Lets strangers register clients, if the operator wants it; answers what the app's own code can do about it. */
export const mountRegistration = (server: Server, shared: AuthorizationServer, route: RegistrationRoute, grants: ServerGrants, outbound: Outbound): ServerRegistration => {

    const { clients, store, clock } = shared;
    const tokens = new InitialAccessTokens(store, clock);
    if (clients !== null && route.served !== undefined) {
        serve(server, shared, { clients, route, grants, outbound, tokens });
    }

    return {
        createInitialAccessToken: async (options = {}) => {

            if (route.access !== 'initial-access-token') {
                throw new Error('No registration needs an initial access token: call registrationRoute((route) => route.allow(\'initial-access-token\')) on the AuthorizationServerBuilder');
            }

            return await tokens.create(options);
        }
    };
};

interface Parts {
    readonly clients: ClientRegistry;
    readonly route: RegistrationRoute;
    readonly grants: ServerGrants;
    readonly outbound: Outbound;
    readonly tokens: InitialAccessTokens;
}

const serve = (server: Server, shared: AuthorizationServer, { clients, route, grants, outbound, tokens }: Parts): void => {

    const { store, clock, secrets, limits } = shared;
    const path = String(route.served);
    assertFree(server, { path, owner: 'The AuthorizationServerBuilder', setter: 'registrationRoute((route) => route.setPath(...))' });
    const { redirectSchemes } = clients;
    const stored = new StoredClients({ store, secrets, clock, redirectSchemes });
    clients.serve(stored);
    server.route(registrationEndpoint({
        path, cors: shared.cors, options: route.options, limits,
        registrations: new Registrations({
            stored, outbound, clock, redirectSchemes,
            exists: async (clientId) => await clients.find(clientId) !== null,
            served: () => ({ openScopes: [...new Set([...shared.openScopes, ...shared.resources.openScopes])], subjectTypes: shared.openid.subjectTypes })
        }),
        tokens: route.access === 'open' ? null : tokens,
        decide: (attempt, request) => async (metadata) => await decision(route.policy, { attempt, metadata, clock }, request),
        remove: async (clientId) => {

            await stored.remove(clientId);                      // First: what it could still ask for is refused from here on
            await grants.revokeClient(clientId);
        },
        managementUri: (clientId) => publicUrl(shared.issuer(), placeOf(server, `${path}/${clientId}`).path),
        report: (what, clientId) => {

            server.log(['oauth', 'registered'], { what, client_id: clientId });
        }
    }));
};

interface Deciding {
    readonly attempt: RegistrationAttempt;
    readonly metadata: RegistrationMetadata;
    readonly clock: () => number;
}

/** What the policy says; a policy in plain JavaScript may say anything. */
const decision = async (policy: RegistrationPolicy | undefined, { attempt: { found, data }, metadata, clock }: Deciding, request: Request): Promise<RegistrationDecision> => {

    const answer = await answerOf(() => policy?.({ ...handlerUtilities(request, clock), metadata, client: found?.client ?? null, data }, request));
    if (answer === null) {
        throw new OAuth2Error('invalid_client_metadata', 'The registration was not accepted', { reason: 'registration_policy_refused' });
    }

    const refusal = refusalIn(answer);
    if (refusal !== null) {
        throw refusal;
    }

    if (answer === undefined) {
        return {};
    }

    if (!isDecision(answer)) {
        throw new OAuth2Error('server_error', undefined, {
            reason: 'handler_returned_nonsense',
            cause: new Error('The policy of registrationRoute() returned nothing that decides: return { metadata, allow, verified }, { error, error_description }, null or nothing')
        });
    }

    return answer;
};

const isDecision = (answer: NonNullable<unknown>): answer is RegistrationDecision => typeof answer === 'object' && !('error' in answer);
