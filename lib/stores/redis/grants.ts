import type { FoundToken, GrantIndex, GrantRecord, Page, Rotation, TokenAddress, TokenRecord } from '../store';
import type { RunScript } from './client';
import { clearedBefore, expiryOf, listedUntil, longestOf, useOf, type Expiry } from './expiry';
import { nameOf, type Keys, type ListingKeys } from './keys';
import { readNames } from './listing';
import { grantRecord, integer, list, oneOf, storedValue, text } from './reply';
import { addToListing, addTokens, consumeToken, getGrant, getToken, noteListed, openGrant, removeFromListing, revokeGrant, rotateToken } from './scripts';

const indexes = ['subject', 'clientId', 'sessionId'] as const;

/** The grants and their tokens, each grant with all that hangs on it in one slot, and the listings of grants in others. */
export class Grants {

    readonly #run: RunScript;
    readonly #keys: Keys;
    readonly #clock: () => number;

    constructor(run: RunScript, keys: Keys, clock: () => number) {

        this.#run = run;
        this.#keys = keys;
        this.#clock = clock;
    }

    /**
     * Resolves when grant and listings are written, in whatever order: nobody has the tokens of a grant whose caller saw a rejection. A grant that was
     * not opened may be listed for somebody who does not have it, where readers pass it over.
     */
    async open(grant: GrantRecord, tokens: readonly TokenRecord[]): Promise<boolean> {

        const now = this.#clock();
        const { id, clientId, subject, sessionId, value, expiresAt, usedAt } = grant;
        const { expires, ttl } = expiryOf(expiresAt, now);
        const added = addedOf(tokens, now);
        const parameters = [
            String(now), JSON.stringify({ id, clientId, subject, sessionId, value }), expires, useOf(usedAt), longestOf([ttl, ...added.map((each) => each.ttl)]), ...parametersOf(added)
        ];
        const keys = [this.#keys.grant(nameOf(id)), ...this.#keysOf(id, tokens)];
        const [opened] = await Promise.all([this.#run(openGrant, keys, parameters), this.#enlist(grant, expires, ttl, now)]);
        return integer(opened) === 1;
    }

    async addTokens(grantId: string, tokens: readonly TokenRecord[], grantExpiresAt?: number, usedAt?: number): Promise<boolean> {

        const now = this.#clock();
        const keys = [this.#keys.grant(nameOf(grantId)), ...this.#keysOf(grantId, tokens)];
        const limits = limitsOf(grantExpiresAt, now);
        const added = addedOf(tokens, now);
        const ttl = longestOf([limits.ttl, ...added.map((each) => each.ttl)]);
        const [lives, record] = list(await this.#run(addTokens, keys, [String(now), limits.expires, useOf(usedAt), ttl, ...parametersOf(added)]));
        await this.#extend(record, limits, now);
        return integer(lives) === 1;
    }

    async findToken(address: TokenAddress): Promise<FoundToken | null> {

        const reply = await this.#run(getToken, this.#keysOfToken(address), [String(this.#clock())]);
        if (reply === null) {
            return null;
        }

        const [token, grant] = list(reply);
        const [value, version, expires, used] = list(token);
        return {
            value: storedValue(value), version: integer(version), expiresAt: integer(expires), used: oneOf(['0', '1'], used) === '1',
            grant: grant === null ? null : grantRecord(grant)
        };
    }

    async consume(address: TokenAddress): Promise<'ok' | 'used' | 'missing'> {

        return oneOf(['ok', 'used', 'missing'], await this.#run(consumeToken, this.#keysOfToken(address), [String(this.#clock())]));
    }

    async rotate({ token, version, value, expiresAt, tokens, grantExpiresAt, usedAt }: Rotation): Promise<'ok' | 'conflict' | 'missing'> {

        const now = this.#clock();
        const { expires, ttl } = expiryOf(expiresAt, now);
        const keys = [...this.#keysOfToken(token), ...this.#keysOf(token.grantId, tokens)];
        const limits = limitsOf(grantExpiresAt, now);
        const added = addedOf(tokens, now);
        const parameters = [
            String(now), String(version), JSON.stringify(value), expires, ttl,
            limits.expires, useOf(usedAt), longestOf([ttl, limits.ttl, ...added.map((each) => each.ttl)]), ...parametersOf(added)
        ];
        const [answer, record] = list(await this.#run(rotateToken, keys, parameters));
        await this.#extend(record, limits, now);
        return oneOf(['ok', 'conflict', 'missing'], answer);
    }

    async find(grantId: string): Promise<GrantRecord | null> {

        return this.#read(nameOf(grantId));
    }

    async revoke(grantId: string): Promise<boolean> {

        const name = nameOf(grantId);
        const [lived, record] = list(await this.#run(revokeGrant, [this.#keys.grant(name)], [String(this.#clock())]));
        if (record !== null) {
            await this.#unlist(name, record);
        }

        return integer(lived) === 1;
    }

    async list(index: GrantIndex, value: string, cursor?: string | null, limit?: number): Promise<Page<GrantRecord>> {

        const page = await readNames(this.#run, this.#keys.grantListings(index, value), clearedBefore(this.#clock()), cursor, limit);
        const grants = await Promise.all(page.items.map((name) => this.#read(name)));
        return { items: grants.filter((grant) => grant !== null).filter((grant) => grant[index] === value), cursor: page.cursor };
    }

    async #read(name: string): Promise<GrantRecord | null> {

        const reply = await this.#run(getGrant, [this.#keys.grant(name)], [String(this.#clock())]);
        return reply === null ? null : grantRecord(reply);
    }

    /** The grant is dead already: an entry that stays in a listing is passed over by readers, and goes when the grant would have expired. */
    async #unlist(name: string, record: unknown): Promise<void> {

        try {
            const listings = this.#listingsOf(grantRecord([record, '0']));
            await Promise.all(listings.map(({ members, expiries }) => this.#run(removeFromListing, [members, expiries], [name])));
        }
        catch {}
    }

    /**
     * Lets the listings of a grant follow when it outlives its place in them, for longer than it has to: else each refresh would write to them. As with a new
     * grant, nobody has the new tokens if this rejects; then the grant does not know of it, and the next call tries again.
     */
    async #extend(record: unknown, { expires }: Expiry, now: number): Promise<void> {

        if (text(record) !== '') {
            const grant = grantRecord([record, expires]);
            const listed = listedUntil(grant.expiresAt, now);
            await this.#enlist(grant, listed.expires, listed.ttl, now);
            await this.#run(noteListed, [this.#keys.grant(nameOf(grant.id))], [listed.expires]);
        }
    }

    async #enlist(grant: GrantRecord, expires: string, ttl: string, now: number): Promise<void> {

        const parameters = [clearedBefore(now), nameOf(grant.id), expires, ttl];
        await Promise.all(this.#listingsOf(grant).map(({ members, expiries }) => this.#run(addToListing, [members, expiries], parameters)));
    }

    #listingsOf(grant: GrantRecord): ListingKeys[] {

        return indexes.flatMap((index) => {

            const value = grant[index];
            return value === null ? [] : [this.#keys.grantListing(index, value, nameOf(grant.id))];
        });
    }

    #keysOfToken(address: TokenAddress): string[] {

        return [this.#keys.grant(nameOf(address.grantId)), this.#keys.token(address)];
    }

    #keysOf(grantId: string, tokens: readonly TokenRecord[]): string[] {

        if (tokens.some((token) => token.grantId !== grantId)) {
            throw new TypeError('Tokens are written with their own grant only');
        }

        return tokens.map((token) => this.#keys.token(token));
    }
}

/** Until when a grant lives from now on; twice nothing for as long as it does. */
const limitsOf = (expiresAt: number | undefined, now: number): Expiry => expiresAt === undefined ? { expires: '', ttl: '' } : expiryOf(expiresAt, now);

const addedOf = (tokens: readonly TokenRecord[], now: number) => tokens.map(({ value, expiresAt }) => ({ ...expiryOf(expiresAt, now), value: JSON.stringify(value) }));

const parametersOf = (added: ReturnType<typeof addedOf>): string[] => added.flatMap(({ value, expires, ttl }) => [value, expires, ttl]);
