import { randomBytes, randomUUID } from 'node:crypto';

/** What a user has allowed a client, once. Codes and tokens hang on it and die with it. */
export interface DemoGrant {
    readonly id: string;
    readonly clientId: string;
    readonly subject: string;
    readonly scope: string;
    /** When the user signed in, in seconds. */
    readonly authTime: number;
}

/** A value that a client presents once. */
interface OneTime<T> {
    readonly data: T;
    readonly expiresAt: number;
    used: boolean;
}

/** 256 random bits, as text. */
export const randomValue = (): string => randomBytes(32).toString('base64url');

/** The grants that live, in memory. */
export class Grants {

    readonly #live = new Map<string, DemoGrant>();

    add(grant: Omit<DemoGrant, 'id'>): DemoGrant {

        const stored = { ...grant, id: randomUUID() };
        this.#live.set(stored.id, stored);
        return stored;
    }

    isLive(id: unknown): boolean {

        return typeof id === 'string' && this.#live.has(id);
    }

    revoke({ id }: DemoGrant): void {

        this.#live.delete(id);
    }
}

/**
 * Codes that can be used once. Looking and using is one step here because nothing is awaited in between; with a database it has to be
 * one statement.
 */
export class OneTimeCodes<T> {

    readonly #codes = new Map<string, OneTime<T>>();
    readonly #clock: () => number;

    constructor(clock: () => number) {

        this.#clock = clock;
    }

    /** Keeps a code for some seconds. */
    add(code: string, data: T, seconds: number): void {

        const now = this.#clock();
        for (const [old, { expiresAt }] of this.#codes) {
            if (expiresAt + 600_000 < now) {                    // A used one is remembered for a while, to notice the second use
                this.#codes.delete(old);
            }
        }

        this.#codes.set(code, { data, expiresAt: now + seconds * 1000, used: false });
    }

    /** What a code stands for, as long as it has not expired; for ten minutes more where the caller wants to say that it has. */
    find(code: string, evenExpired = false): OneTime<T> | undefined {

        const found = this.#codes.get(code);
        return found !== undefined && (evenExpired || !this.isExpired(found)) ? found : undefined;
    }

    isExpired({ expiresAt }: OneTime<T>): boolean {

        return expiresAt <= this.#clock();
    }
}
