import { escapeHtml } from '@hapi/hoek';

import { layout, unverifiedWarning } from './layout';

/** What the page needs on which a user decides about a device. */
export interface DeviceConsentPage {
    /** Where the form posts to. */
    readonly action: string;
    /** The client's name, or its id. */
    readonly client: string;
    /** Whether nobody has vouched for the client, so that its name may be made up. */
    readonly unverified?: boolean | undefined;
    /** What the client may do, in words. */
    readonly permissions: readonly string[];
    /** As the device shows it. */
    readonly userCode: string;
    /** Says who decides, and about which device: readable by this server only. */
    readonly ticket: string;
}

/** The page on which a user connects a device, or does not: shows the code again, since the link to it may have come from a stranger (RFC 8628 §3.3.1, §5.4). */
export const deviceConsentPage = ({ action, client, unverified = false, permissions, userCode, ticket }: DeviceConsentPage): string => layout('Connect this device?', `<p><strong>${escapeHtml(client)}</strong> would like to ${permissions.length === 0 ? 'be connected on a device.</p>' : `do this on a device:</p>
<ul>
${permissions.map((permission) => `<li>${escapeHtml(permission)}</li>\n`).join('')}</ul>`}
${unverified ? unverifiedWarning : ''}<p>Does this code stand on your device? <strong><code>${escapeHtml(userCode)}</code></strong></p>
<p>If it does not, or if somebody sent you the code, choose Deny: the device would act for you.</p>
<form method="post" action="${escapeHtml(action)}">
<input type="hidden" name="user_code" value="${escapeHtml(userCode)}">
<input type="hidden" name="ticket" value="${escapeHtml(ticket)}">
<button type="submit" name="decision" value="allow">Allow</button>
<button type="submit" name="decision" value="deny">Deny</button>
</form>`);
