import type { Rotation, TokenRecord } from '../store';
import { atOnce, fresh, grantRecord, howMany, lives, minute, must, mustEqual, openGrant, plainRecord, tokenRecord, tokenVersion, versionOf, type StoreCase, type StoreUnderTest } from './subject';

/** How often two calls race: one round may go well by chance. */
const rounds = 20;

const rotation = ({ now }: StoreUnderTest, token: TokenRecord, version: number, tokens: readonly TokenRecord[]): Rotation => ({
    token, version, value: { rotated: true }, expiresAt: now() + 60 * minute, tokens
});

/** Each promise about many callers at once, in however many processes. */
export const raceCases: readonly StoreCase[] = [
    {
        name: 'a code is used by exactly one of 200 callers at once',
        run: async (subject) => {

            const { token } = await openGrant(subject);
            const answers = await atOnce(subject, (store) => store.consume(token));
            mustEqual([howMany(answers, 'ok'), howMany(answers, 'used')], [1, 199], 'consume answered [ok, used]');
        }
    },
    {
        name: 'a token is rotated by exactly one of 200 callers at once, and only the new token of that one is stored',
        run: async (subject) => {

            const { grant, token } = await openGrant(subject);
            const version = await tokenVersion(subject.store, token);
            const successors = Array.from({ length: 200 }, () => tokenRecord(subject, grant));
            const answers = await atOnce(subject, (store, index) => store.rotate(rotation(subject, token, version, successors.slice(index, index + 1))));
            mustEqual([howMany(answers, 'ok'), howMany(answers, 'conflict')], [1, 199], 'rotate answered [ok, conflict]');

            const stored = await Promise.all(successors.map((successor) => lives(subject.store, successor)));
            mustEqual(stored, answers.map((answer) => answer === 'ok'), 'Which successors live');
        }
    },
    {
        name: 'a token is either used or rotated by callers at once, never both',
        run: async (subject) => {

            for (let i = 0; i < rounds; ++i) {
                const { grant, token } = await openGrant(subject);
                const version = await tokenVersion(subject.store, token);
                const answers = await atOnce(subject, async (store, index): Promise<string> => {

                    return index % 2 ? store.consume(token) : store.rotate(rotation(subject, token, version, [tokenRecord(subject, grant)]));
                }, 10);
                mustEqual(howMany(answers, 'ok'), 1, 'How many of 5 calls of consume and 5 of rotate were ok');
            }
        }
    },
    {
        name: 'a record is put by exactly one of 200 callers of putIfAbsent at once',
        run: async (subject) => {

            const record = plainRecord(subject);
            const answers = await atOnce(subject, (store, index) => store.putIfAbsent({ ...record, value: { index } }));
            mustEqual(howMany(answers, true), 1, 'How many calls of putIfAbsent answered true');
            const found = await subject.store.get(record.kind, record.key);
            mustEqual(found?.value, { index: answers.indexOf(true) }, 'What the caller that was told true has put');
        }
    },
    {
        name: 'a version of a record is replaced by exactly one of 200 callers at once',
        run: async (subject) => {

            const record = plainRecord(subject);
            await subject.store.put(record);
            const version = await versionOf(subject.store, record);
            const answers = await atOnce(subject, (store, index) => store.replace({ ...record, value: { index } }, version));
            mustEqual(howMany(answers, true), 1, 'How many calls of replace answered true');
            const found = await subject.store.get(record.kind, record.key);
            mustEqual(found?.value, { index: answers.indexOf(true) }, 'What the caller that was told true has put');
        }
    },
    {
        name: 'a lease is taken by exactly one of 200 callers at once',
        run: async (subject) => {

            const name = fresh();
            const answers = await atOnce(subject, (store, index) => store.lease(name, `holder ${index}`, minute));
            mustEqual(howMany(answers, true), 1, 'How many calls of lease answered true');
        }
    },
    {
        name: 'a counter counts 200 callers at once, each of them once',
        run: async (subject) => {

            const key = fresh();
            const answers = await atOnce(subject, (store) => store.count(key, minute));
            mustEqual(answers.map(({ count }) => count).sort((a, b) => a - b), answers.map((_, index) => index + 1), 'The counts that were answered');
            mustEqual(await subject.store.counted(key), answers.length, 'What counted answers');
        }
    },
    {
        name: 'a grant is opened by exactly one of 200 callers at once, with the tokens of that one and no other',
        run: async (subject) => {

            const { store } = subject;
            const id = fresh();
            const grants = Array.from({ length: 200 }, (_, index) => grantRecord(subject, { id, value: { index } }));
            const tokens = grants.map((grant) => tokenRecord(subject, grant));
            const answers = await atOnce(subject, async (each, index) => (await Promise.all(grants.slice(index, index + 1).map((grant) => each.openGrant(grant, tokens.slice(index, index + 1))))).includes(true));
            mustEqual(howMany(answers, true), 1, 'How many calls of openGrant answered true');

            const winner = answers.indexOf(true);
            mustEqual((await store.findGrant(id))?.value, { index: winner }, 'The grant of the caller that was told true');
            const stored = await Promise.all(tokens.map((token) => lives(store, token)));
            mustEqual(stored, answers, 'Which tokens live');
            const listed = await Promise.all(grants.map(({ subject: name }) => store.listGrants('subject', String(name))));
            mustEqual(listed.map(({ items }) => items.length === 1), answers, 'For which subjects the grant is listed');
        }
    },
    {
        name: 'a grant lives until the latest of the ends that 200 callers give it at once',
        run: async (subject) => {

            const { store } = subject;
            const { grant, token } = await openGrant(subject);
            const added = Array.from({ length: 200 }, () => tokenRecord(subject, grant));
            const endOf = (index: number): number => grant.expiresAt + (index * 7919 % 200 + 1) * minute;
            const version = await tokenVersion(store, token);
            const answers = await atOnce(subject, async (each, index): Promise<unknown> => index === 100
                ? each.rotate({ ...rotation(subject, token, version, []), grantExpiresAt: endOf(index) })
                : each.addTokens(grant.id, added.slice(index, index + 1), endOf(index)));
            mustEqual([howMany(answers, true), howMany(answers, 'ok')], [199, 1], 'How often [addTokens, rotate] was told that the grant lives');
            mustEqual((await store.findGrant(grant.id))?.expiresAt, grant.expiresAt + 200 * minute, 'When the grant expires');
            const stored = await Promise.all(added.map((each) => lives(store, each)));
            mustEqual(howMany(stored, true), 199, 'How many tokens live');
        }
    },
    {
        name: 'a grant is revoked by exactly one of 200 callers at once',
        run: async (subject) => {

            const { grant } = await openGrant(subject);
            const answers = await atOnce(subject, (store) => store.revokeGrant(grant.id));
            mustEqual(howMany(answers, true), 1, 'How many calls of revokeGrant were told that the grant lived');
        }
    },
    {
        name: 'a grant that is revoked while its token is rotated has no token that lives, and the token has one successor at most',
        run: async (subject) => {

            for (let i = 0; i < rounds; ++i) {
                const { grant, token } = await openGrant(subject);
                const version = await tokenVersion(subject.store, token);
                const successors = Array.from({ length: 10 }, () => tokenRecord(subject, grant));
                const answers = await atOnce(subject, async (store, index): Promise<unknown> => {

                    return index === i % 11 ? store.revokeGrant(grant.id) : store.rotate(rotation(subject, token, version, successors.slice(index % 10, index % 10 + 1)));
                }, 11);
                must(howMany(answers, 'ok') <= 1, `rotate was ok for ${howMany(answers, 'ok')} callers`);
                await mustBeDead(subject, grant.id, [token, ...successors]);
            }
        }
    },
    {
        name: 'a grant that is revoked while tokens are added to it has no token that lives',
        run: async (subject) => {

            for (let i = 0; i < rounds; ++i) {
                const { grant, token } = await openGrant(subject);
                const added = Array.from({ length: 10 }, () => tokenRecord(subject, grant));
                await atOnce(subject, async (store, index) => index === i % 11 ? store.revokeGrant(grant.id) : store.addTokens(grant.id, added.slice(index % 10, index % 10 + 1), grant.expiresAt + index * minute), 11);
                await mustBeDead(subject, grant.id, [token, ...added]);
            }
        }
    },
    {
        name: 'a grant that is revoked while its code is used has no token that lives',
        run: async (subject) => {

            for (let i = 0; i < rounds; ++i) {
                const { grant, token } = await openGrant(subject);
                const answers = await atOnce(subject, async (store, index): Promise<unknown> => index === i % 11 ? store.revokeGrant(grant.id) : store.consume(token), 11);
                must(howMany(answers, 'ok') <= 1, `consume was ok for ${howMany(answers, 'ok')} callers`);
                await mustBeDead(subject, grant.id, [token]);
            }
        }
    }
];

const mustBeDead = async ({ store, others = [] }: StoreUnderTest, grantId: string, tokens: readonly TokenRecord[]): Promise<void> => {

    for (const reader of [store, ...others]) {
        mustEqual(await reader.findGrant(grantId), null, 'What findGrant answers for a revoked grant');
        const living = await Promise.all(tokens.map((token) => lives(reader, token)));
        mustEqual(howMany(living, true), 0, 'How many tokens of a revoked grant live');
    }
};
