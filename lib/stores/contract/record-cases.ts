import { fresh, minute, must, mustEqual, openGrant, plainRecord, readPages, tokenRecord, tokenVersion, versionOf, type StoreCase } from './subject';

/** What is parsed has a member `__proto__` of its own, as a request's JSON may have. */
const strange = (): Record<string, unknown> => JSON.parse('{"__proto__":{"admin":true},"constructor":1,"":"","tomorrow":{"deep":[[{"er":null}],[]],"no":false},"e":1e21,"f":0.1,"t":"\\u0000\\ud800\'\\"{}"}') as Record<string, unknown>;

const large = (): { readonly text: string } => ({ text: '0123456789abcdef'.repeat(65_536) });

/** Promises about plain records, and about what all records keep. */
export const recordCases: readonly StoreCase[] = [
    {
        name: 'initialize may be called again, and forgets nothing',
        run: async (subject) => {

            const record = plainRecord(subject);
            await subject.store.put(record);
            await subject.store.initialize();
            must(await subject.store.get(record.kind, record.key) !== null, 'initialize forgot a record');
        }
    },
    {
        name: 'a record is found as it was put, by every instance, until it is deleted',
        run: async (subject) => {

            const { store, others = [] } = subject;
            const record = plainRecord(subject, { value: { a: 1 } });
            mustEqual(await store.get(record.kind, record.key), null, 'What get answers before put');
            await store.put(record);
            for (const reader of [store, ...others]) {
                const found = await reader.get(record.kind, record.key);
                mustEqual([found?.value, found?.expiresAt], [record.value, record.expiresAt], 'What get answers after put');
            }

            await store.put({ ...record, value: { b: 2 }, expiresAt: record.expiresAt + 1 });
            const found = await store.get(record.kind, record.key);
            mustEqual([found?.value, found?.expiresAt], [{ b: 2 }, record.expiresAt + 1], 'What get answers after another put');

            await store.delete(record.kind, record.key);
            mustEqual(await store.get(record.kind, record.key), null, 'What get answers after delete');
            await store.delete(record.kind, record.key);
        }
    },
    {
        name: 'a record is one of its kind: the same key of another kind is another record',
        run: async (subject) => {

            const { store } = subject;
            const record = plainRecord(subject);
            const other = { ...record, kind: fresh() };
            await store.put(record);
            mustEqual(await store.get(other.kind, other.key), null, 'What get answers for another kind');
            must(await store.putIfAbsent(other), 'putIfAbsent takes a record of another kind for the same one');
            await store.delete(record.kind, record.key);
            must(await store.get(other.kind, other.key) !== null, 'delete forgot a record of another kind');
        }
    },
    {
        name: 'putIfAbsent leaves what is there as it is, and puts again what was deleted',
        run: async (subject) => {

            const { store } = subject;
            const record = plainRecord(subject, { value: { first: true } });
            must(await store.putIfAbsent(record), 'putIfAbsent refused a record that was not there');
            must(!await store.putIfAbsent({ ...record, value: {} }), 'putIfAbsent put a record that was there');
            mustEqual((await store.get(record.kind, record.key))?.value, { first: true }, 'What the first putIfAbsent put');
            await store.delete(record.kind, record.key);
            must(await store.putIfAbsent(record), 'putIfAbsent refused a record that was deleted');

            const put = plainRecord(subject);
            await store.put(put);
            must(!await store.putIfAbsent(put), 'putIfAbsent does not see what put has put');
        }
    },
    {
        name: 'replace changes a record that has the version that was read, and nothing else',
        run: async (subject) => {

            const { store } = subject;
            const record = plainRecord(subject);
            must(!await store.replace(record, 1), 'replace put a record that was not there');
            mustEqual(await store.get(record.kind, record.key), null, 'What get answers after a replace that was refused');

            await store.put(record);
            const version = await versionOf(store, record);
            const second = { ...record, value: { second: true }, expiresAt: record.expiresAt + minute };
            must(await store.replace(second, version), 'replace refused the version that was read');
            must(!await store.replace({ ...record, value: { third: true } }, version), 'replace took a version that is gone');
            const found = await store.get(record.kind, record.key);
            mustEqual([found?.value, found?.expiresAt], [second.value, second.expiresAt], 'What get answers after replace');

            const secondVersion = await versionOf(store, record);
            await store.put(record);
            must(!await store.replace(second, secondVersion), 'put leaves the version as it was, so that replace overwrites what it has not seen');
        }
    },
    {
        name: 'list answers every record of a kind once, in pages, and no other',
        run: async (subject) => {

            const { store } = subject;
            const kind = fresh();
            const records = Array.from({ length: 13 }, (_, index) => plainRecord(subject, { kind, value: { index } }));
            for (const record of [...records, plainRecord(subject), ...records.slice(3, 5)]) {
                await store.put(record);
            }

            const items = await readPages((cursor) => store.list(kind, cursor, 5), 5);
            mustEqual(items.map(({ key }) => key).sort(), records.map(({ key }) => key).sort(), 'The keys that list answers');
            const byIndex = [...items].sort((a, b) => Number(a.value.index) - Number(b.value.index));
            mustEqual(byIndex.map((item) => ({ kind: item.kind, key: item.key, value: item.value, expiresAt: item.expiresAt })), records, 'What list answers');
            const found = await Promise.all(byIndex.map(({ key }) => store.get(kind, key)));
            mustEqual(byIndex.map(({ version }) => version), found.map((record) => record?.version), 'The versions that list answers');
            mustEqual((await store.list(kind)).items.length, records.length, 'How many records are on a page of the usual size');
            mustEqual(await store.list(fresh()), { items: [], cursor: null }, 'The list of a kind that has no records');
        }
    },
    {
        name: 'list answers every record that stays while others come and go',
        run: async (subject) => {

            const { store } = subject;
            const kind = fresh();
            const records = Array.from({ length: 24 }, () => plainRecord(subject, { kind }));
            for (const record of records) {
                await store.put(record);
            }

            const leaving = records.filter((_, index) => index % 3 === 0).map(({ key }) => key);
            const leave = [...leaving];
            const listed = await readPages((cursor) => store.list(kind, cursor, 5), 5, async () => {

                await store.delete(kind, String(leave.shift()));
                await store.delete(kind, String(leave.pop()));
                await store.put(plainRecord(subject, { kind }));
            });

            const keys = listed.map(({ key }) => key);
            mustEqual(new Set(keys).size, keys.length, 'How many different records list answers');
            const missed = records.filter(({ key }) => !leaving.includes(key) && !keys.includes(key));
            mustEqual(missed, [], 'Records that list missed');
        }
    },
    {
        name: 'members that nobody knows, nested values and names of prototypes survive in every kind of record',
        run: async (subject) => {

            const { store } = subject;
            const value = strange();
            const record = plainRecord(subject, { value });
            await store.put(record);
            mustEqual((await store.get(record.kind, record.key))?.value, value, 'The value after put');
            mustEqual((await store.list(record.kind)).items[0]?.value, value, 'The value in a list');
            await store.replace({ ...record, value: { nested: value } }, await versionOf(store, record));
            mustEqual((await store.get(record.kind, record.key))?.value, { nested: value }, 'The value after replace');
            const absent = plainRecord(subject, { value });
            await store.putIfAbsent(absent);
            mustEqual((await store.get(absent.kind, absent.key))?.value, value, 'The value after putIfAbsent');

            const { grant, token } = await openGrant(subject, { grant: { value }, token: { value } });
            const added = tokenRecord(subject, grant, { value });
            const successor = tokenRecord(subject, grant, { value });
            await store.addTokens(grant.id, [added]);
            const version = await tokenVersion(store, token);
            await store.rotate({ token, version, value: { nested: value }, expiresAt: token.expiresAt, tokens: [successor] });
            mustEqual((await store.findGrant(grant.id))?.value, value, 'The value of a grant');
            mustEqual((await store.listGrants('clientId', grant.clientId)).items[0]?.value, value, 'The value of a grant in a list');
            mustEqual((await store.findToken(token))?.value, { nested: value }, 'The value of a token that was rotated');
            for (const { key, kind, grantId } of [added, successor]) {
                const found = await store.findToken({ key, kind, grantId });
                mustEqual([found?.value, found?.grant?.value], [value, value], 'The values of a token and its grant');
            }
        }
    },
    {
        name: 'a record is as it was put, whatever becomes of the object that was put or found',
        run: async (subject) => {

            const { store } = subject;
            const scopes = ['openid'];
            const { grant, token } = await openGrant(subject, { grant: { value: { scopes } }, token: { value: { scopes } } });
            const record = plainRecord(subject, { value: { scopes } });
            await store.put(record);
            scopes.push('admin');
            const read = async (): Promise<unknown[]> => {

                const found = await store.findToken(token);
                return [found?.value.scopes, found?.grant?.value.scopes, (await store.findGrant(grant.id))?.value.scopes, (await store.get(record.kind, record.key))?.value.scopes];
            };

            const before = await read();
            mustEqual(before, before.map(() => ['openid']), 'The stored values after the object that was put changed');
            before.forEach((found) => (found as string[]).push('admin'));
            mustEqual(await read(), before.map(() => ['openid']), 'The stored values after the object that was found changed');
        }
    },
    {
        name: 'records of a megabyte are kept',
        run: async (subject) => {

            const { store } = subject;
            const value = large();
            const record = plainRecord(subject, { value });
            await store.put(record);
            const { grant, token } = await openGrant(subject, { grant: { value }, token: { value } });
            mustEqual((await store.get(record.kind, record.key))?.value, value, 'The value of a large record');
            const found = await store.findToken({ kind: token.kind, grantId: grant.id, key: token.key });
            mustEqual([found?.value, found?.grant?.value], [value, value], 'The values of a large token and its large grant');
        }
    }
];
