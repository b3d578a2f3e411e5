import type { Request } from '@hapi/hapi';

import type { Client } from '../clients/client';
import type { Form } from '../protocol/form';
import { withParameters } from '../protocol/redirect-uri';
import { sidOf, type Session } from '../sessions/session';
import type { IdTokenHint } from '../tokens/id-token';

/** What logout requests are read with. */
export interface LogoutRequestRules {
    readonly findClient: (clientId: string) => Promise<Client | null>;
    /** Whom an ID token of this server is about; it may have expired. */
    readonly readHint: (token: string) => Promise<IdTokenHint | null>;
    /** The subject by which a client knows a user. */
    readonly subjectOf: (client: Client, subject: string) => string;
}

/** A logout request, as far as it can be believed (OpenID Connect RP-Initiated Logout §2). */
export interface LogoutRequest {
    /** The client of the hint, or the one that is named. */
    readonly client: Client | null;
    /** The session that the hint is about, as its client knows it; `null` without a hint of ours. */
    readonly hint: IdTokenHint | null;
    /** Where the browser goes afterwards: a registered URI, with the state; `null` where there is none. */
    readonly back: string | null;
}

/**
 * Reads a logout request. What cannot be believed is not used and stands in the log: users who want to sign out must not be stopped by a client's mistake.
 *
 * Throws `invalid_request` for a parameter that was sent twice.
 */
export const readLogoutRequest = async (form: Form, rules: LogoutRequestRules, request: Request): Promise<LogoutRequest> => {

    const [token, clientId, uri, state] = [form.get('id_token_hint'), form.get('client_id'), form.get('post_logout_redirect_uri'), form.get('state')];
    const hint = token === undefined ? null : await rules.readHint(token);
    const named = clientId ?? (hint?.audience.length === 1 ? hint.audience[0] : undefined);
    const client = named === undefined ? null : await rules.findClient(named);
    const problem = problemOf({ hasHint: token !== undefined, hint, clientId, client, uri });
    if (problem !== undefined) {
        request.log(['oauth', 'refused'], { reason: problem, error: 'invalid_request', client_id: named });
        return { client: null, hint: null, back: null };
    }

    return { client, hint, back: client === null || uri === undefined ? null : state === undefined ? uri : withParameters(uri, { state }) };
};

/** Whether the hint is about the session of this browser, and a user who is signed in there: nobody needs to be asked then. */
export const isOfSession = ({ client, hint }: LogoutRequest, session: Session, { subjectOf }: LogoutRequestRules): boolean =>
    client !== null && hint !== null && session.accounts.some(({ subject }) => subjectOf(client, subject) === hint.subject && sidOf(session, { clientId: client.id, subject }) === hint.sid);

interface Sent {
    readonly hasHint: boolean;
    readonly hint: IdTokenHint | null;
    readonly clientId: string | undefined;
    readonly client: Client | null;
    readonly uri: string | undefined;
}

const problemOf = ({ hasHint, hint, clientId, client, uri }: Sent): string | undefined => {

    if (hasHint && hint === null) {
        return 'id_token_hint_unusable';
    }

    if (client === null) {
        return hasHint || clientId !== undefined ? 'unknown_client' : uri === undefined ? undefined : 'post_logout_redirect_uri_without_client';
    }

    if (hint !== null && !hint.audience.includes(client.id)) {
        return 'id_token_hint_of_another_client';
    }

    return uri === undefined || client.metadata.post_logout_redirect_uris?.includes(uri) === true ? undefined : 'post_logout_redirect_uri_not_registered';
};
