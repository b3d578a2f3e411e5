import type { Request, ResponseObject } from '@hapi/hapi';

import { checkedUser, type AuthenticatedUser } from '../endpoints/authenticate-user';
import { Browser } from '../endpoints/browser';
import { InterruptedSignIn, type Interruption } from '../endpoints/interrupted';
import { Form } from '../protocol/form';
import { withParameters } from '../protocol/redirect-uri';
import type { Interaction, Interactions } from '../sessions/interaction';
import type { Account, FoundSession } from '../sessions/session';
import { interactionOf, waitingInteraction, type WaitingContext, type WaitingInteraction } from './waiting-interaction';

/** A user whom a page of the app has signed in. */
export interface Login extends AuthenticatedUser {
    /** When, in seconds since the epoch; now when left out. */
    readonly authTime?: number | undefined;
    /** The request that it is for, where neither the query nor the form has the parameter `interaction`: what the page got under that name. */
    readonly interaction?: string | undefined;
}

/** `request.oauth2`: the authorization server, for the app's own pages. */
export interface RequestOAuth2 {
    /**
     * Ends a page of the app on which a user signed in: notes who it is, and answers the redirect that goes on with what waited for the user.
     *
     * Return what it answers. Works for one user of each request that waits, in the browser that brought it, for an hour; throws otherwise what the
     * person sees as a page that says what to do, and a sentence for a subject that is none. Where the store failed in between, the same user may sign in again.
     */
    login(user: Login): Promise<ResponseObject>;
    /**
     * What waits in this browser for its user to sign in: the request that `interaction` names, or else the parameter of that name in the query or the
     * form, or else the browser's last one. `null` where nothing waits. `E` names the parameters of `setExtraParameters()`.
     */
    interaction<E extends string = string>(interaction?: string): Promise<WaitingInteraction<E> | null>;
    /**
     * Signs every user of this browser out of the authorization server, for the app's own sign-out: the session's grants end, but for those with
     * `offline_access`, and its clients are told (OpenID Connect Back-Channel Logout §2). Does nothing where nobody has signed in.
     */
    logout(): Promise<void>;
}

/** What logins work with. */
export interface LoginContext extends WaitingContext {
    readonly interactions: Interactions;
    /** Milliseconds since the epoch. */
    readonly clock: () => number;
    /** Ends a session, and all that ends with it. */
    readonly endSession: (session: FoundSession, request: Request) => Promise<void>;
}

/** `request.oauth2` of one request. */
export const requestOAuth2 = (request: Request, context: LoginContext): RequestOAuth2 => ({
    interaction: async <E extends string>(named?: string) => await waitingInteraction<E>(request, context, named),
    login: async (user) => {

        const { browsers, interactions, clock } = context;
        const account = { ...checkedUser(user, 'request.oauth2.login()'), authTime: authTimeOf(user, clock()) };
        const response = request.generateResponse(null);
        const browser = new Browser(browsers, request, response);
        const session = await browser.session();
        const interaction = await identified({ account, session, secret: browser.newSecret(), interactions, find: async () => await interactionOf(request, browser, interactions, user.interaction) });
        await browser.signIn(session, account);
        return response.redirect(withParameters(interaction.next, { interaction: interaction.ref })).code(303)
            .header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
    },
    logout: async () => {

        const session = await new Browser(context.browsers, request, request.generateResponse(null)).session();
        if (session !== null) {                                 // The cookie names nothing from now on
            await context.endSession(session, request);
        }
    }
});

/** A sign-in that is to be noted. */
interface Arrival {
    readonly account: Pick<Account, 'subject'> & { readonly authTime: number };
    /** The browser's, as the request has it. */
    readonly session: FoundSession | null;
    readonly secret: string;
    readonly interactions: Interactions;
    readonly find: () => Promise<Interaction | null>;
}

/** Notes who has signed in: the first user who does is the one that the interaction goes on with, and of the same sign-in sent twice at once both go on. */
const identified = async ({ account: { subject, authTime }, session, secret, interactions, find }: Arrival): Promise<Interaction> => {

    const interaction = openFor(subject, session, await find());
    const isFirst = await interactions.identify(interaction, secret, { subject, signedIn: isNew(authTime, interaction), isChosen: false });
    return isFirst ? interaction : openFor(subject, session, await find());         // Somebody was faster: the same user, or another one
};

/**
 * The interaction, if it may go on with this user: nobody is noted there, or somebody who was only chosen and may have to sign in as well, or this very
 * user, whose session the browser has not got yet. Nobody else gets into a request that has its user.
 */
const openFor = (subject: string, session: FoundSession | null, interaction: Interaction | null): Interaction => {

    if (interaction === null) {
        throw over('nothing-waits');
    }

    const { state, identified: known, startedAt, path, search } = interaction;
    const hasArrived = session?.accounts.some((account) => account.subject === known?.subject && account.since >= startedAt) === true;
    const isTaken = known !== null && !known.isChosen && (known.subject !== subject || hasArrived);
    if (state !== 'open' || isTaken) {
        throw over(state === 'expired' ? 'expired' : 'used', state === 'answered' ? undefined : `${path}${search}`, Form.fromSearch(search).first('ui_locales'));
    }

    return interaction;
};

/** A sign-in before the request came is none that the request asked for. */
const isNew = (authTime: number, { startedAt }: Interaction): boolean => authTime >= Math.floor(startedAt / 1000);

const authTimeOf = ({ authTime }: Login, now: number): number => {

    const seconds = Math.floor(now / 1000);
    if (authTime !== undefined && !(Number.isSafeInteger(authTime) && authTime > 0 && authTime <= seconds + 60)) {
        throw new Error('request.oauth2.login() takes authTime in whole seconds since the epoch, not later than now');
    }

    return Math.min(authTime ?? seconds, seconds);
};

const over = (reason: Interruption['reason'], restart?: string, uiLocales?: string): InterruptedSignIn =>
    new InterruptedSignIn('Nothing waits for this sign-in: go back to the application and start there again', { reason, restart, uiLocales });
