// Every statement takes the time as a parameter: what has expired by it is as if it were not there.
//
// All of them are one statement on one row, found by its primary key. Under READ COMMITTED a statement that finds its row locked waits, and
// then judges its conditions anew, on the row as it is by then: so of any number of callers, each sees what the one before it left.
// `ON CONFLICT DO UPDATE … WHERE` does the same, and inserts again if the row went away meanwhile.

/** The statements on records that hang on no grant; `schema` is quoted. */
export const recordStatements = (schema: string) => ({
    get: `
        SELECT json_build_object('record', record, 'version', version, 'expiresAt', expires_at)::text AS answer
        FROM ${schema}.records
        WHERE kind = $1::text AND key = $2::text AND expires_at > $3::double precision`,

    // The version goes on counting over an expired record, and begins anywhere else, so that who read what was there cannot replace this one
    put: `
        INSERT INTO ${schema}.records AS old (kind, key, record, expires_at, version)
        VALUES ($1::text, $2::text, $3::jsonb, $4::double precision, $5::bigint)
        ON CONFLICT (kind, key) DO UPDATE
        SET record = excluded.record, expires_at = excluded.expires_at, version = old.version + 1`,

    putIfAbsent: `
        INSERT INTO ${schema}.records AS old (kind, key, record, expires_at, version)
        VALUES ($1::text, $2::text, $3::jsonb, $4::double precision, $5::bigint)
        ON CONFLICT (kind, key) DO UPDATE
        SET record = excluded.record, expires_at = excluded.expires_at, version = old.version + 1
        WHERE old.expires_at <= $6::double precision
        RETURNING 'written' AS answer`,

    replace: `
        UPDATE ${schema}.records
        SET record = $3::jsonb, expires_at = $4::double precision, version = version + 1
        WHERE kind = $1::text AND key = $2::text AND version = $5::bigint AND expires_at > $6::double precision
        RETURNING 'written' AS answer`,

    delete: `DELETE FROM ${schema}.records WHERE kind = $1::text AND key = $2::text`,

    list: `
        SELECT json_build_object('record', record, 'version', version, 'expiresAt', expires_at)::text AS answer
        FROM ${schema}.records
        WHERE kind = $1::text AND key >= $2::text AND expires_at > $3::double precision
        ORDER BY key
        LIMIT $4::integer`
});

/** The statements on counters and leases. */
export const counterStatements = (schema: string) => ({
    count: `
        INSERT INTO ${schema}.counters AS old (key, events, resets_at)
        VALUES ($1::text, 1, $3::double precision)
        ON CONFLICT (key) DO UPDATE
        SET events = CASE WHEN old.resets_at > $2::double precision THEN old.events + 1 ELSE 1 END,
            resets_at = CASE WHEN old.resets_at > $2::double precision THEN old.resets_at ELSE excluded.resets_at END
        RETURNING json_build_object('count', events, 'resetsAt', resets_at)::text AS answer`,

    counted: `
        SELECT json_build_object('count', events)::text AS answer
        FROM ${schema}.counters
        WHERE key = $1::text AND resets_at > $2::double precision`,

    lease: `
        INSERT INTO ${schema}.leases AS old (name, holder, expires_at)
        VALUES ($1::text, $2::text, $4::double precision)
        ON CONFLICT (name) DO UPDATE
        SET holder = excluded.holder, expires_at = excluded.expires_at
        WHERE old.holder = excluded.holder OR old.expires_at <= $3::double precision
        RETURNING 'held' AS answer`,

    release: `DELETE FROM ${schema}.leases WHERE name = $1::text AND holder = $2::text`
});
