import type { GrantRecord, Store, TokenRecord } from '../store';
import { day, fresh, grantRecord, lives, minute, must, mustEqual, openGrant, plainRecord, tokenRecord, tokenVersion, versionOf, type StoreCase } from './subject';

const indexes = ['subject', 'clientId', 'sessionId'] as const;

/** Lets the store forget whatever it would forget in its own time. */
const forgetAll = async (store: Store): Promise<void> => {

    let swept = 1;
    for (let i = 0; i < 100 && swept > 0; ++i) {
        swept = await store.sweep(1000);
    }
};

/** Whether a call rejects. */
const rejects = async (call: Promise<unknown>): Promise<boolean> => call.then(() => false, () => true);

const owners = (grant: GrantRecord): Partial<GrantRecord> => ({ id: grant.id, value: { other: true } });

const mustBeUnlisted = async (store: Store, grant: GrantRecord): Promise<void> => {

    for (const index of indexes) {
        mustEqual(await store.listGrants(index, String(grant[index])), { items: [], cursor: null }, `The grants by ${index} of one who opened none`);
    }
};

/** Promises about names that were used before: of grants, of tokens, of plain records. */
export const identityCases: readonly StoreCase[] = [
    {
        name: 'a grant is opened once: whoever opens it again is told so, and changes nothing',
        run: async (subject) => {

            const { store, others = [] } = subject;
            const grant = grantRecord(subject, { expiresAt: subject.now() + 10 * minute });
            const token = tokenRecord(subject, grant, { value: { first: true } });
            must(await store.openGrant(grant, [token]), 'openGrant answered false for a new grant');
            const second = grantRecord(subject, { ...owners(grant), expiresAt: subject.now() + minute });
            const added = tokenRecord(subject, grant);
            for (const writer of [store, ...others]) {
                must(!await writer.openGrant(second, [{ ...token, value: {} }, added]), 'openGrant answered true for a grant that lives');
                must(!await writer.openGrant({ ...second, expiresAt: subject.now() + day }, [added]), 'openGrant answered true for a grant that lives');
            }

            await subject.advance(5 * minute);
            await openGrant(subject, { grant: { ...grant, id: fresh() } });      // So that an engine has occasion to forget what it lists
            mustEqual(await store.findGrant(grant.id), grant, 'The grant after it was opened again');
            mustEqual((await store.findToken(token))?.value, { first: true }, 'The value of its token');
            must(!await lives(store, added), 'A token lives that came with a grant which was there already');
            await mustBeUnlisted(store, second);
            for (const index of indexes) {
                const { items } = await store.listGrants(index, String(grant[index]));
                must(items.some(({ id }) => id === grant.id), `A grant is no longer listed by ${index} after it was opened again`);
            }
        }
    },
    {
        name: 'the id of a revoked grant stays taken as long as the grant would have lived',
        run: async (subject) => {

            const { store, others = [] } = subject;
            const { grant, token } = await openGrant(subject, { grant: { expiresAt: subject.now() + 10 * minute } });
            const extended = await openGrant(subject, { grant: { expiresAt: subject.now() + minute } });
            await store.addTokens(extended.grant.id, [], subject.now() + 10 * minute);
            const revoked = [grant, extended.grant];
            for (const { id } of revoked) {
                await store.revokeGrant(id);
            }

            const mustBeTaken = async (when: string): Promise<void> => {

                for (const [index, writer] of [store, ...others, store].entries()) {
                    const dead = index % 2 ? extended.grant : grant;
                    const again = grantRecord(subject, owners(dead));
                    const added = tokenRecord(subject, dead);
                    must(!await writer.openGrant(again, [added]), `openGrant answered true for a grant that was revoked ${when}`);
                    mustEqual([await store.findGrant(dead.id), await lives(store, token), await lives(store, added)], [null, false, false], 'What lives of a grant that was revoked and opened again: [grant, old token, new token]');
                    await mustBeUnlisted(store, again);
                }
            };

            await mustBeTaken('just now');
            await forgetAll(store);
            await mustBeTaken('before a sweep');
            await subject.advance(10 * minute - 1);
            await forgetAll(store);
            await mustBeTaken('and would be in its last millisecond');
        }
    },
    {
        name: 'once the id of a grant is free again, nothing that hung on it comes alive',
        run: async (subject) => {

            const { store } = subject;
            const short = { expiresAt: subject.now() + minute };
            const expired = await openGrant(subject, { grant: short });
            const revoked = await openGrant(subject, { grant: short });
            await store.revokeGrant(revoked.grant.id);
            for (const wait of [minute, 0, 2 * minute, 0]) {
                await subject.advance(wait);
                for (const { grant, token } of [expired, revoked]) {
                    const again = grantRecord(subject, { id: grant.id, expiresAt: subject.now() + minute });
                    const added = tokenRecord(subject, grant);
                    const opened = await store.openGrant(again, [added]);
                    mustEqual([await lives(store, token), await lives(store, added)], [false, opened], `Whether [an old token, a new one] lives after openGrant answered ${opened} for a grant that is dead`);
                    await store.revokeGrant(grant.id);
                }

                await forgetAll(store);
            }
        }
    },
    {
        name: 'a token whose address is taken is not added, and what is there stays as it is',
        run: async (subject) => {

            const { store, others = [] } = subject;
            const grant = grantRecord(subject);
            const [used, unused, rotated, once] = [0, 1, 2, 3].map((at) => tokenRecord(subject, grant, { value: { at } })) as [TokenRecord, TokenRecord, TokenRecord, TokenRecord];
            const again = (token: TokenRecord): TokenRecord => ({ ...token, value: { again: true }, expiresAt: token.expiresAt + minute });
            await store.openGrant(grant, [used, unused, rotated, once, again(once)]);
            await store.consume(used);
            const rotation = { value: { grace: true }, expiresAt: subject.now() + minute };
            await store.rotate({ ...rotation, token: rotated, version: await tokenVersion(store, rotated), tokens: [again(rotated)] });
            const read = () => Promise.all([used, unused, rotated, once].map((token) => store.findToken(token)));
            const before = await read();
            mustEqual(before.map((token) => [token?.used, token?.value]), [[true, { at: 0 }], [false, { at: 1 }], [true, { grace: true }], [false, { at: 3 }]], 'The tokens before they are added again');

            for (const writer of [store, ...others]) {
                must(await writer.addTokens(grant.id, [used, unused, rotated].map(again)), 'addTokens answered false for a grant that lives');
                const successor = tokenRecord(subject, grant, { value: { first: true } });
                await store.addTokens(grant.id, [successor]);
                const next = tokenRecord(subject, grant);
                const answer = await writer.rotate({ ...rotation, token: successor, version: await tokenVersion(store, successor), tokens: [again(used), next, again(unused), again(next), again(successor)] });
                mustEqual([answer, (await store.findToken(next))?.value], ['ok', {}], 'What rotate answers, and its first token of an address');
                mustEqual((await store.findToken(successor))?.used, true, 'Whether a token is used after it was rotated into itself');
            }

            mustEqual(await read(), before, 'The tokens after they were added again');
            mustEqual([await store.consume(used), await store.consume(rotated), await store.consume(unused), await store.consume(unused)], ['used', 'used', 'ok', 'used'], 'What consume answers then');
        }
    },
    {
        name: 'the address of a token that has expired is free',
        run: async (subject) => {

            const { store } = subject;
            const { grant, token } = await openGrant(subject, { token: { expiresAt: subject.now() + minute } });
            await store.consume(token);
            await subject.advance(minute);
            const again = { ...token, value: { again: true }, expiresAt: subject.now() + minute };
            must(await store.addTokens(grant.id, [again]), 'addTokens answered false for a grant that lives');
            const found = await store.findToken(token);
            mustEqual([found?.value, found?.expiresAt, found?.used], [again.value, again.expiresAt, false], 'A token that was added after the one of its address expired');
            mustEqual([await store.consume(token), await store.consume(token)], ['ok', 'used'], 'What consume answers for it');
        }
    },
    {
        name: 'a token of another grant is refused, and the whole call with it',
        run: async (subject) => {

            const { store } = subject;
            const { grant, token } = await openGrant(subject);
            const other = await openGrant(subject);
            const late = grantRecord(subject);
            const [good, bad] = [tokenRecord(subject, grant), tokenRecord(subject, other.grant)];
            const rotation = { token, version: await tokenVersion(store, token), value: {}, expiresAt: token.expiresAt, tokens: [good, bad] };
            must(await rejects(store.addTokens(grant.id, [good, bad], grant.expiresAt + day)), 'addTokens took a token of another grant');
            must(await rejects(store.rotate({ ...rotation, grantExpiresAt: grant.expiresAt + day })), 'rotate took a token of another grant');
            must(await rejects(store.openGrant(late, [tokenRecord(subject, late), bad])), 'openGrant took a token of another grant');
            mustEqual([await store.findToken(good), await store.findToken(bad), await store.findToken({ ...bad, grantId: grant.id })], [null, null, null], 'Tokens of calls that were refused');
            mustEqual([await store.findGrant(grant.id), await lives(store, token)], [grant, true], 'The grant and token of calls that were refused');
            mustEqual(await store.findGrant(late.id), null, 'A grant that was refused');
        }
    },
    {
        name: 'no version of a record comes twice, whatever becomes of the record in between',
        run: async (subject) => {

            const { store } = subject;
            const record = plainRecord(subject);
            const versions: number[] = [];
            const put = async (isNew: boolean): Promise<void> => {

                const renewed = { ...record, value: { count: versions.length }, expiresAt: subject.now() + minute };
                must(isNew ? await store.putIfAbsent(renewed) : await store.put(renewed).then(() => true), 'putIfAbsent refused a record that is not there');
                for (const version of versions) {
                    must(!await store.replace({ ...renewed, value: { stale: true } }, version), 'replace took the version of a record that was deleted, had expired or was written over');
                }

                versions.push(await versionOf(store, record));
            };

            const goneBy: readonly (() => Promise<void>)[] = [
                async () => undefined,
                () => store.delete(record.kind, record.key),
                async () => subject.advance(minute),
                async () => {

                    await subject.advance(3 * minute);
                    await forgetAll(store);
                }
            ];
            for (const [index, go] of goneBy.entries()) {
                for (const isNew of [false, index > 0, index > 0]) {
                    await go();
                    await put(isNew);
                    await put(false);
                }
            }

            mustEqual(new Set(versions).size, versions.length, 'How many different versions a record had');
        }
    }
];
