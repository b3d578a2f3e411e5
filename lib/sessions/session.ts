import { sha256 } from '../protocol/digest';
import { randomValue } from '../protocol/random';
import type { FoundRecord, Store } from '../stores/store';
import { Stored } from '../stores/stored';

/** A user who has signed in, and how. */
export interface Account {
    readonly subject: string;
    /** What the user is called on pages. */
    readonly name: string;
    /** How much the sign-in proves; `null` where nobody said. */
    readonly acr: string | null;
    readonly amr: readonly string[];
    /** When, in seconds since the epoch; `null` where the app's own sign-in does not say. */
    readonly authTime: number | null;
}

/** A user as a session keeps it. */
export interface KeptAccount extends Account {
    /** When the sign-in to this session began, in milliseconds since the epoch: a sign-in elsewhere may be older. */
    readonly since: number;
}

/** A client to which a user of the session was signed in. */
export interface SessionClient {
    readonly clientId: string;
    readonly subject: string;
}

/** What a browser is known by: who has signed in there, and to which clients (single sign-on). */
export interface Session {
    /** Names the session in its grants, and stays when the cookie changes: no browser and no client ever sees it. */
    readonly sid: string;
    /** The one that was used last comes first. */
    readonly accounts: readonly KeptAccount[];
    readonly clients: readonly SessionClient[];
    /** Milliseconds since the epoch. */
    readonly createdAt: number;
    /** Milliseconds since the epoch. */
    readonly lastUsedAt: number;
}

/** A session as it is found: `handle` is what the browser's cookie seals. */
export interface FoundSession extends Session {
    readonly handle: string;
    readonly version: number;
}

/** How long a session lives. */
export interface SessionLife {
    /** Seconds without use. */
    readonly idle: number;
    /** Seconds after a sign-in. */
    readonly absolute: number;
}

/** What sessions are kept with. */
export interface SessionsOptions {
    readonly store: Pick<Store, 'get' | 'put' | 'replace' | 'delete'>;
    /** Milliseconds since the epoch. */
    readonly clock: () => number;
    readonly life: SessionLife;
}

const kind = 'session';

/** Since when a user has to sign in anew, whatever the sessions say. */
const endKind = 'signed_out';

/** As many as fit on a page, and on a person. */
const mostAccounts = 5;

/** How often a session that is used is written, so that not every request writes. */
const touchMs = 60_000;

/** A change that loses a race is made anew on what the other one wrote; it cannot lose for ever. */
const mostTries = 3;

/** The sign-in sessions of browsers: store records, found by what a sealed cookie holds: new at each sign-in, so that nobody can plant one. */
export class Sessions {

    readonly #store: SessionsOptions['store'];
    readonly #clock: () => number;
    readonly #life: SessionLife;

    constructor({ store, clock, life }: SessionsOptions) {

        this.#store = store;
        this.#clock = clock;
        this.#life = life;
    }

    /** How long a browser keeps the cookie, in milliseconds. */
    get cookieLifeMs(): number {

        return this.#life.absolute * 1000;
    }

    /** The live session of a handle, with the users whose sign-in has not become too old; `null` if there is none. */
    async find(handle: string): Promise<FoundSession | null> {

        const session = await this.#get(handle);
        const now = this.#clock();
        if (session === null || now - session.lastUsedAt < touchMs) {
            return session;
        }

        await this.#store.replace(this.#record({ ...session, lastUsedAt: now }), session.version);         // Or somebody else was faster, and has done the same
        return await this.#get(handle);
    }

    /**
     * Lets a user into the browser's session, under a new handle: the old one is worth nothing from now on. `begun` is from before the password was
     * looked at, in milliseconds since the epoch: who is signed out everywhere meanwhile is not let in by the old one.
     */
    async signIn(current: FoundSession | null, account: Account, begun = this.#clock()): Promise<FoundSession> {

        const now = this.#clock();
        const others = current?.accounts.filter(({ subject }) => subject !== account.subject) ?? [];
        const session = {
            handle: randomValue(),
            version: 0,
            sid: current?.sid ?? randomValue(),
            accounts: [{ ...account, since: begun }, ...others].slice(0, mostAccounts),
            clients: current?.clients ?? [],
            createdAt: current?.createdAt ?? now,
            lastUsedAt: now
        };
        await this.#store.put(this.#record(session));
        if (current !== null) {
            await this.#store.delete(kind, sha256(current.handle));
        }

        return session;
    }

