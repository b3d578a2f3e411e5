import type { Request, ResponseObject } from '@hapi/hapi';

import { checkedUser, type AuthenticatedUser } from '../endpoints/authenticate-user';
import { Browser, type BrowserContext } from '../endpoints/browser';
import { OAuth2Error } from '../error';
import { Form } from '../protocol/form';
import { withParameters } from '../protocol/redirect-uri';
import type { Interaction, Interactions } from '../sessions/interaction';
import type { Account, FoundSession } from '../sessions/session';

/** A user whom a page of the app has signed in. */
export interface Login extends AuthenticatedUser {
    /** When, in seconds since the epoch; now when left out. */
    readonly authTime?: number | undefined;
}

/** `request.oauth2`: the authorization server, for the app's own pages. */
export interface RequestOAuth2 {
    /**
     * Ends a page of the app on which a user signed in: notes who it is, and answers the redirect that goes on with what waited for the user.
     *
     * Return what it answers. Works once for each request that waits, in the browser that brought it, for an hour; throws `invalid_request`
     * otherwise, and a sentence for a subject that is none. Where the store failed in between, the same user may sign in again.
     */
    login(user: Login): Promise<ResponseObject>;
    /**
     * Signs every user of this browser out of the authorization server, for the app's own sign-out: the session's grants end, but for those with
     * `offline_access`, and its clients are told (OpenID Connect Back-Channel Logout §2). Does nothing where nobody has signed in.
     */
    logout(): Promise<void>;
}

/** What logins work with. */
export interface LoginContext {
    readonly browsers: BrowserContext;
    readonly interactions: Interactions;
    /** Milliseconds since the epoch. */
    readonly clock: () => number;
    /** Ends a session, and all that ends with it. */
    readonly endSession: (session: FoundSession, request: Request) => Promise<void>;
}

/** `request.oauth2` of one request. */
export const requestOAuth2 = (request: Request, { browsers, interactions, clock, endSession }: LoginContext): RequestOAuth2 => ({
    login: async (user) => {

        const account = { ...checkedUser(user, 'request.oauth2.login()'), authTime: authTimeOf(user, clock()) };
        const response = request.generateResponse(null);
        const browser = new Browser(browsers, request, response);
        const interaction = await waiting(request, browser, interactions);
        const session = await browser.session();
        if (!mayIdentify(interaction, account, session)) {
            throw over();
        }

        const secret = browser.newSecret();
        if (!await interactions.identify(interaction, secret, { subject: account.subject, signedIn: isNew(account.authTime, interaction), isChosen: false })) {
            throw over();
        }

        await browser.signIn(session, account);
        return response.redirect(withParameters(interaction.next, { interaction: interaction.ref })).code(303)
            .header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
    },
    logout: async () => {

        const session = await new Browser(browsers, request, request.generateResponse(null)).session();
        if (session !== null) {                                 // The cookie names nothing from now on
            await endSession(session, request);
        }
    }
});

/** The interaction that the page was opened for: by its parameter, or else the browser's last one. */
const waiting = async (request: Request, browser: Browser, interactions: Interactions): Promise<Interaction> => {

    const { mark } = browser;
    const ref = Form.from(request.query).first('interaction') ?? Form.from(request.payload).first('interaction') ?? mark?.latest ?? null;
    const interaction = mark === null || ref === null ? null : await interactions.find(ref, mark.secret);
    if (interaction?.state !== 'open') {
        throw over();
    }

    return interaction;
};

/**
 * Whether this user may still be noted: nobody has been, or somebody who was only chosen and may have to sign in as well, or this very user, whose
 * session the store then failed to write. Nobody else gets into a request that has its user.
 */
const mayIdentify = ({ identified, startedAt }: Interaction, { subject }: Account, session: FoundSession | null): boolean => {

    const hasArrived = session?.accounts.some((account) => account.subject === identified?.subject && account.since >= startedAt) === true;
    return identified === null || identified.isChosen || (identified.subject === subject && !hasArrived);
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

const over = (): OAuth2Error => new OAuth2Error('invalid_request', 'Nothing waits for this sign-in: go back to the application and start there again', { reason: 'no_interaction' });
