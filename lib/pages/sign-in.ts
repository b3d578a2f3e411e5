import { fill, html, type Html } from './html';
import { alert, hiddenFields, invalid, layout, type HiddenField, type Page } from './layout';
import type { PageLook } from './look';
import { nameOf, type ShownClient } from './shown-client';
import type { PageTexts } from './texts/languages';

/** A link to another page of the app, such as one for a forgotten password. */
export interface PageLink {
    readonly href: string;
    readonly text: string;
}

/** The fields of a name and a password. */
export interface CredentialFields {
    readonly usernameField: string;
    readonly passwordField: string;
    /** What stands in the field of the name: what was entered last, or the client's `login_hint`. */
    readonly username?: string | undefined;
}

/** What the sign-in page shows. */
export interface SignInModel extends CredentialFields {
    /** Where the form posts to. */
    readonly action: string;
    readonly hidden: readonly HiddenField[];
    /** For whom the person signs in, if that is known. */
    readonly client: ShownClient | undefined;
    /** What went wrong with the last try, in the person's language. */
    readonly errorMessage: string | undefined;
    readonly links: readonly PageLink[];
}

/** The sign-in page. */
export const signInPage = ({ action, hidden, client, errorMessage, links, ...fields }: SignInModel, look: PageLook): Page => {

    const { texts } = look;
    return layout(look, {
        title: texts.signInTitle,
        isProblem: errorMessage !== undefined,
        body: html`${client === undefined ? '' : html`<p>${fill(texts.continueTo, { client: nameOf(client) })}</p>\n`}${alert(errorMessage)}<form method="post" action="${action}">
${hiddenFields(hidden)}${credentialInputs(fields, texts, errorMessage, true)}<button type="submit" class="primary">${texts.signInButton}</button>
</form>${links.length === 0 ? '' : html`
<ul class="links">
${links.map(({ href, text }) => html`<li><a href="${href}">${text}</a></li>\n`)}</ul>`}`
    });
};

/** The two fields; the first that is empty has the focus, where the page begins with them. */
export const credentialInputs = ({ usernameField, passwordField, username = '' }: CredentialFields, texts: PageTexts, errorMessage: string | undefined, isFirst: boolean): Html => {

    const focus = html` autofocus`;
    return html`<label for="username">${texts.username}</label>
<input id="username" name="${usernameField}" value="${username}" autocomplete="username" autocapitalize="none" spellcheck="false" required${invalid(errorMessage)}${isFirst && username === '' ? focus : ''}>
<label for="password">${texts.password}</label>
<input id="password" name="${passwordField}" type="password" autocomplete="current-password" required${invalid(errorMessage)}${isFirst && username !== '' ? focus : ''}>
`;
};
