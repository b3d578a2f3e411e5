/** Where a server remembers what several requests share; every operation is one atomic step. */
export interface Store {
    /**
     * Remembers `key` under `kind` until `expiresAt` (milliseconds since the epoch).
     *
     * Answers `true` to exactly one of all callers until then, in any number of processes, and `false` to the rest.
     */
    putIfAbsent(kind: string, key: string, expiresAt: number): boolean | Promise<boolean>;
}
