import { day, fresh, lives, minute, must, mustEqual, openGrant, plainRecord, readPages, second, tokenRecord, tokenVersion, versionOf, type StoreCase, type StoreUnderTest } from './subject';

/** Records that have expired when this has happened, of every kind. */
const expireMany = async (subject: StoreUnderTest, kind: string, count: number): Promise<void> => {

    for (let i = 0; i < count; ++i) {
        await subject.store.put(plainRecord(subject, { kind }));
        await openGrant(subject, { grant: { expiresAt: subject.now() + minute } });
        await openGrant(subject, { token: { expiresAt: subject.now() + minute } });
        await subject.store.count(fresh(), minute);
        await subject.store.lease(fresh(), kind, minute);
    }

    await subject.advance(minute);
};

/** Promises about expiry, counters, leases and forgetting. */
export const timeCases: readonly StoreCase[] = [
    {
        name: 'a plain record lives until its last millisecond by the clock of the store, and is then as if it had never been',
        run: async (subject) => {

            const { store } = subject;
            const record = plainRecord(subject);
            await store.put(record);
            const version = await versionOf(store, record);
            await subject.advance(minute - 1);
            must(await store.get(record.kind, record.key) !== null, 'get does not answer a record in its last millisecond');
            must(!await store.putIfAbsent(record), 'putIfAbsent put a record that was there for its last millisecond');

            await subject.advance(1);
            mustEqual(await store.get(record.kind, record.key), null, 'What get answers for an expired record');
            mustEqual(await store.list(record.kind), { items: [], cursor: null }, 'The list of a kind whose record has expired');
            must(!await store.replace({ ...record, expiresAt: record.expiresAt + minute }, version), 'replace revived an expired record');
            const next = { ...record, value: { next: true }, expiresAt: record.expiresAt + minute };
            must(await store.putIfAbsent(next), 'putIfAbsent refused a record that has expired');
            mustEqual((await store.get(record.kind, record.key))?.value, next.value, 'What get answers after putIfAbsent');
        }
    },
    {
        name: 'the expiry of a record moves with each put and replace, in both directions',
        run: async (subject) => {

            const { store } = subject;
            const put = plainRecord(subject);
            const replaced = plainRecord(subject);
            const shortened = plainRecord(subject, { expiresAt: subject.now() + day });
            for (const record of [put, replaced, shortened]) {
                await store.put(record);
            }

            await store.put({ ...put, expiresAt: subject.now() + 3 * minute });
            await store.replace({ ...replaced, expiresAt: subject.now() + 3 * minute }, await versionOf(store, replaced));
            await store.put({ ...shortened, expiresAt: subject.now() + minute });
            await subject.advance(2 * minute);
            const found = await Promise.all([put, replaced, shortened].map(({ kind, key }) => store.get(kind, key)));
            mustEqual(found.map((record) => record !== null), [true, true, false], 'Whether [put again, replaced, shortened] live');
        }
    },
    {
        name: 'a token lives until its last millisecond, and its grant goes on',
        run: async (subject) => {

            const { store } = subject;
            const { grant, token } = await openGrant(subject, { token: { expiresAt: subject.now() + minute } });
            const version = await tokenVersion(store, token);
            const late = tokenRecord(subject, grant);
            await store.addTokens(grant.id, [late]);
            await subject.advance(minute - 1);
            must(await lives(store, token), 'findToken does not answer a token in its last millisecond');

            await subject.advance(1);
            mustEqual(await store.findToken(token), null, 'What findToken answers for an expired token');
            mustEqual(await store.consume(token), 'missing', 'What consume answers for an expired token');
            const successor = tokenRecord(subject, grant);
            mustEqual(await store.rotate({ token, version, value: {}, expiresAt: token.expiresAt + minute, tokens: [successor] }), 'missing', 'What rotate answers for an expired token');
            mustEqual(await store.findToken(successor), null, 'What findToken answers for the successor of an expired token');
            must(await lives(store, late), 'A token died with another one of its grant');
        }
    },
    {
        name: 'a grant lives until its last millisecond, and all that hangs on it dies with it',
        run: async (subject) => {

            const { store } = subject;
            const owner = { clientId: fresh(), subject: fresh(), sessionId: fresh() };
            const { grant, token } = await openGrant(subject, { grant: { ...owner, expiresAt: subject.now() + minute } });
            const version = await tokenVersion(store, token);
            await subject.advance(minute - 1);
            must(await lives(store, token), 'A token is dead in the last millisecond of its grant');
            mustEqual((await store.listGrants('subject', owner.subject)).items, [grant], 'The grants of a subject in their last millisecond');

            await subject.advance(1);
            must(!await lives(store, token), 'A token lives under an expired grant');
            mustEqual(await store.findGrant(grant.id), null, 'What findGrant answers for an expired grant');
            mustEqual(await store.consume(token), 'missing', 'What consume answers under an expired grant');
            const late = tokenRecord(subject, grant);
            mustEqual(await store.rotate({ token, version, value: {}, expiresAt: token.expiresAt, tokens: [late] }), 'missing', 'What rotate answers under an expired grant');
            must(!await store.addTokens(grant.id, [late]), 'addTokens answered true for an expired grant');
            must(!await lives(store, late), 'addTokens added a token to an expired grant');
            must(!await store.revokeGrant(grant.id), 'revokeGrant was told that an expired grant lived');
            for (const index of ['subject', 'clientId', 'sessionId'] as const) {
                mustEqual(await store.listGrants(index, owner[index]), { items: [], cursor: null }, `The grants by ${index} once expired`);
            }
        }
    },
    {
        name: 'a grant lives longer when tokens are added or rotated with a later end, and never shorter',
        run: async (subject) => {

            const { store, others = [] } = subject;
            const owner = { clientId: fresh(), subject: fresh(), sessionId: fresh() };
            const began = subject.now();
            const { grant, token } = await openGrant(subject, { grant: { ...owner, expiresAt: began + minute } });
            const mustLiveUntil = async (expiresAt: number, why: string): Promise<void> => {

                for (const reader of [store, ...others]) {
                    mustEqual(await reader.findGrant(grant.id), { ...grant, expiresAt }, `The grant ${why}`);
                    for (const index of ['subject', 'clientId', 'sessionId'] as const) {
                        mustEqual((await reader.listGrants(index, owner[index])).items, [{ ...grant, expiresAt }], `The grants by ${index} ${why}`);
                    }
                }
            };

            const later = tokenRecord(subject, grant, { expiresAt: began + day });
            must(await store.addTokens(grant.id, [later], began + 10 * minute), 'addTokens answered false for a grant that lives');
            await mustLiveUntil(began + 10 * minute, 'after addTokens with a later end');
            must(await store.addTokens(grant.id, [], began + minute), 'addTokens of no tokens answered false for a grant that lives');
            await mustLiveUntil(began + 10 * minute, 'after addTokens with an earlier end');
            await subject.advance(5 * minute);
            await store.sweep();
            await mustLiveUntil(began + 10 * minute, 'after it would have expired without addTokens');

            const rotation = { token, version: await tokenVersion(store, token), value: {}, expiresAt: token.expiresAt, tokens: [] };
            mustEqual(await store.rotate({ ...rotation, version: rotation.version + 1, grantExpiresAt: began + day }), 'conflict', 'What rotate answers for another version');
            mustEqual(await store.rotate({ ...rotation, token: { ...token, key: fresh() }, grantExpiresAt: began + day }), 'missing', 'What rotate answers for another token');
            await mustLiveUntil(began + 10 * minute, 'after rotations that were refused');
            mustEqual(await store.rotate({ ...rotation, grantExpiresAt: began + 20 * minute }), 'ok', 'What rotate answers');
            await mustLiveUntil(began + 20 * minute, 'after a rotation with a later end');
            must(await store.addTokens(grant.id, [], began + 30 * minute), 'addTokens of no tokens answered false for a grant that lives');
            mustEqual(await store.rotate({ ...rotation, token: later, version: await tokenVersion(store, later), grantExpiresAt: began + 20 * minute }), 'ok', 'What rotate answers');
            await mustLiveUntil(began + 30 * minute, 'after a rotation with an earlier end');
            await subject.advance(25 * minute - 1);
            await store.sweep();
            await mustLiveUntil(began + 30 * minute, 'in its last millisecond');

            await subject.advance(1);
            must(!await store.addTokens(grant.id, [], began + day), 'addTokens revived an expired grant');
            mustEqual(await store.findGrant(grant.id), null, 'What findGrant answers for an expired grant');
            mustEqual(await store.listGrants('subject', owner.subject), { items: [], cursor: null }, 'The grants of a subject once expired');

            const revoked = await openGrant(subject);
            await store.addTokens(revoked.grant.id, [], began + 2 * day);
            must(await store.revokeGrant(revoked.grant.id), 'revokeGrant does not see a grant that was given a later end');
            must(!await store.addTokens(revoked.grant.id, [], began + 3 * day), 'addTokens revived a revoked grant');
            must(!await lives(store, revoked.token), 'A token lives under a revoked grant');
        }
    },
    {
        name: 'what lasts longest is kept: beside what expires, and through years that pass at once',
        run: async (subject) => {

            const { store } = subject;
            const never = Date.UTC(9999, 0, 1);
            const record = plainRecord(subject, { expiresAt: never });
            await store.put(record);
            const { grant, token } = await openGrant(subject, { grant: { expiresAt: never }, token: { expiresAt: never } });
            const brief = plainRecord(subject);
            await store.put(brief);
            await subject.advance(3 * 365 * day);
            mustEqual((await store.get(record.kind, record.key))?.expiresAt, never, 'When a record expires that lasts to the year 9999');
            must(await lives(store, token), `A token died that lasts to the year 9999, with its grant ${grant.id}`);
            mustEqual(await store.get(brief.kind, brief.key), null, 'What get answers for a record that expired years ago');
        }
    },
    {
        name: 'a counter counts by key, and starts again when its first event has passed out of the window',
        run: async (subject) => {

            const { store, others = [] } = subject;
            const [key, other] = [fresh(), fresh()];
            const resetsAt = subject.now() + minute;
            mustEqual(await store.counted(key), 0, 'What counted answers before the first event');
            mustEqual(await store.count(key, minute), { count: 1, resetsAt }, 'What count answers first');
            await subject.advance(minute / 2);
            mustEqual(await store.count(key, minute), { count: 2, resetsAt }, 'What count answers in the middle of the window');
            mustEqual(await store.count(other, minute), { count: 1, resetsAt: subject.now() + minute }, 'What count answers for another key');
            await subject.advance(minute / 2 - 1);
            for (const reader of [store, ...others, store]) {
                mustEqual([await reader.counted(key), await reader.counted(other)], [2, 1], 'What counted answers');
            }

            await subject.advance(1);
            mustEqual([await store.counted(key), await store.counted(other)], [0, 1], 'What counted answers after the window');
            mustEqual(await store.count(key, 2 * minute), { count: 1, resetsAt: subject.now() + 2 * minute }, 'What count answers after the window');
        }
    },
    {
        name: 'a lease is held by one, who may renew it, until it ends or is given back',
        run: async (subject) => {

            const { store } = subject;
            const name = fresh();
            const lease = (holder: string): Promise<boolean> => store.lease(name, holder, minute);
            mustEqual([await lease('a'), await lease('b'), await lease('a')], [true, false, true], 'Whether [a, b, a] have the lease');
            must(await store.lease(fresh(), 'b', minute), 'A lease is refused for another one');
            await subject.advance(minute / 2);
            must(await lease('a'), 'The holder of a lease may not renew it');
            await subject.advance(minute - 1);
            must(!await lease('b'), 'A renewed lease was taken in its last millisecond');
            await subject.advance(1);
            mustEqual([await lease('b'), await lease('a')], [true, false], 'Whether [b, a] have the lease after the holder a let it end');

            await store.release(name, 'a');
            must(!await lease('c'), 'A lease was given back by one who no longer had it');
            await store.release(name, 'b');
            mustEqual([await lease('c'), await lease('b')], [true, false], 'Whether [c, b] have the lease after b gave it back');
            await store.release(fresh(), 'a');
        }
    },
    {
        name: 'a sweep forgets no more than it was told, and nothing that lives',
        run: async (subject) => {

            const { store } = subject;
            const kind = fresh();
            await expireMany(subject, kind, 50);
            const record = plainRecord(subject, { kind });
            await store.put(record);
            const { token } = await openGrant(subject);
            await store.count(kind, minute);
            await store.lease(kind, 'a', minute);

            const swept: number[] = [];
            do {
                swept.push(await store.sweep(5));
            } while (swept.length < 10_000 && swept.at(-1) !== 0);

            must(swept.every((count) => count <= 5), `sweep(5) forgot ${Math.max(...swept)} records`);
            must(swept.at(-1) === 0, 'sweep never comes to an end');
            mustEqual((await readPages((cursor) => store.list(kind, cursor), 100)).map(({ key }) => key), [record.key], 'What a sweep leaves');
            must(await lives(store, token), 'A sweep forgot a token that lives');
            mustEqual([await store.counted(kind), await store.lease(kind, 'b', second)], [1, false], 'What a sweep leaves of [a counter, a lease]');
            mustEqual(await store.sweep(), 0, 'What a sweep forgets when all is forgotten');
        }
    }
];
