import { fresh, grantRecord, lives, minute, must, mustEqual, openGrant, plainRecord, readPages, tokenRecord, type StoreCase } from './subject';

/** Names that mean something to an engine, a language or an encoding, or nearly look alike. */
const hostile: readonly string[] = [
    '', ' ', '  ', 'a', 'A', '0', '00', '1e3', 'null', 'undefined', 'NaN',
    '\0', 'a\0', 'a\0b', '\u0001', '\n', '\r\n', '\u2028', '\ufeff',
    `'`, `"`, '`', `''`, '\\', '\\0', '\\u0000', '$1', '${a}', '%', '_', '%s', `'; DROP TABLE grants; --`, `" OR ""="`, `') ON CONFLICT DO NOTHING; --`,
    '\r\n*1\r\n$8\r\nFLUSHALL\r\n', '*', '?', '[a-z]', '{', '}', '{}', '{a}', '{a}b', '}{', ':', '::', ',', '|', '/', '../..',
    'é', 'e\u0301', 'ß', 'ss', 'İ', 'i', '😀', '\ud83d', '\ude00', '\ud800', '\udfff', '\ufffd', '?',
    '__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', 'then', 'length',
    'x'.repeat(10_240), `${'x'.repeat(10_239)}y`
];

const names = [...new Set(hostile)];

/** Kinds and keys that are one and the same when they are put together without care. */
const glued: readonly (readonly [kind: string, key: string])[] = ['', ':', '\0', '/', '|', ',', '.', '-', ' ', '","'].flatMap((separator) => [
    [`a${separator}b`, `c${separator}d`], [`a${separator}b${separator}c`, 'd'], ['a', `b${separator}c${separator}d`]
] as const);

/** Every name as a kind, as a key and as both. */
const pairs = [...new Map([...names.flatMap((name) => [[name, name], [name, 'key'], ['kind', name]] as const), ...glued].map((pair) => [JSON.stringify(pair), pair])).values()];

