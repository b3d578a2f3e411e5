import { createFunction, grantFunctions } from './grant-functions';

/** A step from one version of the tables to the next. */
export interface Migration {
    readonly version: number;
    /** Statements, each ended by a semicolon, for tables in this schema. */
    readonly sql: (schema: string) => string;
}

// Keys compare as bytes (`COLLATE "C"`): their indexes are smaller, faster, and survive an operating system that sorts differently.
// Times are what JavaScript has, so that no conversion can round them; NaN is refused because PostgreSQL holds it for later than any time.
// No foreign key: a token whose grant is gone is dead by itself, and the check would lock the grant once more for each token.

/** All steps, oldest first. One that was released is never changed, and leaves the tables such that the version before still runs. */
export const migrations: readonly Migration[] = [
    {
        version: 1,
        sql: (schema) => `
        CREATE TABLE ${schema}.records (
            kind text COLLATE "C" NOT NULL,
            key text COLLATE "C" NOT NULL,
            record jsonb NOT NULL,
            version bigint NOT NULL DEFAULT 1,
            expires_at double precision NOT NULL CHECK (expires_at <> 'NaN'),
            PRIMARY KEY (kind, key)
        );
        CREATE INDEX records_expiry ON ${schema}.records (expires_at);

        CREATE TABLE ${schema}.grants (
            id text COLLATE "C" PRIMARY KEY,
            subject text COLLATE "C",
            client_id text COLLATE "C" NOT NULL,
            session_id text COLLATE "C",
            record jsonb NOT NULL,
            revoked boolean NOT NULL DEFAULT false,
            expires_at double precision NOT NULL CHECK (expires_at <> 'NaN')
        );
        CREATE INDEX grants_subject ON ${schema}.grants (subject, id) WHERE NOT revoked;
        CREATE INDEX grants_client_id ON ${schema}.grants (client_id, id) WHERE NOT revoked;
        CREATE INDEX grants_session_id ON ${schema}.grants (session_id, id) WHERE NOT revoked;
        CREATE INDEX grants_expiry ON ${schema}.grants (expires_at);

        CREATE TABLE ${schema}.tokens (
            grant_id text COLLATE "C" NOT NULL,
            kind text COLLATE "C" NOT NULL,
            key text COLLATE "C" NOT NULL,
            value jsonb NOT NULL,
            version bigint NOT NULL DEFAULT 1,
            used boolean NOT NULL DEFAULT false,
            expires_at double precision NOT NULL CHECK (expires_at <> 'NaN'),
            PRIMARY KEY (grant_id, kind, key)
        );
        CREATE INDEX tokens_expiry ON ${schema}.tokens (expires_at);

        CREATE TABLE ${schema}.counters (
            key text COLLATE "C" PRIMARY KEY,
            events bigint NOT NULL,
            resets_at double precision NOT NULL CHECK (resets_at <> 'NaN')
        );
        CREATE INDEX counters_expiry ON ${schema}.counters (resets_at);

        CREATE TABLE ${schema}.leases (
            name text COLLATE "C" PRIMARY KEY,
            holder text COLLATE "C" NOT NULL,
            expires_at double precision NOT NULL CHECK (expires_at <> 'NaN')
        );
        CREATE INDEX leases_expiry ON ${schema}.leases (expires_at);`
    },
    {
        // No check and no default: the table is not read for it, so that nobody waits, however many grants there are
        version: 2,
        sql: (schema) => `
        ALTER TABLE ${schema}.grants ADD COLUMN used_at double precision;`
    },
    {
        version: 3,
        sql: (schema) => Object.values(grantFunctions(schema)).map((each) => createFunction(schema, each)).join('')
    }
];

/**
 * How long a migration waits for a lock, in milliseconds: shorter than running servers wait for their queries, which queue behind it, even twice; longer than
 * the second of `deadlock_timeout`, after which PostgreSQL ends an autovacuum that is in the way.
 */
export const lockWaitMs = 1200;

/**
 * The schema's name between quotes, or an error: it is the one thing that reaches SQL without being a parameter.
 */
export const quoteSchema = (name: string): string => {

    if (!/^[a-z_][a-z0-9_]{0,62}$/.test(name)) {
        throw new Error('The schema of SqlStore must be up to 63 lower-case letters, digits and underscores, the first one no digit');
    }

    return `"${name}"`;
};

/**
 * One statement that brings a schema from whatever version it has to the newest one; it may run any number of times.
 *
 * A `DO` block, since a statement is the largest thing that is atomic over a pool, where the next one may find another connection, and over
 * PGlite, which takes one at a time. Processes that start together wait for each other's lock, and then find nothing left to do. Nothing is
 * created that is there, not even `IF NOT EXISTS`, as that asks for rights that the account of a migrated server need not have. It fails
 * (`lock_not_available`), and changes nothing, where it would have to wait longer than `waitMs` for a lock.
 */
export const migrationScript = (schema: string, steps: readonly Migration[] = migrations, waitMs: number = lockWaitMs): string => {

    const quoted = quoteSchema(schema);
    return `DO $hapi_oauth2_flows$
DECLARE
    present integer;
BEGIN
    PERFORM set_config('lock_timeout', '${waitMs}', true);
    PERFORM pg_advisory_xact_lock(hashtextextended('hapi-oauth2-flows ${schema}', 0));
    IF to_regnamespace('${quoted}') IS NULL THEN
        CREATE SCHEMA IF NOT EXISTS ${quoted};
    END IF;
    IF to_regclass('${quoted}.migrations') IS NULL THEN
        CREATE TABLE IF NOT EXISTS ${quoted}.migrations (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());
    END IF;
    SELECT coalesce(max(version), 0) INTO present FROM ${quoted}.migrations;
${steps.map(({ version, sql }) => `
    IF present < ${version} THEN${sql(quoted)}
        INSERT INTO ${quoted}.migrations (version) VALUES (${version});
    END IF;
`).join('')}END
$hapi_oauth2_flows$`;
};
