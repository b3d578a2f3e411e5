import type { Request, Server } from '@hapi/hapi';

import type { Outbound } from '../clients/guarded-fetch';
import type { FoundSession } from '../sessions/session';
import { everyItem } from '../stores/pages';
import type { Timer } from '../stores/timer';
import { signLogoutToken } from '../tokens/logout-token';
import type { AuthorizationServer } from './authorization-server';
import { BackChannelLogout } from './back-channel-logout';
import { serverGrants, type ServerGrants } from './grants';

/** What sign-outs reach out of the process with. */
export interface SignOutOptions {
    readonly outbound: Pick<Outbound, 'fetch'>;
    readonly timer?: Timer | undefined;
}

/** What happens when a session ends: its grants end, but for those that outlive it, and its clients are told (OpenID Connect Back-Channel Logout §2.7). */
export class SignOut {

    readonly #shared: AuthorizationServer;
    readonly #grants: ServerGrants;
    readonly #backChannel: BackChannelLogout;

    constructor(server: Server, shared: AuthorizationServer, { outbound, timer }: SignOutOptions) {

        this.#shared = shared;
        this.#grants = serverGrants(server, shared.store);
        this.#backChannel = new BackChannelLogout({
            timer,
            fetch: (url, request) => outbound.fetch(url, request),
            findClient: (clientId) => shared.findClient(clientId),
            sign: (client, { subject, sid }) => signLogoutToken(shared.keys, {
                issuer: shared.issuer(), clientId: client.id, alg: shared.openid.idTokenAlgOf(client), now: shared.clock(), sub: shared.openid.subjectOf(client, subject), sid
            }),
            report: (undelivered) => server.log(['oauth', 'logout_undelivered'], undelivered)
        });
    }

    /** Ends a session, whoever ends it. Grants go first: should the store fail, the user is still signed in and can try again. */
    async end(session: FoundSession, request: Pick<Request, 'log'>): Promise<void> {

        const subjects = session.accounts.map(({ subject }) => subject);
        const revoked = await this.#revokeGrants(session.sid);
        await this.#shared.signIn.browsers.sessions.end(session);
        request.log(['oauth', 'signed_out'], { subjects, session_id: session.sid, clients: [...new Set(session.clients.map(({ clientId }) => clientId))], revoked });
        this.#backChannel.notify(session);
    }

    /** Resolves when every client was told, or given up. */
    async settled(): Promise<void> {

        await this.#backChannel.settled();
    }

    async #revokeGrants(sessionId: string): Promise<number> {

        let count = 0;
        for await (const { id, scopes } of everyItem((cursor) => this.#grants.list({ sessionId }, cursor))) {
            count += scopes.includes('offline_access') ? 0 : Number(await this.#grants.revoke(id));
        }

        return count;
    }
}
