import { OAuth2Error } from '../error';
import { sha256 } from '../protocol/digest';
import { randomValue } from '../protocol/random';
import { contended } from '../stores/contended';
import type { Store, StoredValue } from '../stores/store';
import { Stored } from '../stores/stored';

const kind = 'initial_access_token';

/** What a new initial access token is for. */
export interface InitialAccessTokenOptions {
    /** Seconds until it expires: an hour when left out. */
    readonly ttl?: number | undefined;
    /** How many clients may be registered with it: one when left out. */
    readonly uses?: number | undefined;
    /** Anything plain that the policy is to know of who registers with it. */
    readonly data?: StoredValue | undefined;
}

/** The tokens with which strangers may register a client (RFC 7591 §1.2): the store holds only their digests. */
export class InitialAccessTokens {

    readonly #store: Store;
    readonly #clock: () => number;

    constructor(store: Store, clock: () => number) {

        this.#store = store;
        this.#clock = clock;
    }

    /** A new token; throws a sentence for a time or a number that is none. */
    async create({ ttl = 3600, uses = 1, data = {} }: InitialAccessTokenOptions): Promise<string> {

        if (!Number.isSafeInteger(ttl) || ttl < 1 || ttl > 31_536_000) {
            throw new Error('createInitialAccessToken() takes a ttl of 1 to 31536000 seconds, which is a year');
        }

        if (!Number.isSafeInteger(uses) || uses < 1) {
            throw new Error('createInitialAccessToken() takes uses: a whole number of clients, 1 or more');
        }

        const token = randomValue();
        await this.#store.put({ kind, key: sha256(token), value: { v: 1, left: uses, data }, expiresAt: this.#clock() + ttl * 1000 });
        return token;
    }

    /** What a token says of who presents it; throws `invalid_token` for one that nobody may register with. */
    async read(token: string): Promise<StoredValue> {

        return (await this.#find(token)).data;
    }

    /** Uses a token once; throws `invalid_token` if others have used it up in the meantime. */
    async consume(token: string): Promise<void> {

        await contended(async () => {                           // Each try that is spoilt is one that somebody else has used

            const { left, data, version, expiresAt } = await this.#find(token);
            return await this.#store.replace({ kind, key: sha256(token), value: { v: 1, left: left - 1, data }, expiresAt }, version) || null;
        });
    }

    async #find(token: string) {

        const found = await this.#store.get(kind, sha256(token));
        const stored = new Stored('registration\'s initial access token', found?.value);
        const left = found === null ? 0 : stored.number('left');
        if (found === null || left < 1) {
            throw new OAuth2Error('invalid_token', 'The initial access token is not known, expired or used', {
                reason: 'initial_access_token_unusable',
                headers: { 'www-authenticate': 'Bearer realm="registration", error="invalid_token"' }
            });
        }

        return { left, data: stored.object('data'), version: found.version, expiresAt: found.expiresAt };
    }
}
