import { fill, html, type Html } from './html';
import { hiddenFields, layout, type HiddenField, type Page } from './layout';
import type { PageLook } from './look';
import { permissionList, type Permission } from './permissions';
import { nameOf, type ShownClient } from './shown-client';

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
    readonly grants: readonly ShownGrant[];
    /** Who has just lost access. */
    readonly withdrawn: ShownClient | undefined;
    /** Where the list goes on. */
    readonly more?: string | undefined;
}

/** The page on which a person sees who may do what for them, and ends it. */
export const grantsPage = ({ action, hidden, grants, withdrawn, more }: GrantsModel, look: PageLook): Page => {

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
        body: html`${withdrawn === undefined ? '' : html`<p role="status">${fill(texts.withdrawn, { client: nameOf(withdrawn) })}</p>\n`}${grants.length === 0 ? html`<p>${texts.grantsNone}</p>` : html`<ul class="grants">\n${grants.map(entry)}</ul>`}${more === undefined ? '' : html`\n<a class="button" href="${more}">${texts.showMore}</a>`}`
    });
};

/** A day as the language writes it; of UTC, since nobody knows the person's. */
const dateOf = (at: number, { locale }: PageLook): Html =>
    html`<time datetime="${new Date(at).toISOString().slice(0, 10)}">${new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(at)}</time>`;
