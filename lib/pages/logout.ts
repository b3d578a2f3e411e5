import { fill, html, type Html } from './html';
import { hiddenFields, layout, type HiddenField, type Page } from './layout';
import type { PageLook } from './look';
import { nameOf, type ShownClient } from './shown-client';

/** What the page shows that asks whether to sign out. Its form posts `decision`: `logout` or `stay`. */
export interface LogoutModel {
    /** Where the form posts to. */
    readonly action: string;
    readonly hidden: readonly HiddenField[];
    /** Who is signed in, as the person knows them, the account used last first: all of them are signed out. */
    readonly accounts: readonly string[];
}

/** What the page shows after that. */
export interface SignedOutModel {
    readonly outcome: 'signed-out' | 'stayed';
    /** The way back to a client; only one that the server vouches for. */
    readonly back?: { readonly href: string; readonly client: ShownClient } | undefined;
}

/** The page that asks whether to sign out, so that no other site can do it (OpenID Connect RP-Initiated Logout §2). */
export const logoutPage = ({ action, hidden, accounts }: LogoutModel, look: PageLook): Page => {

    const { texts, productName } = look;
    return layout(look, {
        title: texts.logoutTitle,
        body: html`<p>${productName === undefined ? texts.logoutQuestionPlain : fill(texts.logoutQuestion, { name: html`<strong>${productName}</strong>` })}</p>
${whoIsSignedIn(accounts, look)}<form method="post" action="${action}">
${hiddenFields(hidden)}<button type="submit" name="decision" value="logout" class="primary">${texts.logoutYes}</button>
<button type="submit" name="decision" value="stay">${texts.logoutNo}</button>
</form>`
    });
};

/** One account is named in a sentence, several in a list. */
const whoIsSignedIn = (accounts: readonly string[], { texts }: PageLook): Html => {

    const [account, another] = accounts;
    if (account === undefined) {
        return html``;
    }

    return another === undefined ?
        html`<p class="quiet">${fill(texts.signedInAs, { account: html`<strong>${account}</strong>` })}</p>\n` :
        html`<p class="quiet" id="accounts">${texts.logoutAccounts}</p>\n<ul aria-labelledby="accounts">\n${accounts.map((name) => html`<li><strong>${name}</strong></li>\n`)}</ul>\n`;
};

/** The page that says how it ended. */
export const signedOutPage = ({ outcome, back }: SignedOutModel, look: PageLook): Page => {

    const { texts } = look;
    const [title, text] = outcome === 'signed-out' ? [texts.signedOutTitle, texts.signedOutText] : [texts.staySignedInTitle, texts.staySignedInText];
    return layout(look, {
        title,
        body: html`<p>${text}</p>${back === undefined ? '' : html`\n<a class="button" href="${back.href}" rel="noreferrer">${fill(texts.backToClient, { client: nameOf(back.client) })}</a>`}`
    });
};
