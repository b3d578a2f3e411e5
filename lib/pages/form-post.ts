import { Html, html } from './html';
import { hiddenFields, layout, type HiddenField, type Page } from './layout';
import type { PageLook } from './look';
import { hashOf } from './theme';

/** What the page carries that brings an answer to a client by a form. */
export interface FormPostModel {
    /** The client's redirect URI. */
    readonly action: string;
    readonly parameters: readonly HiddenField[];
}

/** The one script of these pages. By the prototype, since a parameter called `submit` would hide the form's own. */
const script = 'HTMLFormElement.prototype.submit.call(document.forms[0])';
const scriptHash = hashOf(script);

/** The page that posts the answer to the client at once, and without JavaScript on a click (OAuth 2.0 Form Post Response Mode §2). */
export const formPostPage = ({ action, parameters }: FormPostModel, look: PageLook): Page => {

    const { texts } = look;
    return layout(look, {
        title: texts.formPostTitle,
        script: scriptHash,
        body: html`<p>${texts.formPostText}</p>
<form method="post" action="${action}">
${hiddenFields(parameters)}<noscript>
<p>${texts.formPostNoScript}</p>
<button type="submit" class="primary">${texts.continueButton}</button>
</noscript>
</form>
<script>${Html.trusted(script)}</script>`
    });
};
