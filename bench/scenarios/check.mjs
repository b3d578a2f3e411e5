// What scenarios look for in the answer to their first request, so that nothing is measured that does not do the work.

/** The answer's JSON, if it has this status. */
export const json = ({ status, body }, expected = 200) => {

    if (status !== expected) {
        throw new Error(`answered ${status} where ${expected} was expected: ${body}`);
    }

    return JSON.parse(body);
};

/** Throws unless what is checked holds. */
export const must = (holds, what, body) => {

    if (!holds) {
        throw new Error(`${what}: ${JSON.stringify(body)}`);
    }
};

const algorithmOf = (token) => {

    const [head = '', ...others] = String(token).split('.');
    return others.length === 2 ? JSON.parse(Buffer.from(head, 'base64url').toString()).alg : null;
};

/** Throws unless this is a JWT that was signed with ES256. */
export const signed = (token, what, body) => must(algorithmOf(token) === 'ES256', `${what} is no JWT signed with ES256`, body);

/** Throws unless this is a text that is no JWT. */
export const opaque = (token, what, body) => must(typeof token === 'string' && token.length >= 20 && algorithmOf(token) === null, `${what} is not opaque`, body);
