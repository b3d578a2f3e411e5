/** The stored record of one completed authorization; every code, token and device code hangs on one. */
export interface Grant {
    readonly id: string;
    readonly clientId: string;
    /** The user; `null` where the client acts for itself. */
    readonly subject: string | null;
    readonly scopes: readonly string[];
    readonly resources: readonly string[];
}

/** The code or token that a client presented, resolved and proven. Times are in seconds since the epoch. */
export interface Presented<T extends string = string> {
    readonly type: T;
    readonly value: string;
    readonly grant: Grant;
    readonly issuedAt: number;
    readonly expiresAt: number;
    readonly active: boolean;
}
