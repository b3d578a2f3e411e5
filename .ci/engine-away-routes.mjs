// What `.ci/engine-away.mjs` drives unless told otherwise: bare routes on the store. Another module with the same exports may take its place.

import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';

const Hapi = createRequire(import.meta.url)('@hapi/hapi');

const hour = 3_600_000;
const kind = 'code';

/** Starts a server on the store; it is never started again. Answers its URL and how to stop it. */
export const serve = async (store, clock) => {

    const server = Hapi.server({ host: '127.0.0.1', port: 0, debug: false });
    server.route([
        {
            method: 'POST', path: '/codes', handler: async () => {

                const expiresAt = clock() + hour;
                const token = { kind, grantId: randomUUID(), key: randomUUID(), value: {}, expiresAt };
                const opened = await store.openGrant({ id: token.grantId, clientId: 'c', subject: null, sessionId: null, expiresAt, value: {} }, [token]);
                return { grant: token.grantId, key: token.key, opened };
            }
        },
        { method: 'POST', path: '/codes/{grant}/{key}', handler: async ({ params: { grant, key } }) => ({ answer: await store.consume({ kind, grantId: grant, key }) }) },
        { method: 'GET', path: '/codes/{grant}/{key}', handler: async ({ params: { grant, key } }) => ({ lives: Boolean((await store.findToken({ kind, grantId: grant, key }))?.grant) }) },
        { method: 'DELETE', path: '/grants/{grant}', handler: async ({ params: { grant } }) => ({ lived: await store.revokeGrant(grant) }) }
    ]);
    await server.start();
    return { url: server.info.uri, stop: () => server.stop() };
};

/**
 * One turn of a client: a code is issued, and either revoked or used twice at once. `ask(method, path)` answers `{ status, body }` of any answer;
 * what was answered goes into the ledger, a list that lives as long as the run.
 */
export const turn = async (ask, ledger) => {

    const { status, body } = await ask('POST', '/codes');
    if (status !== 200 || !body.opened) {
        return;                                         // Nobody has this code
    }

    const code = { path: `/codes/${body.grant}/${body.key}`, ok: 0, unknown: 0, revoked: false, maybeRevoked: false };
    ledger.push(code);
    if (ledger.length % 4 === 0) {
        const revocation = await ask('DELETE', `/grants/${body.grant}`);
        code.revoked = revocation.status === 200;
        code.maybeRevoked = true;
        return;
    }

    await Promise.all([use(ask, code), use(ask, code), ask('GET', code.path)]);
};

const use = async (ask, code) => {

    const { status, body } = await ask('POST', code.path);
    code.ok += status === 200 && body.answer === 'ok' ? 1 : 0;
    code.unknown += status === 200 ? 0 : 1;             // It may have been used all the same
    return status === 200 ? body.answer : null;
};

/** What is wrong, a sentence each, with what was ever answered: asked when the engine is back. */
export const check = async (ask, ledger) => {

    const wrong = [];
    for (const code of ledger) {
        const { status, body } = await ask('GET', code.path);
        const answer = await use(ask, code);
        const wrongs = {
            'could not be asked for once the engine was back': status !== 200 || answer === null,
            'was used twice': code.ok > 1,
            'was revoked and lives': code.revoked && (body.lives || answer !== 'missing'),
            'was issued and is lost': !code.maybeRevoked && (!body.lives || answer === 'missing'),
            'is used, and nobody was told that it worked': !code.maybeRevoked && code.unknown === 0 && code.ok === 0
        };
        wrong.push(...Object.keys(wrongs).filter((name) => wrongs[name]).map((name) => `${code.path} ${name}`));
    }

    return wrong;
};
