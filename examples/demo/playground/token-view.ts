import { decodeJwt, decodeProtectedHeader } from 'jose';

import { claimMeaning, claimValue } from './claims';
import { html, type Content } from './html';

const titles: Readonly<Record<string, string>> = { access_token: 'The access token, decoded', id_token: 'The ID token, decoded' };

const decoded = (token: string): { readonly header: object; readonly payload: object } | undefined => {

    try {
        return { header: decodeProtectedHeader(token), payload: decodeJwt(token) };
    }
    catch {
        return undefined;
    }
};

const table = (caption: string, claims: object): Content => html`
<p class="caption">${caption}</p>
<dl class="parts">${Object.entries(claims).map(([name, value]) => html`<div><dt><code>${name}</code></dt><dd><code class="value">${claimValue(name, value)}</code>${claimMeaning(name) !== undefined && html`<span class="meaning">${claimMeaning(name)}</span>`}</dd></div>`)}</dl>`;

/** A signed token among the members of an answer, with what each of its claims means; nothing for whatever else it is. */
export const tokenView = (name: string, value: unknown): Content => {

    const { [name]: title } = titles;
    const token = typeof value === 'string' && title !== undefined ? decoded(value) : undefined;
    if (token === undefined) {
        return undefined;
    }

    const [header, payload, signature] = String(value).split('.');
    return html`
<h3>${title}</h3>
<div class="card token">
<p class="jwt"><code><span class="head">${header}</span>.<span class="payload">${payload}</span>.<span class="signature">${signature}</span></code></p>
${table('Header', token.header)}
${table('Claims', token.payload)}
</div>`;
};
