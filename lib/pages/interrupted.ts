import { html } from './html';
import { layout, type Page } from './layout';
import type { PageLook } from './look';
import { referenceNote } from './reference-note';

/** Why a form of an earlier page is of no use any more. */
export interface InterruptedModel {
    /**
     * It was open for too long; it was used; it belongs to another browser, or to one without our cookie; its address shows it only once; nothing waits
     * for the sign-in.
     */
    readonly reason: 'expired' | 'used' | 'other-browser' | 'shown-once' | 'nothing-waits';
    /** Where to start again; `undefined` where only the client can. */
    readonly restart: string | undefined;
    /** What the log calls it. */
    readonly reference: string;
}

/** The page for somebody who has waited, gone back, or changed the browser: nobody's mistake, and it says what to do. */
export const interruptedPage = ({ reason, restart, reference }: InterruptedModel, look: PageLook): Page => {

    const { texts } = look;
    const [title, text] = {
        'expired': [texts.expiredTitle, texts.expiredText] as const,
        'used': [texts.usedTitle, texts.usedText] as const,
        'other-browser': [texts.otherBrowserTitle, texts.otherBrowserText] as const,
        'shown-once': [texts.shownOnceTitle, texts.shownOnceText] as const,
        'nothing-waits': [texts.nothingWaitsTitle, texts.nothingWaitsText] as const
    }[reason];
    return layout(look, { title, body: html`<p>${text}</p>\n${restart === undefined ? html`<p>${texts.goBack}</p>` : html`<a class="button primary" href="${restart}">${texts.startAgain}</a>`}\n<p class="quiet">${referenceNote(reference, texts)}</p>` });
};
