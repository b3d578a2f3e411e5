import { isPrivateUseRedirect } from '../protocol/redirect-uri';
import { accountNote, decisionButtons } from './decision';
import { fill, html } from './html';
import { hiddenFields, layout, type HiddenField, type Page } from './layout';
import type { PageLook } from './look';
import { permissionList, type Permission } from './permissions';
import { hasLogo, linksOf, logoOf, nameOf, unverifiedNote, type ShownClient } from './shown-client';
import { resourceNote, type ShownResource } from './shown-resources';

/** What the page shows on which a person decides what a client may do. Its form posts `decision`: `allow` or `deny`. */
export interface ConsentModel {
    /** Where the form posts to. */
    readonly action: string;
    readonly hidden: readonly HiddenField[];
    readonly client: ShownClient;
    readonly permissions: readonly Permission[];
    /** What the permissions are good for, beside the server itself. */
    readonly resources: readonly ShownResource[];
    /** Where the answer goes, as `destinationOf` says it. */
    readonly destination: string;
    /** Who is signed in, as the person knows it. */
    readonly account: string | undefined;
    /** Whether the form may also post `change_account`, since the person may rather be somebody else. */
    readonly canChangeAccount: boolean;
}

/** The page on which a person allows a client what it asks for, or does not (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.4). */
export const consentPage = ({ action, hidden, client, permissions, resources, destination, account, canChangeAccount }: ConsentModel, look: PageLook): Page => {

    const { texts } = look;
    return layout(look, {
        title: texts.consentTitle,
        hasImages: hasLogo(client),
        body: html`${logoOf(client)}<p>${fill(permissions.length === 0 ? texts.consentIntroNothing : texts.consentIntro, { client: nameOf(client) })}</p>
${permissionList(permissions)}${resourceNote(resources, look)}${unverifiedNote(client, texts)}<p class="quiet">${fill(texts.consentDestination, { destination: html`<code>${destination}</code>` })}${account === undefined ? '' : html`<br>\n${accountNote(account, texts)}`}</p>
<form method="post" action="${action}">
${hiddenFields(hidden)}${decisionButtons(canChangeAccount, texts)}</form>
${linksOf(client, texts)}`
    });
};

/** Host and port; of an app that claimed a scheme of its own, the scheme (RFC 8252 §7.1). */
export const destinationOf = (redirectUri: string): string => {

    const { host, protocol } = new URL(redirectUri);
    return isPrivateUseRedirect(redirectUri) ? protocol : host;
};