/** Promises about names that somebody chose to do harm with. */
export const hostileCases: readonly StoreCase[] = [
    {
        name: 'no kind or key of a plain record is taken for another one, whatever is in it',
        run: async (subject) => {

            const { store } = subject;
            const records = pairs.map(([kind, key], index) => plainRecord(subject, { kind, key, value: { index } }));
            for (const record of records) {
                await store.put(record);
            }

            for (const { kind, key, value } of records) {
                mustEqual((await store.get(kind, key))?.value, value, `What get answers for ${JSON.stringify([kind, key]).slice(0, 100)}`);
                must(!await store.putIfAbsent(plainRecord(subject, { kind, key })), `putIfAbsent does not see ${JSON.stringify([kind, key]).slice(0, 100)}`);
            }

            for (const name of names) {
                const listed = await readPages((cursor) => store.list(name, cursor), 100);
                mustEqual(listed.map(({ kind, key, value }) => ({ kind, key, value })).sort((a, b) => Number(a.value.index) - Number(b.value.index)),
                    records.filter(({ kind }) => kind === name).map(({ kind, key, value }) => ({ kind, key, value })), `The list of the kind ${JSON.stringify(name).slice(0, 100)}`);
            }

            for (const [index, { kind, key }] of records.entries()) {
                await store.delete(kind, key);
                const next = records[index + 1];
                must(next === undefined || await store.get(next.kind, next.key) !== null, `delete of ${JSON.stringify([kind, key]).slice(0, 100)} forgot another record`);
            }
        }
    },
    {
        name: 'no kind or key of a token is taken for another one, whatever is in it',
        run: async (subject) => {

            const { store } = subject;
            const grant = grantRecord(subject);
            const tokens = pairs.map(([kind, key], index) => tokenRecord(subject, grant, { kind, key, value: { index } }));
            await store.openGrant(grant, tokens);
            for (const [index, token] of tokens.entries()) {
                const found = await store.findToken(token);
                const said = JSON.stringify([token.kind, token.key]).slice(0, 100);
                mustEqual([found?.value, found?.used], [token.value, false], `What findToken answers for ${said}`);
                const answer = index % 2 ? await store.consume(token) : await store.rotate({ token, version: Number(found?.version), value: token.value, expiresAt: token.expiresAt, tokens: [] });
                mustEqual(answer, 'ok', `What consume or rotate answers for ${said}`);
            }
        }
    },
    {
        name: 'no grant, and no one that has grants, is taken for another one, whatever the name',
        run: async (subject) => {

            const { store } = subject;
            const mine = fresh();
            const grants = names.flatMap((name) => [`${mine}${name}`, `${name}${mine}`]).map((id, index) => {

                const name = String(names[index >> 1]);
                return grantRecord(subject, { id, subject: name, clientId: name, sessionId: name, value: { mine, index } });
            });

            const distinct = grants.filter(({ id }, index) => grants.findIndex((grant) => grant.id === id) === index);
            const key = fresh();
            for (const grant of distinct) {
                await store.openGrant(grant, [tokenRecord(subject, grant, { key })]);
            }

            for (const name of names) {
                const expected = distinct.filter(({ clientId }) => clientId === name).map(({ id }) => id).sort();
                for (const index of ['subject', 'clientId', 'sessionId'] as const) {
                    const listed = await readPages((cursor) => store.listGrants(index, name, cursor), 100);
                    mustEqual(listed.filter(({ value }) => value.mine === mine).map(({ id }) => id).sort(), expected, `The grants by ${index} ${JSON.stringify(name).slice(0, 100)}`);
                }
            }

            for (const [index, grant] of distinct.entries()) {
                mustEqual(await store.findGrant(grant.id), grant, 'What findGrant answers');
                must(await store.revokeGrant(grant.id), `revokeGrant does not see ${JSON.stringify(grant.id).slice(0, 100)}`);
                const next = distinct[index + 1];
                must(next === undefined || await lives(store, tokenRecord(subject, next, { key })), `Revoking ${JSON.stringify(grant.id).slice(0, 100)} revoked another grant`);
            }
        }
    },
    {
        name: 'no counter and no lease is taken for another one, whatever its name or holder',
        run: async (subject) => {

            const { store } = subject;
            const mine = fresh();
            const holder = fresh();
            for (const name of names.flatMap((name) => [`${mine}${name}`, `${name}:${mine}`])) {
                const said = JSON.stringify(name).slice(0, 100);
                mustEqual([(await store.count(name, minute)).count, await store.counted(name)], [1, 1], `What [count, counted] answer for ${said}`);
                mustEqual([await store.lease(name, name, minute), await store.lease(name, holder, minute), await store.lease(name, name, minute)], [true, false, true], `Who has the lease ${said}`);
                await store.release(name, name);
                must(await store.lease(name, holder, minute), `The lease ${said} was not given back`);
            }

            for (const name of names) {
                const { count } = await store.count(name, minute);
                mustEqual([Number.isInteger(count), await store.counted(name)], [true, count], `What [count, counted] answer for ${JSON.stringify(name).slice(0, 100)}`);
            }
        }
    },
    {
        name: 'a hostile name beside a token changes nothing about it',
        run: async (subject) => {

            const { store } = subject;
            const { token } = await openGrant(subject);
            for (const name of names) {
                for (const address of [{ ...token, key: name }, { ...token, kind: name }, { ...token, grantId: name }]) {
                    mustEqual([await lives(store, { ...token, ...address }), await store.consume(address)], [false, 'missing'], `What is found at ${JSON.stringify(name).slice(0, 100)}`);
                }

                mustEqual([await store.addTokens(name, []), await store.revokeGrant(name)], [false, false], `What [addTokens, revokeGrant] answer for a grant ${JSON.stringify(name).slice(0, 100)}`);
            }

            must(await lives(store, token), 'A token died of a hostile name');
        }
    }
];
