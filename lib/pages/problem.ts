import { html } from './html';
import { layout, type Page } from './layout';
import type { PageLook } from './look';
import { referenceNote } from './reference-note';
import type { PageTexts } from './texts/languages';

/** What the page shows on which a visit ends that went wrong. */
export interface ErrorModel {
    /** The OAuth error code. */
    readonly code: string;
    readonly statusCode: number;
    /** For developers, in English; nothing of what was thrown. */
    readonly description: string | undefined;
    /** What the log calls this failure. */
    readonly reference: string;
}

/** What people are told, by status where that says more than the code. */
const byStatus: Readonly<Record<number, keyof PageTexts>> = { 403: 'errorOtherSite', 429: 'errorTooMany' };

const byCode: Readonly<Record<string, keyof PageTexts>> = {
    invalid_client: 'errorClient', unauthorized_client: 'errorClient', access_denied: 'errorDenied', temporarily_unavailable: 'errorBusy', server_error: 'errorServer'
};

/** The text of an error in the language of the person. */
const textOf = ({ code, statusCode }: ErrorModel, texts: PageTexts): string => texts[byStatus[statusCode] ?? (Object.hasOwn(byCode, code) ? byCode[code] : undefined) ?? 'errorRequest'];

/** The page that ends a visit which went wrong: says what happened and what to do, and for whoever helps a number that the log knows. */
export const errorPage = (model: ErrorModel, look: PageLook): Page => {

    const { texts } = look;
    const { code, description, reference } = model;
    return layout(look, {
        title: texts.errorTitle,
        body: html`<p>${textOf(model, texts)}</p>
<p>${texts.errorAdvice}</p>
<p>${referenceNote(reference, texts)}</p>
<div class="quiet">
<p>${texts.errorForDevelopers} <code>${code}</code></p>${description === undefined ? '' : html`
<p lang="en" dir="ltr">${description}.</p>`}
</div>`
    });
};
