import { setTimeout as sleep } from 'node:timers/promises';

import type { SqlClient } from './client';
import { lockWaitMs, migrationScript } from './migrations';

/** How often a lock is asked for, and how long others have the tables to themselves in between: altogether less than the minute that `initialize()` has. */
const tries = 10;
const pauseMs = 3500;

/** Where the time comes from while the tables are migrated, and how much of it there is. */
export interface Patience {
    /** Waits for some milliseconds; by the process's own timers, which keep it alive, unless said otherwise. */
    readonly pause?: ((ms: number) => Promise<unknown>) | undefined;
    /** How long one try waits for a lock, in milliseconds. */
    readonly waitMs?: number | undefined;
}

/**
 * Brings a schema to the newest version.
 *
 * Whoever waits for the lock of a table makes all later queries wait behind it, those of the servers that run, too: so each try waits for a moment only,
 * and leaves nothing in the database that waits on. Throws a sentence if a transaction holds the tables through all tries; other errors pass as they are.
 */
export const migrate = async (client: SqlClient, schema: string, { pause = sleep, waitMs = lockWaitMs }: Patience = {}): Promise<void> => {

    const script = migrationScript(schema, undefined, waitMs);
    let blocked: unknown;
    for (let i = 0; i < tries; ++i) {
        if (i > 0) {
            await pause(pauseMs);
        }

        try {
            await client.query(script, []);
            return;
        }
        catch (err) {
            if (!isLockTimeout(err)) {
                throw err;
            }

            blocked = err;
        }
    }

    throw new Error(`The tables in the schema '${schema}' could not be migrated, as another transaction holds them: a dump, a report, a session that is idle in a transaction, or another migration. Wait for it, or end it (pg_stat_activity shows it), and start again`, { cause: blocked });
};

/** PostgreSQL's `lock_not_available`. */
const isLockTimeout = (err: unknown): boolean => err instanceof Error && 'code' in err && err.code === '55P03';
