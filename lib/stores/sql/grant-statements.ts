// The row of a grant is the lock of all that hangs on it. Every statement that writes a token first locks its grant, if that lives: one that
// waited for a revocation looks at the row anew, finds it revoked and does nothing; one that came first is done before the grant is revoked.
// The rest of such a statement still sees the tables as they were when it began. That is safe for the token it changes, since PostgreSQL
// judges the conditions of an UPDATE anew on a row that changed meanwhile, so a token which was used while it waited is not used twice; and
// it makes the losers of a race tell `used` or `conflict` from `missing`, for the token was there when they began.
// No deadlock: grant first, then its tokens, is the only order, and sweeping waits for nobody.

const live = (schema: string, id: string, now: string) => `live AS MATERIALIZED (
            SELECT id FROM ${schema}.grants WHERE id = ${id}::text AND NOT revoked AND expires_at > ${now}::double precision FOR UPDATE
        )`;

/**
 * Inserts tokens under the grant that a part of the statement answered; under none if it answered nothing. A token that belongs to another
 * grant comes out as one without a grant, which the table refuses, and with it the whole statement. One that lives already stays as it is: a
 * call that is repeated harms nothing, and no used token is fresh again.
 */
const insertTokens = (schema: string, part: string, grant: string, tokens: string, now: string) => `
            INSERT INTO ${schema}.tokens AS old (grant_id, kind, key, value, expires_at)
            SELECT CASE WHEN new.grant_id = ${part}.${grant} THEN new.grant_id END, new.kind, new.key, new.value, new.expires_at
            FROM ${part},
                jsonb_to_recordset(${tokens}::jsonb) AS new (grant_id text, kind text, key text, value jsonb, expires_at double precision)
            ON CONFLICT (grant_id, kind, key) DO UPDATE
            SET value = excluded.value, expires_at = excluded.expires_at, used = false, version = old.version + 1
            WHERE old.expires_at <= ${now}::double precision`;

/** Lets the grant that a part of the statement answered live longer, and know of a later use, if times are given that are later. */
const extend = (schema: string, part: string, grant: string, time: string, used: string) => `extended AS (
            UPDATE ${schema}.grants AS kept
            SET expires_at = greatest(kept.expires_at, ${time}::double precision), used_at = greatest(kept.used_at, ${used}::double precision)
            FROM ${part}
            WHERE kept.id = ${part}.${grant}
                AND (kept.expires_at < ${time}::double precision OR coalesce(kept.used_at, '-Infinity') < ${used}::double precision)
        )`;

/** A grant as statements answer it. */
const answered = (grant: string) => `json_build_object('record', ${grant}.record, 'expiresAt', ${grant}.expires_at, 'usedAt', ${grant}.used_at)`;

/** The page of one index over grants. */
const listBy = (schema: string, column: string) => `
        SELECT ${answered('listed')}::text AS answer
        FROM ${schema}.grants AS listed
        WHERE ${column} = $1::text AND id >= $2::text AND NOT revoked AND expires_at > $3::double precision
        ORDER BY id
        LIMIT $4::integer`;

/** The statements on grants and their tokens; `schema` is quoted. */
export const grantStatements = (schema: string) => ({
    // Whoever comes second waits for the first one's row, and then inserts nothing
    openGrant: `
        WITH opened AS (
            INSERT INTO ${schema}.grants (id, subject, client_id, session_id, record, expires_at, used_at)
            VALUES ($1::text, $2::text, $3::text, $4::text, $5::jsonb, $6::double precision, $9::double precision)
            ON CONFLICT (id) DO NOTHING
            RETURNING id
        ), added AS (${insertTokens(schema, 'opened', 'id', '$7', '$8')}
        )
        SELECT 'opened' AS answer FROM opened`,

    addTokens: `
        WITH ${live(schema, '$1', '$2')}, ${extend(schema, 'live', 'id', '$4', '$5')}, added AS (${insertTokens(schema, 'live', 'id', '$3', '$2')}
        )
        SELECT 'added' AS answer FROM live`,

    findToken: `
        SELECT json_build_object(
            'value', token.value, 'version', token.version, 'expiresAt', token.expires_at, 'used', token.used,
            'grant', CASE WHEN live.id IS NOT NULL THEN ${answered('live')} END
        )::text AS answer
        FROM ${schema}.tokens AS token
        LEFT JOIN ${schema}.grants AS live ON live.id = token.grant_id AND NOT live.revoked AND live.expires_at > $4::double precision
        WHERE token.grant_id = $1::text AND token.kind = $2::text AND token.key = $3::text AND token.expires_at > $4::double precision`,

    consume: `
        WITH ${live(schema, '$1', '$4')}, consumed AS (
            UPDATE ${schema}.tokens AS token
            SET used = true, version = token.version + 1
            FROM live
            WHERE token.grant_id = live.id AND token.kind = $2::text AND token.key = $3::text
                AND token.expires_at > $4::double precision AND NOT token.used
            RETURNING token.grant_id
        )
        SELECT CASE
            WHEN EXISTS (SELECT FROM consumed) THEN 'ok'
            WHEN EXISTS (
                SELECT FROM ${schema}.tokens AS token JOIN live ON token.grant_id = live.id
                WHERE token.kind = $2::text AND token.key = $3::text AND token.expires_at > $4::double precision
            ) THEN 'used'
            ELSE 'missing'
        END AS answer`,

    // The new tokens come from the row that the UPDATE answered: no winner, no tokens
    rotate: `
        WITH ${live(schema, '$1', '$4')}, rotated AS (
            UPDATE ${schema}.tokens AS token
            SET used = true, version = token.version + 1, value = $6::jsonb, expires_at = $7::double precision
            FROM live
            WHERE token.grant_id = live.id AND token.kind = $2::text AND token.key = $3::text
                AND token.expires_at > $4::double precision AND NOT token.used AND token.version = $5::bigint
            RETURNING token.grant_id
        ), ${extend(schema, 'rotated', 'grant_id', '$9', '$10')}, added AS (${insertTokens(schema, 'rotated', 'grant_id', '$8', '$4')}
        )
        SELECT CASE
            WHEN EXISTS (SELECT FROM rotated) THEN 'ok'
            WHEN EXISTS (
                SELECT FROM ${schema}.tokens AS token JOIN live ON token.grant_id = live.id
                WHERE token.kind = $2::text AND token.key = $3::text AND token.expires_at > $4::double precision
            ) THEN 'conflict'
            ELSE 'missing'
        END AS answer`,

    findGrant: `
        SELECT ${answered('found')}::text AS answer
        FROM ${schema}.grants AS found
        WHERE id = $1::text AND NOT revoked AND expires_at > $2::double precision`,

    // A mark, not a DELETE: it holds for a process whose clock is behind, too, and nobody can open the grant again until it would have expired.
    // What the grant was about is forgotten at once. A token that was added while this waited for the grant stays, dead, until it is swept
    revokeGrant: `
        WITH revoked AS (
            UPDATE ${schema}.grants
            SET revoked = true, subject = NULL, session_id = NULL, record = '{}', used_at = NULL
            WHERE id = $1::text AND NOT revoked AND expires_at > $2::double precision
            RETURNING id
        ), forgotten AS (
            DELETE FROM ${schema}.tokens AS token USING revoked WHERE token.grant_id = revoked.id
        )
        SELECT 'revoked' AS answer FROM revoked`,

    listBySubject: listBy(schema, 'subject'),
    listByClientId: listBy(schema, 'client_id'),
    listBySessionId: listBy(schema, 'session_id')
});
