import type { Server } from '@hapi/hapi';

import { accountPage } from '../endpoints/account';
import { endSessionEndpoint } from '../endpoints/end-session';
import { readIdTokenHint } from '../tokens/id-token';
import type { AuthorizationServer } from './authorization-server';
import { serverGrants } from './grants';
import { providerPath } from './provider-places';
import type { SharedSettings } from './settings';

/** Serves the end_session endpoint (OpenID Connect RP-Initiated Logout §2). */
export const mountLogout = (server: Server, shared: AuthorizationServer, settings: () => SharedSettings): void => {

    const { store, clock, secrets, pages, signIn: { browsers, interactions }, limits } = shared;
    server.route(endSessionEndpoint({
        path: providerPath(settings(), 'logoutRoute'),
        options: settings().logoutRoute?.options ?? {},
        store, clock, secrets, pages, browsers, interactions, limits,
        issuer: () => shared.issuer(),
        ownSignIn: () => shared.interaction.own,
        findClient: (clientId) => shared.findClient(clientId),
        readHint: (token) => readIdTokenHint(shared.keys, token, shared.issuer()),
        subjectOf: (client, subject) => shared.openid.subjectOf(client, subject),
        endSession: async (session, request, h) => {

            await shared.signOut.end(session, request);
            await settings().onLogout?.({ subjects: session.accounts.map(({ subject }) => subject) }, request, h);
        }
    }));
};

/** Serves the page on which users see what they have granted. */
export const mountAccount = (server: Server, shared: AuthorizationServer, settings: () => SharedSettings): void => {

    const { store, clock, secrets, pages, signIn: { browsers, interactions, consents }, limits } = shared;
    const grants = serverGrants(server, store);
    server.route(accountPage({
        path: providerPath(settings(), 'accountRoute'),
        options: settings().accountRoute?.options ?? {},
        clock, secrets, pages, browsers, interactions, consents, limits,
        issuer: () => shared.issuer(),
        ownSignIn: () => shared.interaction.own,
        authenticateUser: () => shared.interaction.authenticateUser,
        findClient: (clientId) => shared.findClient(clientId),
        scopeText: (scope) => shared.scopeTexts.get(scope) ?? shared.resources.descriptionOf(scope),
        listGrants: (subject, cursor) => grants.list({ subject }, cursor),
        revokeGrant: (grantId) => grants.revoke(grantId)
    }));
};
