import type { Server } from '@hapi/hapi';

import type { Sessions } from '../sessions/session';

/** `server.oauth2.sessions`: the sign-ins that the framework keeps. */
export interface ServerSessions {
    /** Signs a user out of every browser: from now on each of them asks for the password again. What clients were granted lives on. */
    end(whose: { readonly subject: string }): Promise<void>;
}

/** The sessions of a server, for the app's own code. */
export const serverSessions = (server: Server, sessions: Sessions): ServerSessions => ({
    end: async ({ subject }) => {

        await sessions.endAll(subject);
        server.log(['oauth', 'signed_out'], { subjects: [subject], session_id: null, clients: [], revoked: 0 });
    }
});
