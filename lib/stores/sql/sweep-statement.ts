/** Rows of one table, the longest dead first, that nobody else is working on. */
const due = (table: string, time: string, limit: string, condition = '') => `
            DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
                SELECT dead.ctid FROM ${table} AS dead
                WHERE dead.${time} <= $1::double precision${condition}
                ORDER BY dead.${time} LIMIT ${limit} FOR UPDATE OF dead SKIP LOCKED
            )) RETURNING 1`;

/** What the parts before have left of the limit. */
const left = (...parts: readonly string[]) => `greatest(0, $2::integer - ${parts.map((part) => `(SELECT count(*) FROM ${part})`).join(' - ')})`;

/**
 * Deletes at most `$2` rows that expired by `$1`, in one statement; several processes may sweep at once, as each skips what another one has
 * locked, and waits for nobody.
 *
 * A row that changed since the statement began is judged anew before it is locked; then its place is not the one which this statement
 * sees, and it stays for the next time. Tokens under a dead grant go before the grant, which goes when it has none left: until then
 * its row keeps anyone from opening it again.
 */
export const sweepStatement = (schema: string): string => `
        WITH tokens AS (${due(`${schema}.tokens`, 'expires_at', '$2::integer')}
        ), orphans AS (
            DELETE FROM ${schema}.tokens WHERE ctid = ANY (ARRAY(
                SELECT token.ctid
                FROM (
                    SELECT id FROM ${schema}.grants WHERE expires_at <= $1::double precision ORDER BY expires_at LIMIT $2::integer
                ) AS dead
                JOIN ${schema}.tokens AS token ON token.grant_id = dead.id
                WHERE token.expires_at > $1::double precision
                LIMIT ${left('tokens')} FOR UPDATE OF token SKIP LOCKED
            )) RETURNING 1
        ), grants AS (${due(`${schema}.grants`, 'expires_at', left('tokens', 'orphans'), `
                    AND NOT EXISTS (SELECT FROM ${schema}.tokens AS token WHERE token.grant_id = dead.id)`)}
        ), records AS (${due(`${schema}.records`, 'expires_at', left('tokens', 'orphans', 'grants'))}
        ), counters AS (${due(`${schema}.counters`, 'resets_at', left('tokens', 'orphans', 'grants', 'records'))}
        ), leases AS (${due(`${schema}.leases`, 'expires_at', left('tokens', 'orphans', 'grants', 'records', 'counters'))}
        )
        SELECT json_build_object('count', $2::integer - ${left('tokens', 'orphans', 'grants', 'records', 'counters', 'leases')})::text AS answer`;