    /** Remembers that a user of the session goes on to a client, so that the client hears of the sign-out. */
    async use(session: FoundSession, { subject, clientId }: SessionClient): Promise<void> {

        let current: FoundSession | null = session;
        for (let i = 0; i < mostTries && current !== null; ++i) {
            const isFirst = current.accounts[0]?.subject === subject;
            if (isFirst && current.clients.some((client) => client.clientId === clientId && client.subject === subject)) {
                return;
            }

            const clients = [...current.clients.filter((client) => client.clientId !== clientId || client.subject !== subject), { clientId, subject }];
            const accounts = [...current.accounts].sort((one, other) => Number(other.subject === subject) - Number(one.subject === subject));
            if (await this.#store.replace(this.#record({ ...current, accounts, clients, lastUsedAt: this.#clock() }), current.version)) {
                return;
            }

            current = await this.find(session.handle);
        }
    }

    /** Forgets a session: whoever still has the cookie has nothing. */
    async end({ handle }: Pick<FoundSession, 'handle'>): Promise<void> {

        await this.#store.delete(kind, sha256(handle));
    }

    /** Signs a user out of all sessions that there are. Sessions are found by their handles alone: so it is kept beside them, for as long as the youngest of them could live. */
    async endAll(subject: string): Promise<void> {

        const now = this.#clock();
        await this.#store.put({ kind: endKind, key: sha256(subject), value: { at: now }, expiresAt: now + this.#life.absolute * 1000 });
    }

    async #get(handle: string): Promise<FoundSession | null> {

        const found = await this.#store.get(kind, sha256(handle));
        if (found === null) {
            return null;
        }

        const session = this.#read(handle, found);
        const ended = await Promise.all(session.accounts.map((account) => this.#isEnded(account)));
        const accounts = session.accounts.filter((_account, i) => ended[i] === false);
        return accounts.length === 0 ? null : { ...session, accounts };
    }

    async #isEnded({ subject, since }: KeptAccount): Promise<boolean> {

        const found = await this.#store.get(endKind, sha256(subject));
        return found !== null && since <= new Stored(endKind, found.value).number('at');
    }

    #record({ handle, version: _version, ...value }: FoundSession) {

        const newest = Math.max(...value.accounts.map(({ since }) => since));
        const expiresAt = Math.min(value.lastUsedAt + this.#life.idle * 1000, newest + this.#life.absolute * 1000);
        return { kind, key: sha256(handle), value, expiresAt };
    }

    #read(handle: string, { value, version }: FoundRecord): FoundSession {

        const stored = new Stored(kind, value);
        const oldest = this.#clock() - this.#life.absolute * 1000;
        return {
            handle, version,
            sid: stored.text('sid'),
            accounts: stored.list('accounts').map(accountOf).filter(({ since }) => since > oldest),
            clients: stored.list('clients').map((client) => ({ clientId: client.text('clientId'), subject: client.text('subject') })),
            createdAt: stored.number('createdAt'),
            lastUsedAt: stored.number('lastUsedAt')
        };
    }
}

/** The session id that one client knows for one user: it tells two clients nothing about each other (OpenID Connect Back-Channel Logout §2.1). */
export const sidOf = ({ sid }: Pick<Session, 'sid'>, { clientId, subject }: SessionClient): string =>
    sha256(JSON.stringify([sid, clientId, subject]));

const accountOf = (stored: Stored): KeptAccount => ({
    subject: stored.text('subject'),
    name: stored.text('name'),
    acr: stored.textOrNull('acr'),
    amr: stored.texts('amr'),
    authTime: stored.numberOrNull('authTime'),
    since: stored.number('since')
});
