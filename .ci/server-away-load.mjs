// The load of .ci/server-away.mjs, and what must hold of what was answered. Everything here asks one server over HTTP, as clients and browsers do.

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const redirectUri = 'https://app.example.com/cb';
const basic = { web: 'web:web-secret-of-32-random-letters', machine: 'machine:machine-secret-of-32-random-letters' };
const unescapeHtml = (html) => html.replace(/&#x([0-9a-f]+);|&#(\d+);|&amp;|&quot;/gi, (whole, hex, decimal) => (hex ? String.fromCodePoint(parseInt(hex, 16)) : decimal ? String.fromCodePoint(Number(decimal)) : whole === '&amp;' ? '&' : '"'));

const tokenRequest = (client, path, fields) => [path, {
    method: 'POST', headers: { authorization: `Basic ${Buffer.from(basic[client]).toString('base64')}`, 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(fields)
}];

/** What the endpoints say, each with the answers that are right beside 503: `{ status, body }`, or `null` for anything that is not known. */
const endpoints = (ask) => {

    const known = async (kind, request, expected) => {

        const { isAway, ...answer } = await ask(kind, ...request, expected);
        return isAway ? null : answer;
    };

    const is = (...statuses) => ({ status, body: { location = '' } }) => statuses.includes(status) && !location.includes('error=');
    const granted = ({ status, body }) => status === 200 && typeof body.access_token === 'string';
    const refused = ({ status, body }) => status === 400 && body.error === 'invalid_grant';
    return {
        machine: () => known('client credentials', tokenRequest('machine', '/oauth2/token', { grant_type: 'client_credentials' }), granted),
        /** A code that may have been used may be refused. */
        redeem: (form, mayFail) => known('code', tokenRequest('web', '/oauth2/token', form), (answer) => granted(answer) || mayFail() && refused(answer)),
        refresh: (token, mayFail = () => false) => known('refresh', tokenRequest('web', '/oauth2/token', { grant_type: 'refresh_token', refresh_token: token }), (answer) => granted(answer) || mayFail() && refused(answer)),
        revoke: (client, token) => known('revocation', tokenRequest(client, '/oauth2/revoke', { token }), is(200)),
        introspect: (client, token, expected) => known('introspection', tokenRequest(client, '/oauth2/introspect', { token }), ({ status, body }) => status === 200 && [body.active, null].includes(expected() ?? body.active)),
        protected: (token, expected) => known('protected route', ['/protected', { headers: { authorization: `Bearer ${token}` } }], ({ status }) => [200, 401].includes(status) && [status === 200, null].includes(expected() ?? (status === 200))),
        page: (query, headers = {}) => known('authorize page', [`/oauth2/authorize?${query}`, { headers: { accept: 'text/html', ...headers } }], is(200, 303)),
        known, is
    };
};

const newRequest = () => {

    const verifier = randomBytes(32).toString('base64url');
    const query = new URLSearchParams({
        response_type: 'code', client_id: 'web', redirect_uri: redirectUri, scope: 'openid email offline_access', state: 's', nonce: 'n',
        code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256'
    });
    return { verifier, query };
};

/** Has a new user sign in and agree, in a browser of its own; answers the form that redeems the code, or `null` where the engine was away. */
const signIn = async (ask) => {

    const { known, is } = endpoints(ask);
    const { verifier, query } = newRequest();
    const jar = new Map();
    const visit = async (kind, path, init = {}) => {

        const headers = { accept: 'text/html', ...init.headers, cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') };
        const answer = await known(kind, [path, { ...init, headers, keep: jar }], is(200, 303));
        return answer;
    };

    const submit = async (kind, page, fields) => {

        const [, action = '', inner = ''] = /<form[^>]*\saction="([^"]*)"[^>]*>([\s\S]*?)<\/form>/.exec(page?.text ?? '') ?? [];
        const hidden = Object.fromEntries([...inner.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(([, name, value]) => [name, unescapeHtml(value)]));
        return page && await visit(kind, unescapeHtml(action), { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' }, body: new URLSearchParams({ ...hidden, ...fields }) });
    };

    const follow = async (answer) => {

        const { location } = answer?.body ?? {};
        return location && !location.startsWith(redirectUri) ? await follow(await visit('authorize page', location)) : answer;
    };

    const first = await follow(await visit('authorize page', `/oauth2/authorize?${query}`));
    const second = await follow(await submit('sign-in', first, { username: randomUUID(), password: 'pw' }));
    const last = await follow(await submit('consent', second, { decision: 'allow' }));
    const code = last?.body?.location && new URL(last.body.location).searchParams.get('code');
    return code ? { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: redirectUri } : null;
};

/** A machine gets a token, uses it, and may revoke it. */
export const machineTurn = async (ask, ledger) => {

    const { machine, protected: get, introspect, revoke } = endpoints(ask);
    const token = (await machine())?.body.access_token;
    if (token === undefined) {
        return;
    }

    const entry = { kind: 'token', client: 'machine', token, revoked: false, maybeRevoked: false };
    ledger.push(entry);
    await get(token, () => true);
    await introspect('machine', token, () => true);
    if (ledger.length % 3 === 0) {
        entry.maybeRevoked = true;
        entry.revoked = await revoke('machine', token) !== null;
        const lives = () => (entry.revoked ? false : null);
        await Promise.all([get(token, lives), introspect('machine', token, lives)]);
    }
};

/** A user signs in; the code is redeemed once or twice at once, and what it brought is used, and may be revoked. */
export const userTurn = async (ask, ledger) => {

    const { redeem, protected: get, revoke } = endpoints(ask);
    const form = await signIn(ask);
    if (form === null) {
        return;
    }

    const entry = { kind: 'code', form, granted: 0, tries: 0, unknown: 0, tokens: null };
    ledger.push(entry);
    const tries = ledger.length % 4 === 0 ? 2 : 1;
    await Promise.all(Array.from({ length: tries }, async () => await use(redeem, entry)));
    if (entry.granted === 1 && tries === 1) {
        const { access_token: token, refresh_token: refresh } = entry.tokens;
        const kept = { kind: 'token', client: 'web', token, revoked: false, maybeRevoked: false };
        ledger.push(kept);
        entry.ownTokens = kept;
        await get(token, () => true);
        if (ledger.length % 3 === 0) {
            kept.maybeRevoked = true;
            kept.revoked = await revoke('web', refresh) !== null;
            await get(token, () => (kept.revoked ? false : null));
        }
    }
};

const use = async (redeem, entry) => {

    ++entry.tries;
    const mayFail = () => entry.tries > 1;
    const answer = await redeem(entry.form, mayFail);
    entry.unknown += answer === null ? 1 : 0;
    if (answer?.status === 200) {
        ++entry.granted;
        entry.tokens = answer.body;
    }

    return answer;
};

/** One that has signed in once and refreshes ever after: the same token until it is answered, whatever the engine does. */
export const refreshing = async (ask, isOver) => {

    const { redeem, refresh, protected: get } = endpoints(ask);
    while (!isOver()) {
        const form = await signIn(ask);
        let tokens = form && (await redeem(form, () => false))?.body;
        while (tokens?.refresh_token && !isOver()) {
            const next = await refresh(tokens.refresh_token);
            if (next?.status === 200) {
                tokens = next.body;
                await get(tokens.access_token, () => true);
            }

            await sleep(next === null ? 200 : 60);
        }

        await sleep(100);
    }
};

/** What one request after another must get before the engine counts as back. */
export const probe = async (ask) => {

    const { page } = endpoints(ask);
    await page(newRequest().query);
    await machineTurn(ask, []);
};

/** Asks again about everything that was ever answered, once the engine is back: `ask` finds what is wrong with the answers; the rest is answered here. */
export const check = async (ask, ledger) => {

    const { redeem, introspect, protected: get } = endpoints(ask);
    const wrong = [];
    const checkOne = async (entry) => {

        if (entry.kind === 'token') {
            const lives = () => (entry.revoked ? false : entry.maybeRevoked ? null : true);
            await get(entry.token, lives);
            await introspect(entry.client, entry.token, lives);
            return;
        }

        if (entry.granted === 0 || entry.tries > 1) {        // One that worked and was tried once keeps its tokens: a second use would end them
            await use(redeem, entry);
        }

        if (entry.granted > 1) {
            wrong.push('a code worked twice');
        }

        if (entry.granted === 0 && entry.unknown === 0) {
            wrong.push('a code never worked, and nobody was told 503');
        }

        if (entry.granted === 1 && entry.tries > 1) {
            await use(redeem, entry);                        // Once more for sure, which ends what it brought
            await get(entry.tokens.access_token, () => false);
        }
    };

    for (let i = 0; i < ledger.length; i += 4) {
        await Promise.all(ledger.slice(i, i + 4).map(checkOne));
    }

    return wrong;
};
