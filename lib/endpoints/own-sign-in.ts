import type { AuthCredentials, Request } from '@hapi/hapi';

import { isFailure } from '../error';
import { publicUrl } from '../protocol/issuer';
import { withParameters } from '../protocol/redirect-uri';
import type { Identified, Interaction } from '../sessions/interaction';
import type { Account, FoundSession } from '../sessions/session';
import { checkedUser, type AuthenticatedUser } from './authenticate-user';
import type { Browser } from './browser';

/** Who an auth strategy of the app says the user is; `authTime` is in seconds since the epoch, and left out where nobody knows it. */
export interface StrategyUser extends AuthenticatedUser {
    readonly authTime?: number | undefined;
}

/** Reads the user from the credentials of the app's own auth strategy; `null`: nobody has signed in. */
export type UserOfCredentials = (credentials: AuthCredentials) => StrategyUser | null;

/** Reads `subject`, `authTime`, `acr` and `amr` where credentials have them. */
export const userOfCredentials: UserOfCredentials = (credentials) => {

    const { subject, authTime, acr, amr }: Readonly<Record<string, unknown>> = { ...credentials };
    if (typeof subject !== 'string') {
        throw new Error('The credentials of the session strategy have no subject: give setSessionStrategy() a function that reads the user from them');
    }

    return {
        subject,
        authTime: typeof authTime === 'number' ? authTime : undefined,
        acr: typeof acr === 'string' ? acr : undefined,
        amr: Array.isArray(amr) ? amr.map(String) : undefined
    };
};

/** How users sign in elsewhere than at the built-in form. */
export interface OwnSignInSettings {
    /** A page of the app. */
    readonly loginUrl?: string | undefined;
    /** An auth strategy of the app whose session is the sign-in. */
    readonly strategy?: {
        readonly name: string;
        readonly user: UserOfCredentials;
        /** Ends a session of ours, and all that ends with it. */
        readonly endSession: (session: FoundSession, request: Request) => Promise<void>;
    } | undefined;
}

/** Who has signed in at a browser. */
export interface SignedInAccounts {
    readonly session: FoundSession;
    /** The one used last. */
    readonly user: Account;
    /** The one used last comes first. */
    readonly accounts: readonly Account[];
}

/** The address of the app's own sign-in page, for an interaction that goes on at `next`. */
export type PageFor = (next: string, ref: string, issuer: string) => string;

/** Where users sign in, and who has: at the built-in form, on a page of the app, or by an auth strategy that the app has anyway. */
export class OwnSignIn {

    readonly #settings: OwnSignInSettings;

    constructor(settings: OwnSignInSettings) {

        this.#settings = settings;
    }

    /** Whether users sign in on a page of the app. */
    get isElsewhere(): boolean {

        return this.#settings.loginUrl !== undefined;
    }

    /** Whether somebody who is signed in can be somebody else here: where a session of the app decides, only the app changes it. */
    get canChangeAccount(): boolean {

        return this.#settings.strategy === undefined;
    }

    /** Who has signed in at the browser; `null`: nobody. */
    async signedIn(browser: Browser, request: Request): Promise<SignedInAccounts | null> {

        const session = await browser.session();
        const { strategy } = this.#settings;
        if (strategy === undefined) {
            return session?.accounts[0] === undefined ? null : { session, user: session.accounts[0], accounts: session.accounts };
        }

        const account = await accountBy(strategy, request);
        return account === null ? null : { session: await mirrored(browser, session, account, (ended) => strategy.endSession(ended, request)), user: account, accounts: [account] };
    }

    /** Who the user has turned out to be: a sign-in by the app's own strategy is of this interaction if it is younger. */
    identified(interaction: Interaction | null, accounts: readonly Account[]): Identified | null {

        const [account] = accounts;
        if (this.#settings.strategy === undefined || interaction === null || account === undefined) {
            return interaction?.identified ?? null;
        }

        return { subject: account.subject, signedIn: account.authTime !== null && account.authTime >= Math.floor(interaction.startedAt / 1000), isChosen: false };
    }

    /** Whether a user who comes back from the app's page has not done what was asked: sending them there again would go on for ever. */
    isRefused(interaction: Interaction | null, accounts: readonly Account[]): boolean {

        if (this.#settings.strategy !== undefined) {
            return interaction !== null && accounts.length > 0;
        }

        const identified = interaction?.identified ?? null;     // Without an account of that name the store failed before the session was written
        return identified !== null && !identified.isChosen && accounts.some(({ subject }) => subject === identified.subject);
    }

    /** Makes the address of the app's page, told which interaction waits and where it goes on; `undefined` where there is none. */
    get pageFor(): PageFor | undefined {

        const { loginUrl } = this.#settings;
        return loginUrl === undefined ? undefined : (next, ref, issuer) => withParameters(loginUrl, { interaction: ref, return_to: publicUrl(issuer, next) });
    }
}

/** The session of the app decides; ours follows it, since grants and clients need one that we know. Another user there is a sign-out here. */
const mirrored = async (browser: Browser, session: FoundSession | null, account: Account, end: (session: FoundSession) => Promise<void>): Promise<FoundSession> => {

    const [known, another] = session?.accounts ?? [];
    const isSame = known?.subject === account.subject && another === undefined;
    if (session !== null && isSame && known.authTime === account.authTime) {
        return session;
    }

    if (session !== null && !isSame) {
        await end(session);
    }

    return await browser.signIn(isSame ? session : null, account);
};

/** Who the app's strategy says is there; what it throws for who is not signed in is no error here. */
const accountBy = async ({ name, user }: NonNullable<OwnSignInSettings['strategy']>, request: Request): Promise<Account | null> => {

    try {
        const { credentials } = await request.server.auth.test(name, request);
        const found = user(credentials);
        return found === null ? null : { ...checkedUser(found, 'setSessionStrategy()'), authTime: found.authTime ?? null };
    }
    catch (err) {
        if (isFailure(err) && err.output.statusCode < 500) {
            return null;
        }

        throw err instanceof Error ? err : new Error(`The auth strategy '${name}' answered with a response instead of saying that nobody is signed in: set it up without redirectTo`);
    }
};
