import { answered, callFunction, grantFunctions } from './grant-functions';

/** The page of one index over grants. */
const listBy = (schema: string, column: string) => `
        SELECT ${answered('listed')}::text AS answer
        FROM ${schema}.grants AS listed
        WHERE ${column} = $1::text AND id >= $2::text AND NOT revoked AND expires_at > $3::double precision
        ORDER BY id
        LIMIT $4::integer`;

/** The statements on grants and their tokens; `schema` is quoted. */
export const grantStatements = (schema: string) => {

    const { openGrant, addTokens, findToken, consume, rotate } = grantFunctions(schema);
    return {
        openGrant: callFunction(schema, openGrant),
        addTokens: callFunction(schema, addTokens),
        findToken: callFunction(schema, findToken),
        consume: callFunction(schema, consume),
        rotate: callFunction(schema, rotate),

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
    };
};
