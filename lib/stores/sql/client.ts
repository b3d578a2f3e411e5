/**
 * Whatever speaks SQL to PostgreSQL: a `Pool` or `Client` of `pg`, or a `PGlite` of `@electric-sql/pglite`.
 *
 * Spelled out here, so that no declaration of this package asks for the types of a driver.
 */
export interface SqlClient {
    /** Runs one statement; `$1` in its text stands for the first parameter. */
    query(text: string, params: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

/** Whether the database runs in this process, by what no client of a server has: a PGlite can run the protocol itself and dump its files. */
export const isPglite = (client: SqlClient): boolean => ['execProtocolRaw', 'dumpDataDir'].every((name) => typeof Reflect.get(client, name) === 'function');
