import { fill, html, type Html } from './html';
import { alert, hiddenFields, layout, type HiddenField, type Page } from './layout';
import type { PageLook } from './look';
import { permissionList, type Permission } from './permissions';
import { referenceNote } from './reference-note';
import { nameOf, type ShownClient } from './shown-client';
import type { PageLink } from './sign-in';

/** Something that a person has granted. */
export interface ShownGrant {
    /** What the form posts as `grant`. */
    readonly value: string;
    readonly client: ShownClient;
    readonly permissions: readonly Permission[];
    /** Milliseconds since the epoch. */
    readonly since: number;
    /** Milliseconds since the epoch; `undefined` where that is not known. */
    readonly lastUsed: number | undefined;
}

/** What the page shows on which a person sees what they have granted. Each of its forms posts `grant`. */
export interface GrantsModel {
    /** Where the forms post to. */
    readonly action: string;
    readonly hidden: readonly HiddenField[];
    /** Whose grants these are, as the person knows it. */
    readonly account: string;
    /** Who else is signed in at this browser. */
    readonly otherAccounts: readonly PageLink[];
    /** What went wrong, in the person's language: a form was sent for somebody who is not the one here. */
    readonly errorMessage?: string | undefined;
    /** What the log calls that. */
    readonly reference?: string | undefined;
    readonly grants: readonly ShownGrant[];
    /** Who has just lost access. */
    readonly withdrawn: ShownClient | undefined;
    /** Where the list goes on. */
    readonly more?: string | undefined;
}

/** The page on which a person sees who may do what for them, and ends it. */
export const grantsPage = ({ action, hidden, account, otherAccounts, errorMessage, reference, grants, withdrawn, more }: GrantsModel, look: PageLook): Page => {

    const { texts } = look;
    const entry = ({ value, client, permissions, since, lastUsed }: ShownGrant): Html => html`<li>
<h2 class="text">${client.name}</h2>
<p class="quiet">${fill(texts.grantedOn, { date: dateOf(since, look) })}${lastUsed === undefined ? '' : html`<br>\n${fill(texts.lastUsedOn, { date: dateOf(lastUsed, look) })}`}</p>
${permissionList(permissions)}<form method="post" action="${action}">
${hiddenFields(hidden)}<button type="submit" name="grant" value="${value}">${texts.withdraw}<span class="hidden"> (${client.name})</span></button>
</form>
</li>
`;
    return layout(look, {
        title: texts.grantsTitle,
        isWide: true,
        isProblem: errorMessage !== undefined,
        body: html`${alert(errorMessage)}${reference === undefined ? '' : html`<p class="quiet">${referenceNote(reference, texts)}</p>\n`}<p class="quiet">${fill(texts.signedInAs, { account: html`<strong>${account}</strong>` })}</p>
${withdrawn === undefined ? '' : html`<p role="status">${fill(texts.withdrawn, { client: nameOf(withdrawn) })}</p>\n`}${grants.length === 0 ? html`<p>${texts.grantsNone}</p>` : html`<ul class="grants">\n${grants.map(entry)}</ul>`}${more === undefined ? '' : html`\n<a class="button" href="${more}">${texts.showMore}</a>`}${otherAccounts.length === 0 ? '' : html`\n<p class="quiet" id="accounts">${texts.grantsChooseAccount}</p>
<ul class="links" aria-labelledby="accounts">
${otherAccounts.map(({ href, text }) => html`<li><a href="${href}">${text}</a></li>\n`)}</ul>`}`
    });
};

/** A day as the language writes it; of UTC, since nobody knows the person's. */
const dateOf = (at: number, { locale }: PageLook): Html =>
    html`<time datetime="${new Date(at).toISOString().slice(0, 10)}">${new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(at)}</time>`;
