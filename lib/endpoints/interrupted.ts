import type { Lifecycle, Request, ResponseObject, ResponseToolkit } from '@hapi/hapi';

import { OAuth2Error } from '../error';
import type { InterruptedModel } from '../pages/interrupted';
import { numberedRefusal } from './error-reply';
import { protect } from './page';
import type { Pages } from './pages';

/** What the person sees of a visit that cannot go on. */
export interface Interruption extends Pick<InterruptedModel, 'reason' | 'restart'> {
    /** The languages that the request asked for. */
    readonly uiLocales?: string | undefined;
}

/** An interruption, and what the log says of it. */
export interface LoggedInterruption extends Interruption {
    /** The reason of the event: more exact than the page, which tells strangers nothing of what there is. */
    readonly refused: string;
    /** Whom the visit was about, where that is known. */
    readonly clientId?: string | undefined;
}

/** A sign-in on a page of the app that cannot go on: a person reads it, on the page that the built-in form ends with too. */
export class InterruptedSignIn extends OAuth2Error {

    readonly interruption: Interruption;

    constructor(description: string, interruption: Interruption) {

        super('invalid_request', description, { reason: 'no_interaction' });
        this.interruption = interruption;
    }
}

/** Ends a visit that cannot go on with the page that says what to do, under a number that its one event has too. */
export const interrupt = async (pages: Pages, { refused, clientId, ...interruption }: LoggedInterruption, request: Request, h: ResponseToolkit): Promise<ResponseObject | symbol> =>
    await show(pages, new OAuth2Error('invalid_request', undefined, { reason: refused }), interruption, request, h, clientId);

/** Answers routes of the app that end so with a page, in the language of the person, with the number that the log has. */
export const showInterruptedSignIn = async (pages: Pages, response: InterruptedSignIn, request: Request, h: ResponseToolkit): Promise<Lifecycle.ReturnValue> => {

    const page = await show(pages, response, response.interruption, request, h);
    if (typeof page === 'symbol') {
        return page;
    }

    protect(page);
    return page.header('cache-control', 'no-store');
};

const show = async (pages: Pages, failure: OAuth2Error, { reason, restart, uiLocales }: Interruption, request: Request, h: ResponseToolkit, clientId?: string): Promise<ResponseObject | symbol> => {

    const { reference, refusal: { made: { statusCode } } } = numberedRefusal(request, failure, clientId);
    return await pages.show('interrupted', { reason, restart, reference }, request, h, { statusCode, look: pages.look(request, uiLocales) });
};
