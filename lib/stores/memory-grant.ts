import { ExpiringEntry } from './expiring-map';
import { Expiring } from './expiry-queue';
import { addressOf, pack, unpack } from './packed';
import type { GrantRecord, TokenRecord } from './store';

/** Up to so many tokens of a grant are looked through, which takes less memory than a map and no more time. */
const few = 16;

/** A token in memory. */
export class MemoryToken extends Expiring<MemoryToken> {

    readonly grant: MemoryGrant;
    readonly kind: string;
    readonly key: string;
    packed: string;
    used = false;
    next: MemoryToken | null = null;
    previous: MemoryToken | null = null;

    constructor(grant: MemoryGrant, { kind, key, value }: TokenRecord) {

        super();
        this.grant = grant;
        this.kind = kind;
        this.key = key;
        this.packed = pack(value);
    }

    /** A token changes once at most. */
    get version(): number {

        return this.used ? 2 : 1;
    }
}

/** A grant in memory, with what hangs on it. */
export class MemoryGrant extends ExpiringEntry<MemoryGrant> {

    readonly serial: number;
    readonly clientId: string;
    readonly subject: string | null;
    readonly sessionId: string | null;
    readonly packed: string;
    nextOfSubject: MemoryGrant = this;
    previousOfSubject: MemoryGrant = this;
    nextOfClient: MemoryGrant = this;
    previousOfClient: MemoryGrant = this;
    nextOfSession: MemoryGrant = this;
    previousOfSession: MemoryGrant = this;
    firstToken: MemoryToken | null = null;
    usedAt: number | undefined;
    #byAddress: Map<string, MemoryToken> | null = null;

    constructor({ id, clientId, subject, sessionId, value, usedAt }: GrantRecord, serial: number) {

        super(id);
        this.clientId = clientId;
        this.subject = subject;
        this.sessionId = sessionId;
        this.packed = pack(value);
        this.serial = serial;
        this.usedAt = usedAt;
    }

    /** As the store answers it. Its value is unpacked when somebody reads it: most only ask whether the grant lives. */
    get record(): GrantRecord {

        const { key: id, clientId, subject, sessionId, expiresAt, usedAt, packed } = this;
        const record = {
            id, clientId, subject, sessionId, expiresAt,
            get value() {

                return unpack(packed);
            }
        };
        return usedAt === undefined ? record : Object.assign(record, { usedAt });
    }

    /** The token of a kind and key, expired or not. */
    find(kind: string, key: string): MemoryToken | undefined {

        if (this.#byAddress !== null) {
            return this.#byAddress.get(addressOf(kind, key));
        }

        let token = this.firstToken;
        while (token !== null && (token.key !== key || token.kind !== kind)) {
            token = token.next;
        }

        return token ?? undefined;
    }

    /** Adds a token that is not there. */
    add(token: MemoryToken): void {

        token.next = this.firstToken;
        if (this.firstToken !== null) {
            this.firstToken.previous = token;
        }

        this.firstToken = token;
        if (this.#byAddress !== null) {
            this.#byAddress.set(addressOf(token.kind, token.key), token);
        }
        else if (this.#isCrowded()) {
            this.#byAddress = new Map();
            let each: MemoryToken | null = token;
            while (each !== null) {
                this.#byAddress.set(addressOf(each.kind, each.key), each);
                each = each.next;
            }
        }
    }

    /** Takes out a token that is there. */
    remove(token: MemoryToken): void {

        const { next, previous } = token;
        if (next !== null) {
            next.previous = previous;
        }

        if (previous !== null) {
            previous.next = next;
        }
        else {
            this.firstToken = next;
        }

        this.#byAddress?.delete(addressOf(token.kind, token.key));
    }

    #isCrowded(): boolean {

        let count = 0;
        let token = this.firstToken;
        while (token !== null && count <= few) {
            token = token.next;
            ++count;
        }

        return count > few;
    }
}
