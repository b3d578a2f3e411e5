import { ExpiringMap } from './expiring-map';
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

const makeTokens = (grant: MemoryGrant, tokens: readonly TokenRecord[]): MadeToken[] => tokens.map((token) => ({ token: new MemoryToken(grant, token), expiresAt: token.expiresAt }));

/** The grants of a memory store, with their tokens. */
export class MemoryGrants {

    readonly #clock: () => number;
    readonly #grants: ExpiringMap<MemoryGrant>;
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
    }

    /** How much takes memory, expired or not. */
    get size(): number {

        return this.#grants.size + this.#tokenCount + indexes.reduce((sum, index) => sum + this.#listings[index].size, 0);
    }

    open(record: GrantRecord, tokens: readonly TokenRecord[]): void {

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
    }

    addTokens(grantId: string, tokens: readonly TokenRecord[]): boolean {

        const grant = this.#grants.get(grantId);
        if (grant === undefined) {
            return false;
        }

        this.#add(makeTokens(grant, tokens));
        return true;
    }

    find(grantId: string): MemoryGrant | undefined {

        return this.#grants.get(grantId);
    }

    findToken({ grantId, kind, key }: TokenAddress): MemoryToken | undefined {

        const token = this.#grants.get(grantId)?.find(kind, key);
        return token !== undefined && this.#lives(token) ? token : undefined;
    }

    rotate({ token: address, version, value, expiresAt, tokens }: Rotation): 'ok' | 'conflict' | 'missing' {

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
        return 'ok';
    }

    revoke(grantId: string): boolean {

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

        let left = limit - this.#grants.forget(limit);
        const now = this.#clock();
        for (; left > 0; --left) {
            const token = this.#dead.at(-1)?.firstToken ?? this.#tokens.expired(now);
            if (token !== null) {
                this.#remove(token);
            }
            else if (this.#dead.length === 0) {
                break;
            }

            if (this.#dead.at(-1)?.firstToken === null) {
                this.#dead.pop();
            }
        }

        return limit - left;
    }

    #lives({ expiresAt }: MemoryGrant | MemoryToken): boolean {

        return expiresAt > this.#clock();
    }

    #add(made: readonly MadeToken[]): void {

        for (const { token, expiresAt } of made) {
            const before = token.grant.find(token.kind, token.key);
            if (before !== undefined) {
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
