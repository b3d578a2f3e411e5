// The steps of a refresh are functions in the schema, since PostgreSQL then plans what they do once for each connection: planning it anew took longer
// than doing it. Statements that are prepared by name would do as well, but not through every pooler, nor with every client.
//
// The row of a grant is the lock of all that hangs on it. Whoever writes a token first locks its grant, if that lives: one that waited for a
// revocation looks at the row anew, finds it revoked and does nothing; one that came first is done before the grant is revoked. Each step of a
// function sees what was committed when the step began, so whoever waited for a grant sees all that was done to its tokens meanwhile.
// No deadlock: grant first, then its tokens, is the only order, and sweeping waits for nobody.
//
// `$1` and so on stand for the parameters of the function, as they do in a statement: so each step can be explained by itself.

/** A function in the schema. */
export interface SqlFunction {
    readonly name: string;
    /** The types of its parameters. */
    readonly parameters: readonly string[];
    /** Its steps by name, statements without a semicolon. */
    readonly steps: Readonly<Record<string, string>>;
    /** What it does, in PL/pgSQL: an answer in words. */
    readonly body: string;
}

const [text, time, json] = ['text', 'double precision', 'jsonb'] as const;
const address = [text, text, text];

/** Locks the grant `$1`, if it lives. */
const lock = (schema: string, now: string) => `SELECT FROM ${schema}.grants WHERE id = $1 AND NOT revoked AND expires_at > ${now} FOR UPDATE`;

/** The token `$2`, `$3` of the grant `$1`, if it lives. */
const token = (schema: string) => `FROM ${schema}.tokens WHERE grant_id = $1 AND kind = $2 AND key = $3 AND expires_at > $4`;

/**
 * Inserts tokens under the grant `$1`. A token that belongs to another grant comes out as one without a grant, which the table refuses, and with it
 * the whole call. One that lives already stays as it is: a call that is repeated harms nothing, and no used token is fresh again.
 */
const insert = (schema: string, tokens: string, now: string) => `
        INSERT INTO ${schema}.tokens AS old (grant_id, kind, key, value, expires_at)
        SELECT CASE WHEN new.grant_id = $1 THEN $1 END, new.kind, new.key, new.value, new.expires_at
        FROM jsonb_to_recordset(${tokens}) AS new (grant_id text, kind text, key text, value jsonb, expires_at double precision)
        ON CONFLICT (grant_id, kind, key) DO UPDATE
        SET value = excluded.value, expires_at = excluded.expires_at, used = false, version = old.version + 1
        WHERE old.expires_at <= ${now}`;

/** Lets the grant `$1` live longer, and know of a later use, if times are given that are later. */
const extend = (schema: string, until: string, used: string) => `
        UPDATE ${schema}.grants
        SET expires_at = greatest(expires_at, ${until}), used_at = greatest(used_at, ${used})
        WHERE id = $1 AND (expires_at < ${until} OR coalesce(used_at, '-Infinity') < ${used})`;

/** A grant as it is answered. */
export const answered = (grant: string) => `json_build_object('record', ${grant}.record, 'expiresAt', ${grant}.expires_at, 'usedAt', ${grant}.used_at)`;

const findToken = (schema: string): SqlFunction => {

    const read = `
        SELECT json_build_object(
            'value', token.value, 'version', token.version, 'expiresAt', token.expires_at, 'used', token.used,
            'grant', CASE WHEN live.id IS NOT NULL THEN ${answered('live')} END
        )::text
        FROM ${schema}.tokens AS token
        LEFT JOIN ${schema}.grants AS live ON live.id = token.grant_id AND NOT live.revoked AND live.expires_at > $4
        WHERE token.grant_id = $1 AND token.kind = $2 AND token.key = $3 AND token.expires_at > $4`;
    return { name: 'find_token', parameters: [...address, time], steps: { read }, body: `RETURN coalesce((${read}), 'missing');` };
};

// Whoever comes second waits for the first one's row, and then inserts nothing
const openGrant = (schema: string): SqlFunction => {

    const steps = {
        open: `
        INSERT INTO ${schema}.grants (id, subject, client_id, session_id, record, expires_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, $9) ON CONFLICT (id) DO NOTHING`,
        insert: insert(schema, '$7', '$8')
    };
    return {
        name: 'open_grant', parameters: [text, text, text, text, json, time, json, time, time], steps, body: `
    ${steps.open};
    IF NOT FOUND THEN
        RETURN 'taken';
    END IF;
    ${steps.insert};
    RETURN 'opened';`
    };
};

const addTokens = (schema: string): SqlFunction => {

    const steps = { lock: lock(schema, '$2'), insert: insert(schema, '$3', '$2'), extend: extend(schema, '$4', '$5') };
    return {
        name: 'add_tokens', parameters: [text, time, json, time, time], steps, body: `
    PERFORM ${steps.lock.slice('SELECT '.length)};
    IF NOT FOUND THEN
        RETURN 'missing';
    END IF;
    ${steps.insert};
    ${steps.extend};
    RETURN 'added';`
    };
};

/** What a function does that uses a token up: `won` by one of all callers, `lost` by the others. */
const using = (steps: { readonly lock: string; readonly use: string; readonly look: string }, won: string, lost: string) => `
    PERFORM ${steps.lock.slice('SELECT '.length)};
    IF NOT FOUND THEN
        RETURN 'missing';
    END IF;
    ${steps.use};
    IF NOT FOUND THEN
        RETURN CASE WHEN EXISTS (${steps.look}) THEN '${lost}' ELSE 'missing' END;
    END IF;${won}
    RETURN 'ok';`;

const consumeToken = (schema: string): SqlFunction => {

    const steps = {
        lock: lock(schema, '$4'),
        use: `
        UPDATE ${schema}.tokens SET used = true, version = version + 1 WHERE grant_id = $1 AND kind = $2 AND key = $3 AND expires_at > $4 AND NOT used`,
        look: `SELECT ${token(schema)}`
    };
    return { name: 'consume_token', parameters: [...address, time], steps, body: using(steps, '', 'used') };
};

const rotateToken = (schema: string): SqlFunction => {

    const steps = {
        lock: lock(schema, '$4'),
        use: `
        UPDATE ${schema}.tokens SET used = true, version = version + 1, value = $6, expires_at = $7
        WHERE grant_id = $1 AND kind = $2 AND key = $3 AND expires_at > $4 AND NOT used AND version = $5`,
        look: `SELECT ${token(schema)}`,
        extend: extend(schema, '$9', '$10'),
        insert: insert(schema, '$8', '$4')
    };
    return {
        name: 'rotate_token', parameters: [...address, time, 'bigint', json, time, json, time, time], steps, body: using(steps, `
    ${steps.extend};
    ${steps.insert};`, 'conflict')
    };
};

/** The functions on grants and their tokens; `schema` is quoted. */
export const grantFunctions = (schema: string) => ({
    openGrant: openGrant(schema),
    addTokens: addTokens(schema),
    findToken: findToken(schema),
    consume: consumeToken(schema),
    rotate: rotateToken(schema)
});

/** The statement that makes a function. */
export const createFunction = (schema: string, { name, parameters, body }: SqlFunction): string => `
        CREATE FUNCTION ${schema}.${name}(${parameters.join(', ')}) RETURNS text LANGUAGE plpgsql AS $body$
BEGIN
    ${body}
END
$body$;`;

/** The statement that calls a function. */
export const callFunction = (schema: string, { name, parameters }: SqlFunction): string =>
    `SELECT ${schema}.${name}(${parameters.map((_type, index) => `$${index + 1}`).join(', ')}) AS answer`;
