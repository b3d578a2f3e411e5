import { html } from './html';
import { layout, type Page } from './layout';
import type { PageLook } from './look';

/** Why a form of an earlier page is of no use any more. */
export interface InterruptedModel {
    /** It was open for too long; it was used; it belongs to another browser, or to one without our cookie. */
    readonly reason: 'expired' | 'used' | 'other-browser';
    /** Where to start again; `undefined` where only the client can. */
    readonly restart: string | undefined;
}

/** The page for somebody who has waited, gone back, or changed the browser: nobody's mistake, and it says what to do. */
export const interruptedPage = ({ reason, restart }: InterruptedModel, look: PageLook): Page => {

    const { texts } = look;
    const [title, text] = {
        'expired': [texts.expiredTitle, texts.expiredText] as const,
        'used': [texts.usedTitle, texts.usedText] as const,
        'other-browser': [texts.otherBrowserTitle, texts.otherBrowserText] as const
    }[reason];
    return layout(look, { title, body: html`<p>${text}</p>\n${restart === undefined ? html`<p>${texts.goBack}</p>` : html`<a class="button primary" href="${restart}">${texts.startAgain}</a>`}` });
};
