import { fill, html, type Content } from './html';
import type { PageLook } from './look';

/** A resource as people see it. */
export interface ShownResource {
    readonly uri: string;
    /** What the operator calls it, or its host and path. */
    readonly name: string;
}

/** The resources that tokens are for, as people see them: all but the server itself, which they know they are at. */
export const shownResources = (audience: readonly string[], issuer: string, nameOf: (uri: string) => string | undefined): readonly ShownResource[] =>
    audience.filter((uri) => uri !== issuer).map((uri) => ({ uri, name: nameOf(uri) ?? addressOf(uri) }));

/** Where it is on the web; another URI as it is. */
const addressOf = (uri: string): string => {

    const { protocol, host, pathname, search } = new URL(uri);
    return protocol === 'https:' || protocol === 'http:' ? `${host}${pathname === '/' && search === '' ? '' : pathname}${search}` : uri;
};

/** What the permissions on a page are good for; nothing where that is the server itself. */
export const resourceNote = (resources: readonly ShownResource[], { texts, locale }: PageLook): Content => {

    const list = new Intl.ListFormat([locale, 'en'], { type: 'conjunction' });          // Of a language that Node does not know it says what it says in English
    const names = list.formatToParts(resources.map(({ name }) => name)).map(({ type, value }) => (type === 'element' ? html`<strong>${value}</strong>` : value));
    return names.length === 0 ? '' : html`<p>${fill(texts.consentResources, { resources: names })}</p>\n`;
};
