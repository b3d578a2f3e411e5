import { html, type Content, type Html } from './html';
import type { PageTexts } from './texts/languages';

/** A client as people see it. */
export interface ShownClient {
    /** Its name, or its id. */
    readonly name: string;
    /** Whether the operator of the server knows the client: not if it has registered itself, since it may call itself anything. */
    readonly isVerified: boolean;
    /** Where this server serves the client's logo: never at the client's own host, which would learn who is about to agree. */
    readonly logoUri?: string | undefined;
    readonly clientUri?: string | undefined;
    readonly policyUri?: string | undefined;
    readonly tosUri?: string | undefined;
}

/** The client's name, standing out and isolated from the direction of what is around it. */
export const nameOf = ({ name }: ShownClient): Html => html`<strong>${name}</strong>`;

/** Whether the page shows a logo: not where nobody has checked whose it is. */
export const hasLogo = ({ isVerified, logoUri }: ShownClient): boolean => isVerified && logoUri !== undefined;

/** The client's logo; its name stands beside it, so a screen reader passes over it. */
export const logoOf = (client: ShownClient): Content => (hasLogo(client) ? html`<img class="logo" src="${client.logoUri}" alt="" width="64" height="64">\n` : '');

/** What can be read about the client elsewhere. */
export const linksOf = ({ clientUri, policyUri, tosUri }: ShownClient, texts: PageTexts): Content => {

    const all = [[clientUri, texts.clientSite], [policyUri, texts.clientPolicy], [tosUri, texts.clientTerms]] as const;
    const links = all.flatMap(([uri, text]) => {

        const url = httpsUrl(uri);
        return url === undefined ? [] : [html`<li><a href="${url.href}" target="_blank" rel="noreferrer noopener">${text} <span aria-hidden="true">↗</span><span class="hidden">(${texts.newTab})</span></a></li>\n`];
    });
    return links.length === 0 ? '' : html`<ul class="links">\n${links}</ul>\n`;
};

/** What a page says of a client that nobody has checked. */
export const unverifiedNote = ({ isVerified }: ShownClient, texts: PageTexts): Content => (isVerified ? '' : html`<p class="note">${texts.unverified}</p>\n`);

/** Never `javascript:` or `http:`, whatever a record says. */
const httpsUrl = (uri: string | undefined): URL | undefined => {

    const url = uri !== undefined && URL.canParse(uri) ? new URL(uri) : undefined;
    return url?.protocol === 'https:' ? url : undefined;
};
