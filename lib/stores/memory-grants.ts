import { ExpiringEntry, ExpiringMap } from './expiring-map';
import { ExpiryQueue } from './expiry-queue';
import { Listing } from './listing';
import { MemoryGrant, MemoryToken } from './memory-grant';
import { pack } from './packed';
import type { GrantIndex, GrantRecord, Page, Rotation, TokenAddress, TokenRecord } from './store';

const indexes: readonly GrantIndex[] = ['subject', 'clientId', 'sessionId'];

/** A token that is in no grant yet. */
interface MadeToken {
    readonly token: MemoryToken;
    readonly expiresAt: number;
}

const makeTokens = (grant: MemoryGrant, tokens: readonly TokenRecord[]): MadeToken[] => tokens.map((token) => {

    if (token.grantId !== grant.key) {
        throw new TypeError('Tokens are written with their own grant only');
    }

    return { token: new MemoryToken(grant, token), expiresAt: token.expiresAt };
});

/** All that is left of a revoked grant: its id, until the grant would have expired. */
class RevokedGrant extends ExpiringEntry<RevokedGrant> {}

/** The grants of a memory store, with their tokens. */
export class MemoryGrants {

    readonly #clock: () => number;
    readonly #grants: ExpiringMap<MemoryGrant>;
    readonly #revoked: ExpiringMap<RevokedGrant>;
    readonly #tokens = new ExpiryQueue<MemoryToken>();
    /** Dead grants whose tokens still take memory: there may be too many for one call. */
    readonly #dead: MemoryGrant[] = [];
    readonly #listings = {
        subject: new Listing<'nextOfSubject', 'previousOfSubject', MemoryGrant>('nextOfSubject', 'previousOfSubject'),
        clientId: new Listing<'nextOfClient', 'previousOfClient', MemoryGrant>('nextOfClient', 'previousOfClient'),
        sessionId: new Listing<'nextOfSession', 'previousOfSession', MemoryGrant>('nextOfSession', 'previousOfSession')
    };

    #opened = 0;
    #tokenCount = 0;

    constructor(clock: () => number) {

        this.#clock = clock;
        this.#grants = new ExpiringMap(clock, (grant) => this.#bury(grant));
        this.#revoked = new ExpiringMap(clock);
    }

    /** How much takes memory, expired or not. */
    get size(): number {

        return this.#grants.size + this.#revoked.size + this.#tokenCount + indexes.reduce((sum, index) => sum + this.#listings[index].size, 0);
    }

    open(record: GrantRecord, tokens: readonly TokenRecord[]): boolean {

        if (this.#grants.remembers(record.id) || this.#revoked.remembers(record.id)) {
            return false;
        }

        // The client's name is on many grants, and a new string with each request
        const clientId = this.#listings.clientId.first(record.clientId)?.clientId ?? record.clientId;
        const grant = new MemoryGrant({ ...record, clientId }, ++this.#opened);
        const made = makeTokens(grant, tokens);
        this.#grants.set(grant, record.expiresAt);
        for (const index of indexes) {
            const value = grant[index];
            if (value !== null) {
                this.#listings[index].add(value, grant);
            }
        }

        this.#add(made);
        return true;
    }

    addTokens(grantId: string, tokens: readonly TokenRecord[], grantExpiresAt?: number, usedAt?: number): boolean {

        const grant = this.#grants.get(grantId);
        if (grant === undefined) {
            return false;
        }

        this.#add(makeTokens(grant, tokens));
        this.#extend(grant, grantExpiresAt, usedAt);
        return true;
    }

    find(grantId: string): MemoryGrant | undefined {

        return this.#grants.get(grantId);
    }

    findToken({ grantId, kind, key }: TokenAddress): MemoryToken | undefined {

        const token = this.#grants.get(grantId)?.find(kind, key);
        return token !== undefined && this.#lives(token) ? token : undefined;
    }

    rotate({ token: address, version, value, expiresAt, tokens, grantExpiresAt, usedAt }: Rotation): 'ok' | 'conflict' | 'missing' {

        const token = this.findToken(address);
        if (token === undefined) {
            return 'missing';
        }

        if (token.used || token.version !== version) {
            return 'conflict';
        }

        const packed = pack(value);
        const made = makeTokens(token.grant, tokens);       // What throws, throws before anything has changed
        token.packed = packed;
        token.used = true;
        this.#tokens.add(token, expiresAt);
        this.#add(made);
        this.#extend(token.grant, grantExpiresAt, usedAt);
        return 'ok';
    }

    revoke(grantId: string): boolean {

        const grant = this.#grants.get(grantId);
        if (grant === undefined) {
            return false;
        }

        this.#revoked.set(new RevokedGrant(grantId), grant.expiresAt);
        return this.#grants.delete(grantId);
    }

    page(index: GrantIndex, value: string, cursor: string | null, limit: number): Page<GrantRecord> {

        return this.#listings[index].page(value, cursor, limit, {
            find: (id) => {

                const grant = this.#grants.get(id);
                return grant?.[index] === value ? grant : undefined;
            },
            show: (grant) => this.#lives(grant) ? grant.record : undefined
        });
    }

    /** Forgets at most `limit` dead or expired grants and tokens; answers how many. */
    forget(limit: number): number {

        let left = limit - this.#sweepDead(limit);              // First, or the dead would pile up while many grants expire at once: a million in one array stop everything when it grows
        left -= this.#grants.forget(left);
        left -= this.#revoked.forget(left);
        left -= this.#sweepDead(left);
        const now = this.#clock();
        for (; left > 0; --left) {
            const token = this.#tokens.expired(now);
            if (token === null) {
                break;
            }

            this.#remove(token);
        }

        return limit - left;
    }

    /** Removes at most `limit` tokens of dead grants; answers how many. */
    #sweepDead(limit: number): number {

        for (let i = 0; i < limit; ++i) {
            while (this.#dead.at(-1)?.firstToken === null) {
                this.#dead.pop();
            }

            const token = this.#dead.at(-1)?.firstToken ?? null;
            if (token === null) {
                return i;
            }

            this.#remove(token);
        }

        return limit;
    }

    #lives({ expiresAt }: MemoryGrant | MemoryToken): boolean {

        return expiresAt > this.#clock();
    }

    #extend(grant: MemoryGrant, expiresAt = -Infinity, usedAt = -Infinity): void {

        if (expiresAt > grant.expiresAt) {
            this.#grants.set(grant, expiresAt);
        }

        if (usedAt > (grant.usedAt ?? -Infinity)) {
            grant.usedAt = usedAt;
        }
    }

    #add(made: readonly MadeToken[]): void {

        for (const { token, expiresAt } of made) {
            const before = token.grant.find(token.kind, token.key);
            if (before !== undefined) {
                if (this.#lives(before)) {
                    continue;
                }

                this.#remove(before);
            }

            token.grant.add(token);
            this.#tokens.add(token, expiresAt);
            ++this.#tokenCount;
        }
    }

    #remove(token: MemoryToken): void {

        this.#tokens.remove(token);
        token.grant.remove(token);
        --this.#tokenCount;
    }

    #bury(grant: MemoryGrant): void {

        for (const index of indexes) {
            const value = grant[index];
            if (value !== null) {
                this.#listings[index].remove(value, grant);
            }
        }

        this.#dead.push(grant);
    }
}
