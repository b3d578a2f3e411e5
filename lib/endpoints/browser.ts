import type { Request, Server, ServerStateCookieOptions } from '@hapi/hapi';

import { randomValue } from '../protocol/random';
import type { Secrets } from '../protocol/secrets';
import type { Account, FoundSession, Sessions } from '../sessions/session';

/** What takes a cookie to the browser: a toolkit, or a response. */
export interface CookieJar {
    state(name: string, value: string, options?: ServerStateCookieOptions): unknown;
    unstate(name: string, options?: ServerStateCookieOptions): unknown;
}

/** What browsers are known by. */
export interface BrowserContext {
    readonly secrets: Secrets;
    readonly sessions: Sessions;
    /** Whether browsers reach the server by https. */
    readonly isSecure: boolean;
}

/** The secret of a browser and the interaction that it began last. */
export interface BrowserMark {
    readonly secret: string;
    readonly latest: string | null;
}

/** A browser remembers its interactions as long as they are of use to it, and a day longer to be told what became of them. */
const markLifeMs = 25 * 60 * 60 * 1000;

const text = /^[\w-]{43}$/;

/** Names and attributes of the server's two cookies: `__Host-` keeps them to this very host, and https (RFC 6265bis §4.1.3.2). */
const cookiesOf = ({ isSecure, sessions }: Pick<BrowserContext, 'isSecure' | 'sessions'>) => {

    const prefix = isSecure ? '__Host-' : '';
    const options = { isSecure, isHttpOnly: true, isSameSite: 'Lax', path: '/', encoding: 'none', ignoreErrors: true } as const;
    return {
        session: { name: `${prefix}oauth2-session`, options: { ...options, ttl: sessions.cookieLifeMs } },
        mark: { name: `${prefix}oauth2-browser`, options: { ...options, ttl: markLifeMs } }
    };
};

/** Tells hapi of the cookies, so that one which is not in order is nobody's problem. */
export const declareCookies = (server: Server, context: Pick<BrowserContext, 'isSecure' | 'sessions'>): void => {

    const { session, mark } = cookiesOf(context);
    for (const { name, options } of [session, mark]) {
        server.state(name, options);
    }
};

/** The browser of one request: who has signed in there, and which interactions are its own. */
export class Browser {

    readonly #context: BrowserContext;
    readonly #request: Request;
    readonly #jar: CookieJar;

    constructor(context: BrowserContext, request: Request, jar: CookieJar) {

        this.#context = context;
        this.#request = request;
        this.#jar = jar;
    }

    /** Whether the browser has sent a session cookie at all: one that another site's form brought here has not (`SameSite=Lax`). */
    get hasCookie(): boolean {

        return this.#cookie(cookiesOf(this.#context).session.name) !== null;
    }

    /** What the session cookie seals: who has it signed in here once, though the session may have ended. `null` without a cookie that is ours. */
    get handle(): string | null {

        return this.#context.secrets.openText('ticket', sealContext, this.#cookie(cookiesOf(this.#context).session.name) ?? '');
    }

    /** The live session of the browser; `null` if there is none. */
    async session(): Promise<FoundSession | null> {

        const { handle } = this;
        return handle === null ? null : await this.#context.sessions.find(handle);
    }

    /** Lets a user in who began to sign in at a time, milliseconds since the epoch, now when left out; and gives the browser a new cookie. */
    async signIn(current: FoundSession | null, account: Account, begun?: number): Promise<FoundSession> {

        const session = await this.#context.sessions.signIn(current, account, begun);
        const { name, options } = cookiesOf(this.#context).session;
        this.#jar.state(name, this.#context.secrets.sealText('ticket', sealContext, session.handle), options);
        return session;
    }

    /** Ends the cookie of a session that has ended. */
    forget(): void {

        const { name, options } = cookiesOf(this.#context).session;
        this.#jar.unstate(name, options);
    }

    /** What the browser's interactions are bound to; `null` if it has none. */
    get mark(): BrowserMark | null {

        const [secret = '', latest = ''] = this.#cookie(cookiesOf(this.#context).mark.name)?.split('.') ?? [];
        return text.test(secret) ? { secret, latest: text.test(latest) ? latest : null } : null;
    }

    /** The secret for a new interaction: the browser's own, or a new one. */
    newSecret(): string {

        return this.mark?.secret ?? randomValue();
    }

    /** Gives the browser what its interactions are bound to, and says which one it began last. */
    remember(secret: string, ref: string | null = this.mark?.latest ?? null): void {

        const { name, options } = cookiesOf(this.#context).mark;
        this.#jar.state(name, `${secret}.${ref ?? ''}`, options);
    }

    /** A cookie that came twice was planted by another host of the same domain: neither is believed. */
    #cookie(name: string): string | null {

        const state: Readonly<Record<string, unknown>> = this.#request.state;
        const value = Object.hasOwn(state, name) ? state[name] : null;
        return typeof value === 'string' ? value : null;
    }
}

/** Bound to the seal: no ticket of a page is a session. */
const sealContext = 'session';
