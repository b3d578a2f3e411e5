import type { Lifecycle, Request, ResponseToolkit } from '@hapi/hapi';

import { OAuth2Error } from '../error';
import type { InterruptedModel } from '../pages/interrupted';
import { newReference } from '../protocol/reference';
import { refusalOf } from './error-reply';
import { protect } from './page';
import type { Pages } from './pages';

/** What the person sees of a sign-in that cannot go on. */
export interface Interruption extends Pick<InterruptedModel, 'reason' | 'restart'> {
    /** The languages that the request asked for. */
    readonly uiLocales?: string | undefined;
}

/** A sign-in on a page of the app that cannot go on: a person reads it, on the page that the built-in form ends with too. */
export class InterruptedSignIn extends OAuth2Error {

    readonly interruption: Interruption;

    constructor(description: string, interruption: Interruption) {

        super('invalid_request', description, { reason: 'no_interaction' });
        this.interruption = interruption;
    }
}

/** Answers routes of the app that end so with a page, in the language of the person, with the number that the log has. */
export const showInterruptedSignIn = async (pages: Pages, response: InterruptedSignIn, request: Request, h: ResponseToolkit): Promise<Lifecycle.ReturnValue> => {

    const { reason, restart, uiLocales } = response.interruption;
    const reference = newReference();
    refusalOf(request, response, reference);
    const page = await pages.show('interrupted', { reason, restart, reference }, request, h, { statusCode: response.made.statusCode, look: pages.look(request, uiLocales) });
    if (typeof page === 'symbol') {
        return page;
    }

    protect(page);
    return page.header('cache-control', 'no-store');
};
