import { fill, html, type Html } from './html';
import type { PageTexts } from './texts/languages';

/** Who is signed in, on a page that asks for a decision. */
export const accountNote = (account: string, texts: PageTexts): Html => fill(texts.signedInAs, { account: html`<strong>${account}</strong>` });

/** The buttons of a page that asks for a decision; none of them is pressed by chance. */
export const decisionButtons = (canChangeAccount: boolean, texts: PageTexts): Html => html`<button type="submit" name="decision" value="allow" class="primary">${texts.allow}</button>
<button type="submit" name="decision" value="deny">${texts.deny}</button>
${canChangeAccount ? html`<button type="submit" name="change_account" value="1" class="plain">${texts.otherAccount}</button>\n` : ''}`;
