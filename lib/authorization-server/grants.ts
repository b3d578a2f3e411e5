import type { Server } from '@hapi/hapi';

import { listedGrant, type ListedGrant } from '../stores/grant';
import { everyItem } from '../stores/pages';
import type { GrantIndex, Page, Store } from '../stores/store';

/** By what grants are listed: one of a subject, a client or a session. */
export type GrantFilter =
    | { readonly subject: string }
    | { readonly clientId: string }
    | { readonly sessionId: string };

/** `server.oauth2.grants`: what users and clients have been granted. */
export interface ServerGrants {
    /** A live grant by its id, which is `grant_id` of its access tokens; `null` if there is none. Its subject is the server's own also where a client knows another one. */
    find(grantId: string): Promise<ListedGrant | null>;
    /** The live grants of a subject, client or session, 100 on a page. */
    list(filter: GrantFilter, cursor?: string | null): Promise<Page<ListedGrant>>;
    /** Ends a grant and every code and token that hangs on it; answers whether it lived. */
    revoke(grantId: string): Promise<boolean>;
    /** Ends every grant of a subject; answers how many. */
    revokeSubject(subject: string): Promise<number>;
    /** Ends every grant of a client; answers how many. */
    revokeClient(clientId: string): Promise<number>;
}

/** The grants of a server, for the app's own code. */
export const serverGrants = (server: Server, store: Store): ServerGrants => {

    const revoke = async (grantId: string): Promise<boolean> => {

        const lived = await store.revokeGrant(grantId);
        if (lived) {
            server.log(['oauth', 'revoked'], { what: 'grant', grant_id: grantId });
        }

        return lived;
    };

    const revokeAll = async (index: GrantIndex, value: string): Promise<number> => {

        let count = 0;
        for await (const { id } of everyItem((cursor) => store.listGrants(index, value, cursor))) {
            count += Number(await revoke(id));
        }

        return count;
    };

    return {
        revoke,
        find: async (grantId) => {

            const record = await store.findGrant(grantId);
            return record === null ? null : listedGrant(record);
        },
        list: async (filter, cursor = null) => {

            const page = await store.listGrants(...indexOf(filter), cursor);
            return { items: page.items.map(listedGrant), cursor: page.cursor };
        },
        revokeSubject: async (subject) => await revokeAll('subject', subject),
        revokeClient: async (clientId) => await revokeAll('clientId', clientId)
    };
};

const indexOf = (filter: GrantFilter): [GrantIndex, string] => {

    if ('subject' in filter) {
        return ['subject', filter.subject];
    }

    return 'clientId' in filter ? ['clientId', filter.clientId] : ['sessionId', filter.sessionId];
};
