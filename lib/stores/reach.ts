import { boundedCall, patienceMs } from './bounded-call';
import {
    checkAnswer, isAnything, isBoolean, isConsumption, isCount, isCounter, isFoundGrant, isFoundRecord, isFoundToken, isGrantPage, isRecordPage, isRotation
} from './checked-answer';
import { livePage, liveRecord, liveToken } from './live-answer';
import { MemoryStore } from './memory';
import type { Store } from './store';
import { inTime, processTimer, type Timer } from './timer';

/** How long a server waits for its store. */
export interface ReachOptions {
    /** Milliseconds until a call is given up; 2500 unless said otherwise, so that an engine which takes two seconds still answers. */
    readonly timeoutMs?: number | undefined;
    /** The same for `initialize()`, which may have to migrate; 60000 unless said otherwise. */
    readonly initializeTimeoutMs?: number | undefined;
    /** Where the waiting comes from; the process's own timers unless said otherwise. They do not keep the process alive. */
    readonly timer?: Timer | undefined;
    /** Milliseconds since the epoch, by which a record or a grant that is answered and has expired counts as not there; left out, the store's own clock alone judges. */
    readonly clock?: (() => number) | undefined;
}

/** The longest that Node.js's timers can wait. */
const longest = 0x7fffffff;

/**
 * A store of which every call ends: within its time, and with an answer that is one.
 *
 * A call that takes longer, or that rejects because the engine is out of reach, rejects with `temporarily_unavailable` (503, `Retry-After`); what
 * else a store throws passes as it is, and an answer outside the contract throws an `Error` (500). A call that was given up may be carried
 * out all the same, once, at any later time: so none is ever repeated here, and whoever repeats one reads docs/stores/README.md first.
 *
 * A `MemoryStore` comes back as it is: there is nothing to wait for. Throws a `TypeError` for a time that is none.
 */
export const withinReach = (store: Store, options: ReachOptions = {}): Store =>
    Object.getPrototypeOf(store) === MemoryStore.prototype ? store : new StoreWithinReach(store, options);

class StoreWithinReach implements Store {

    readonly #store: Store;
    readonly #timeoutMs: number;
    readonly #initializeTimeoutMs: number;
    readonly #timer: Timer;
    readonly #clock: () => number;

    constructor(store: Store, { timeoutMs = patienceMs, initializeTimeoutMs = 60_000, timer = processTimer, clock = () => -Infinity }: ReachOptions) {

        if (![timeoutMs, initializeTimeoutMs].every((ms) => ms >= 1 && ms <= longest)) {
            throw new TypeError('The time to wait for a store is a number of milliseconds, 1 or more: a call without one could hang forever');
        }

        this.#store = store;
        this.#timeoutMs = timeoutMs;
        this.#initializeTimeoutMs = initializeTimeoutMs;
        this.#timer = timer;
        this.#clock = clock;
    }

    get isInProcess(): boolean {

        return this.#store.isInProcess === true;
    }

    /** Nobody is served yet: whoever starts the server reads what the driver says. */
    async initialize(): Promise<void> {

        const ms = this.#initializeTimeoutMs;
        await inTime(this.#timer, ms, () => this.#store.initialize(), () => new Error(`The store was not ready after ${ms} ms: is its engine there, and does its client have a connection?`));
    }

    async get(...call: Parameters<Store['get']>) {

        return liveRecord(await this.#ask('get', () => this.#store.get(...call), isFoundRecord), this.#clock());
    }

    put(...call: Parameters<Store['put']>) {

        return this.#ask('put', () => this.#store.put(...call), isAnything);
    }

    putIfAbsent(...call: Parameters<Store['putIfAbsent']>) {

        return this.#ask('putIfAbsent', () => this.#store.putIfAbsent(...call), isBoolean);
    }

    replace(...call: Parameters<Store['replace']>) {

        return this.#ask('replace', () => this.#store.replace(...call), isBoolean);
    }

    delete(...call: Parameters<Store['delete']>) {

        return this.#ask('delete', () => this.#store.delete(...call), isAnything);
    }

    async list(...call: Parameters<Store['list']>) {

        const [kind, cursor] = call;
        return livePage(await this.#ask('list', () => this.#store.list(...call), isRecordPage(kind, cursor)), this.#clock());
    }

    openGrant(...call: Parameters<Store['openGrant']>) {

        return this.#ask('openGrant', () => this.#store.openGrant(...call), isBoolean);
    }

    addTokens(...call: Parameters<Store['addTokens']>) {

        return this.#ask('addTokens', () => this.#store.addTokens(...call), isBoolean);
    }

    async findToken(...call: Parameters<Store['findToken']>) {

        return liveToken(await this.#ask('findToken', () => this.#store.findToken(...call), isFoundToken(...call)), this.#clock());
    }

    consume(...call: Parameters<Store['consume']>) {

        return this.#ask('consume', () => this.#store.consume(...call), isConsumption);
    }

    rotate(...call: Parameters<Store['rotate']>) {

        return this.#ask('rotate', () => this.#store.rotate(...call), isRotation);
    }

    async findGrant(...call: Parameters<Store['findGrant']>) {

        return liveRecord(await this.#ask('findGrant', () => this.#store.findGrant(...call), isFoundGrant(...call)), this.#clock());
    }

    revokeGrant(...call: Parameters<Store['revokeGrant']>) {

        return this.#ask('revokeGrant', () => this.#store.revokeGrant(...call), isBoolean);
    }

    async listGrants(...call: Parameters<Store['listGrants']>) {

        const [index, value, cursor] = call;
        return livePage(await this.#ask('listGrants', () => this.#store.listGrants(...call), isGrantPage(index, value, cursor)), this.#clock());
    }

    count(...call: Parameters<Store['count']>) {

        return this.#ask('count', () => this.#store.count(...call), isCounter);
    }

    counted(...call: Parameters<Store['counted']>) {

        return this.#ask('counted', () => this.#store.counted(...call), isCount);
    }

    lease(...call: Parameters<Store['lease']>) {

        return this.#ask('lease', () => this.#store.lease(...call), isBoolean);
    }

    release(...call: Parameters<Store['release']>) {

        return this.#ask('release', () => this.#store.release(...call), isAnything);
    }

    sweep(...call: Parameters<Store['sweep']>) {

        return this.#ask('sweep', () => this.#store.sweep(...call), isCount);
    }

    close(...call: Parameters<Store['close']>) {

        return this.#ask('close', () => this.#store.close(...call), isAnything);
    }

    async #ask<T>(name: string, run: () => Promise<T>, isAnswer: (answer: unknown) => boolean): Promise<T> {

        const answer = await boundedCall({ owner: 'The store', timeoutMs: this.#timeoutMs, timer: this.#timer }, name, run);
        checkAnswer(name, answer, isAnswer);
        return answer;
    }
}
