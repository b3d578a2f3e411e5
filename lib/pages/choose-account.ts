import { fill, html } from './html';
import { hiddenFields, layout, type HiddenField, type Page } from './layout';
import type { PageLook } from './look';
import { nameOf, type ShownClient } from './shown-client';

/** An account that this browser is signed in with. */
export interface ShownAccount {
    /** What the form posts as `account`. */
    readonly value: string;
    readonly name: string;
    /** What else tells it from another, such as an address. */
    readonly detail?: string | undefined;
}

/** What the page shows on which a person chooses between accounts. Its form posts `account`, or `other_account` for none of them. */
export interface ChooseAccountModel {
    /** Where the form posts to. */
    readonly action: string;
    readonly hidden: readonly HiddenField[];
    readonly client: ShownClient | undefined;
    readonly accounts: readonly ShownAccount[];
}

/** The page on which a person chooses the account to go on with (OpenID Connect Core §3.1.2.1, `select_account`). */
export const chooseAccountPage = ({ action, hidden, client, accounts }: ChooseAccountModel, look: PageLook): Page => {

    const { texts } = look;
    return layout(look, {
        title: texts.chooseAccountTitle,
        body: html`${client === undefined ? '' : html`<p>${fill(texts.continueTo, { client: nameOf(client) })}</p>\n`}<form method="post" action="${action}">
${hiddenFields(hidden)}${accounts.map(({ value, name, detail }) => html`<button type="submit" name="account" value="${value}" class="choice"><strong>${name}</strong>${detail === undefined ? '' : html`<span class="quiet">${detail}</span>`}</button>
`)}<button type="submit" name="other_account" value="1">${texts.otherAccount}</button>
</form>`
    });
};
