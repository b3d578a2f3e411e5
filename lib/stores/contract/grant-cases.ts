import type { GrantIndex } from '../store';
import { fresh, grantRecord, lives, minute, must, mustEqual, openGrant, readPages, tokenRecord, tokenVersion, type StoreCase, type StoreUnderTest } from './subject';

const indexes: readonly GrantIndex[] = ['subject', 'clientId', 'sessionId'];
const elsewhere = { subject: 'clientId', clientId: 'sessionId', sessionId: 'subject' } as const;

/** Some grants that have everything in common but their ids. */
const openMany = async (subject: StoreUnderTest, count: number, common = { clientId: fresh(), subject: fresh(), sessionId: fresh() }) => {

    const opened = [];
    for (let i = 0; i < count; ++i) {
        opened.push(await openGrant(subject, { grant: { ...common, value: { index: i } } }));
    }

    return { common, opened };
};

/** Promises about grants and what hangs on them, to one caller at a time. */
export const grantCases: readonly StoreCase[] = [
    {
        name: 'a token is found with its grant by its whole address, by every instance',
        run: async (subject) => {

            const { store, others = [] } = subject;
            const grant = grantRecord(subject, { value: { scopes: ['a'] } });
            const token = tokenRecord(subject, grant, { value: { a: 1 } });
            const sibling = { ...token, kind: 'access_token', value: { b: 2 } };
            await store.openGrant(grant, [token, sibling]);
            const other = await openGrant(subject);
            for (const reader of [store, ...others]) {
                for (const { value, expiresAt, ...address } of [token, sibling]) {
                    const found = await reader.findToken(address);
                    mustEqual([found?.value, found?.expiresAt, found?.used, found?.grant], [value, expiresAt, false, grant], 'What findToken answers');
                }

                mustEqual(await reader.findGrant(grant.id), grant, 'What findGrant answers');
            }

            for (const address of [{ ...token, key: other.token.key }, { ...token, kind: 'code' }, { ...token, grantId: other.grant.id }, { ...token, grantId: fresh() }]) {
                must(!await lives(store, { ...token, ...address }), 'findToken finds a token whose kind, grant or key is another one');
            }

            mustEqual(await store.findGrant(fresh()), null, 'What findGrant answers for a grant that never was');
        }
    },
    {
        name: 'a grant may have no subject and no session, and is not listed under their absence',
        run: async (subject) => {

            const { grant } = await openGrant(subject, { grant: { subject: null, sessionId: null } });
            mustEqual(await subject.store.findGrant(grant.id), grant, 'What findGrant answers');
            mustEqual((await subject.store.listGrants('clientId', grant.clientId)).items, [grant], 'The grants of the client');
            for (const index of ['subject', 'sessionId'] as const) {
                for (const value of ['', 'null', 'undefined']) {
                    const listed = await readPages((cursor) => subject.store.listGrants(index, value, cursor), 100);
                    must(!listed.some(({ id }) => id === grant.id), `A grant without ${index} is listed under "${value}"`);
                }
            }
        }
    },
    {
        name: 'a code is used once, and what it held is found afterwards',
        run: async (subject) => {

            const { store } = subject;
            const { grant, token } = await openGrant(subject, { token: { value: { nonce: 'n' } } });
            mustEqual([await store.consume(token), await store.consume(token), await store.consume(token)], ['ok', 'used', 'used'], 'What consume answers');
            const found = await store.findToken(token);
            mustEqual([found?.used, found?.value, found?.grant], [true, { nonce: 'n' }, grant], 'What findToken answers for a used code');
            for (const address of [{ ...token, key: fresh() }, { ...token, kind: 'code' }, { ...token, grantId: fresh() }]) {
                mustEqual(await store.consume(address), 'missing', 'What consume answers where there is no code');
            }
        }
    },
    {
        name: 'using a code leaves the other tokens of its grant, and the same key elsewhere, as they are',
        run: async (subject) => {

            const { store } = subject;
            const { grant, token } = await openGrant(subject);
            const sibling = { ...token, kind: 'access_token' };
            await store.addTokens(grant.id, [sibling]);
            const cousin = await openGrant(subject, { token: { key: token.key } });
            await store.consume(token);
            mustEqual([await lives(store, token), await lives(store, sibling), await lives(store, cousin.token)], [false, true, true], 'Which tokens live');
        }
    },
    {
        name: 'a rotated token keeps what its grace window needs, as long as told',
        run: async (subject) => {

            const { store } = subject;
            const { grant, token } = await openGrant(subject, { token: { value: { first: true } } });
            const successor = tokenRecord(subject, grant);
            const successors = [successor, tokenRecord(subject, grant, { kind: 'access_token' })];
            const version = await tokenVersion(store, token);
            const expiresAt = subject.now() + minute;
            const rotation = { token, version, value: { sealed: 'reply' }, expiresAt, tokens: successors };
            mustEqual(await store.rotate(rotation), 'ok', 'What rotate answers');
            const found = await store.findToken(token);
            mustEqual([found?.used, found?.value, found?.expiresAt, found?.grant], [true, { sealed: 'reply' }, expiresAt, grant], 'What findToken answers for a rotated token');
            mustEqual(await Promise.all(successors.map((added) => lives(store, added))), [true, true], 'Which successors live');

            await subject.advance(minute);
            mustEqual(await store.findToken(token), null, 'What findToken answers once the rotated token is forgotten');
            must(await lives(store, successor), 'A successor died with its predecessor');
        }
    },
    {
        name: 'a token that was used, or has another version, is not rotated, and nothing is stored',
        run: async (subject) => {

            const { store } = subject;
            const { grant, token } = await openGrant(subject);
            const successor = tokenRecord(subject, grant);
            const version = await tokenVersion(store, token);
            const rotation = { token, version, value: { rotated: true }, expiresAt: token.expiresAt, tokens: [successor] };
            mustEqual(await store.rotate({ ...rotation, version: version + 1 }), 'conflict', 'What rotate answers for another version');
            must(await lives(store, token), 'A rotation that was refused used the token');
            await store.consume(token);
            mustEqual(await store.rotate({ ...rotation, version: await tokenVersion(store, token) }), 'conflict', 'What rotate answers for a token that was used');
            mustEqual(await store.rotate(rotation), 'conflict', 'What rotate answers for the version before the use');
            mustEqual((await store.findToken(token))?.value, {}, 'The value of a token whose rotations were refused');
            mustEqual(await store.findToken(successor), null, 'What findToken answers for a successor that was refused');

            const second = tokenRecord(subject, grant);
            await store.addTokens(grant.id, [second]);
            const second1 = await tokenVersion(store, second);
            await store.rotate({ ...rotation, token: second, version: second1, tokens: [] });
            mustEqual([await store.consume(second), await store.rotate({ ...rotation, token: second, version: second1 })], ['used', 'conflict'], 'What consume and rotate answer for a rotated token');
            for (const address of [{ ...second, key: fresh() }, { ...second, kind: 'code' }, { ...second, grantId: fresh() }]) {
                mustEqual(await store.rotate({ ...rotation, token: address, version: second1, tokens: [{ ...successor, grantId: address.grantId }] }), 'missing', 'What rotate answers where there is no token');
            }

            mustEqual(await store.findToken(successor), null, 'What findToken answers for a successor that was refused');
        }
    },
    {
        name: 'tokens are added to a grant that lives, and to no other',
        run: async (subject) => {

            const { store } = subject;
            const { grant } = await openGrant(subject);
            const added = Array.from({ length: 40 }, (_, index) => tokenRecord(subject, grant, { value: { index } }));
            must(await store.addTokens(grant.id, added), 'addTokens answered false for a grant that lives');
            const found = await Promise.all(added.map((token) => store.findToken(token)));
            mustEqual(found.map((token) => token?.value), added.map(({ value }) => value), 'The values of the tokens that were added');
            must(await store.addTokens(grant.id, []), 'addTokens of no tokens answered false for a grant that lives');

            await store.revokeGrant(grant.id);
            const late = tokenRecord(subject, grant);
            must(!await store.addTokens(grant.id, [late]), 'addTokens answered true for a grant that was revoked');
            must(!await lives(store, late), 'addTokens added a token to a grant that was revoked');
            must(!await store.addTokens(fresh(), []), 'addTokens answered true for a grant that never was');
        }
    },
    {
        name: 'revoking a grant kills all that hangs on it, for every instance, and says so once',
        run: async (subject) => {

            const { store, others = [] } = subject;
            const owner = { clientId: fresh(), subject: fresh(), sessionId: fresh() };
            const { grant, token } = await openGrant(subject, { grant: owner });
            const tokens = [token, ...['code', 'access_token', 'device_code'].map((kind) => tokenRecord(subject, grant, { kind }))];
            await store.addTokens(grant.id, tokens.slice(1));
            const version = await tokenVersion(store, token);
            mustEqual([await store.revokeGrant(grant.id), await store.revokeGrant(grant.id), await store.revokeGrant(fresh())], [true, false, false], 'What revokeGrant answers');
            const successor = tokenRecord(subject, grant);
            for (const reader of [store, ...others]) {
                mustEqual(await reader.findGrant(grant.id), null, 'What findGrant answers');
                mustEqual(await Promise.all(tokens.map((dead) => lives(reader, dead))), tokens.map(() => false), 'Which tokens live');
                mustEqual(await Promise.all(tokens.map((dead) => reader.consume(dead))), tokens.map(() => 'missing'), 'What consume answers');
                mustEqual(await reader.rotate({ token, version, value: {}, expiresAt: token.expiresAt, tokens: [successor] }), 'missing', 'What rotate answers');
                must(!await lives(reader, successor), 'rotate added a token to a grant that was revoked');
                for (const index of indexes) {
                    mustEqual(await reader.listGrants(index, owner[index]), { items: [], cursor: null }, `The grants by ${index}`);
                }
            }
        }
    },
    {
        name: 'revoking a grant spares the others of the same subject, client and session',
        run: async (subject) => {

            const { store } = subject;
            const { common, opened } = await openMany(subject, 3);
            await store.revokeGrant(String(opened[1]?.grant.id));
            mustEqual(await Promise.all(opened.map(({ token }) => lives(store, token))), [true, false, true], 'Which tokens live');
            for (const index of indexes) {
                const listed = await readPages((cursor) => store.listGrants(index, common[index], cursor), 100);
                mustEqual(listed.map(({ value }) => value.index).sort(), [0, 2], `The grants by ${index}`);
            }
        }
    },
    {
        name: 'grants are listed by subject, client and session: each once, in pages, and no other',
        run: async (subject) => {

            const { store } = subject;
            const { common, opened } = await openMany(subject, 13);
            for (const index of indexes) {
                await openGrant(subject, { grant: { ...common, [index]: fresh() } });
                await openGrant(subject, { grant: { [elsewhere[index]]: common[index] } });
            }

            for (const index of indexes) {
                const listed = await readPages((cursor) => store.listGrants(index, common[index], cursor, 5), 5);
                const expected = [...opened.map(({ grant }) => grant.id)].sort();
                const ids = listed.filter(({ value }) => value.index !== undefined).map(({ id }) => id).sort();
                mustEqual(ids, expected, `The grants by ${index}`);
                mustEqual(listed.length, opened.length + 2, `How many grants are listed by ${index}`);
                mustEqual(listed.map((grant) => grant[index]), listed.map(() => common[index]), `The ${index} of what is listed`);
                mustEqual(listed.find(({ id }) => id === opened[7]?.grant.id), opened[7]?.grant, 'A grant that is listed');
                mustEqual((await store.listGrants(index, common[index])).items.length, listed.length, 'How many grants are on a page of the usual size');
                mustEqual(await store.listGrants(index, fresh()), { items: [], cursor: null }, 'The grants of nobody');
            }
        }
    },
    {
        name: 'grants that stay are all listed, each once, while others are opened and revoked',
        run: async (subject) => {

            const { store } = subject;
            for (const index of indexes) {
                const { common, opened } = await openMany(subject, 24);
                const leaving = opened.filter((_, at) => at % 3 === 0).map(({ grant }) => grant.id);
                const leave = [...leaving];
                const listed = await readPages((cursor) => store.listGrants(index, common[index], cursor, 4), 4, async () => {

                    await store.revokeGrant(String(leave.shift()));
                    await store.revokeGrant(String(leave.pop()));
                    await openGrant(subject, { grant: common });
                });

                const ids = listed.map(({ id }) => id);
                mustEqual(new Set(ids).size, ids.length, `How many different grants are listed by ${index}`);
                mustEqual(opened.filter(({ grant }) => !leaving.includes(grant.id) && !ids.includes(grant.id)), [], `Grants that were missed by ${index}`);
            }
        }
    },
    {
        name: 'a session is ended by revoking each page of its grants before asking for the next',
        run: async (subject) => {

            const { store } = subject;
            const { common, opened } = await openMany(subject, 13);
            await readPages(async (cursor) => {

                const page = await store.listGrants('sessionId', common.sessionId, cursor, 5);
                await Promise.all(page.items.map(({ id }) => store.revokeGrant(id)));
                return page;
            }, 5);
            mustEqual(await Promise.all(opened.map(({ token }) => lives(store, token))), opened.map(() => false), 'Which tokens live');
        }
    }
];
