import { escapeHtml } from '@hapi/hoek';

import { isPrivateUseRedirect } from '../protocol/redirect-uri';
import { layout, unverifiedWarning } from './layout';

/** What the page needs on which a user decides what a client may do. */
export interface ConsentPage {
    /** Where the form posts to. */
    readonly action: string;
    /** The client's name, or its id. */
    readonly client: string;
    /** Whether nobody has vouched for the client, so that its name may be made up. */
    readonly unverified?: boolean | undefined;
    /** What the client may do, in words. */
    readonly permissions: readonly string[];
    readonly redirectUri: string;
    /** Says who decides, and about which request: readable by this server only. */
    readonly ticket: string;
}

/** The page on which a user allows a client what it asks for, or does not (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.4). */
export const consentPage = ({ action, client, unverified = false, permissions, redirectUri, ticket }: ConsentPage): string => layout('Allow access?', `<p><strong>${escapeHtml(client)}</strong> would like to:</p>
${unverified ? unverifiedWarning : ''}<ul>
${permissions.map((permission) => `<li>${escapeHtml(permission)}</li>\n`).join('')}</ul>
<p>Your answer goes to <code>${escapeHtml(destinationOf(redirectUri))}</code>.</p>
<form method="post" action="${escapeHtml(action)}">
<input type="hidden" name="ticket" value="${escapeHtml(ticket)}">
<button type="submit" name="decision" value="allow">Allow</button>
<button type="submit" name="decision" value="deny">Deny</button>
</form>`);

/** Host and port; of an app that claimed a scheme of its own, the scheme (RFC 8252 §7.1). */
const destinationOf = (redirectUri: string): string => {

    const { host, protocol } = new URL(redirectUri);
    return isPrivateUseRedirect(redirectUri) ? protocol : host;
};
