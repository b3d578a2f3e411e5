import { atOnce, fresh, grantRecord, minute, must, mustEqual, openGrant, second, tokenRecord, tokenVersion, type StoreCase } from './subject';

/** What a grant says when it was told this of its last use: nothing, where the store does not remember. */
const saying = (remembers: boolean, usedAt: number | undefined) => (remembers && usedAt !== undefined ? { usedAt } : {});

/** Promises about what a grant says of its last use. A store that does not remember keeps them by never saying anything. */
export const usageCases: readonly StoreCase[] = [
    {
        name: 'a grant says when it was last used, as told when tokens were added or rotated, or never says anything of it',
        run: async (subject) => {

            const { store, others = [] } = subject;
            const owner = { clientId: fresh(), subject: fresh(), sessionId: fresh() };
            const { grant, token } = await openGrant(subject, { grant: owner });
            const { grant: other } = await openGrant(subject);
            const began = subject.now();
            const after = (seconds: number): number => began + seconds * second;
            let remembers = true;
            const mustSay = async (usedAt: number | undefined, when: string, expiresAt = grant.expiresAt): Promise<void> => {

                const expected = { ...grant, expiresAt, ...saying(remembers, usedAt) };
                for (const reader of [store, ...others]) {
                    mustEqual(await reader.findGrant(grant.id), expected, `The grant ${when}`);
                    mustEqual((await reader.findToken(token))?.grant, expected, `The grant of a token ${when}`);
                    for (const index of ['subject', 'clientId', 'sessionId'] as const) {
                        mustEqual((await reader.listGrants(index, owner[index])).items, [expected], `The grants by ${index} ${when}`);
                    }
                }
            };

            await mustSay(undefined, 'before it was used');
            const next = tokenRecord(subject, grant);
            must(await store.addTokens(grant.id, [next], undefined, after(2)), 'addTokens answered false for a grant that lives');
            remembers = (await store.findGrant(grant.id))?.usedAt !== undefined;
            await mustSay(after(2), 'after addTokens with a use');
            must(await store.addTokens(grant.id, [], undefined, after(1)), 'addTokens of no tokens answered false for a grant that lives');
            await mustSay(after(2), 'after addTokens with an earlier use');
            must(await store.addTokens(grant.id, [], undefined, after(3)), 'addTokens of no tokens answered false for a grant that lives');
            await mustSay(after(3), 'after addTokens of no tokens with a use');
            must(await store.addTokens(grant.id, [tokenRecord(subject, grant)]), 'addTokens answered false for a grant that lives');
            await mustSay(after(3), 'after addTokens without a use');

            const rotation = { token, version: await tokenVersion(store, token), value: {}, expiresAt: token.expiresAt, tokens: [] };
            mustEqual(await store.rotate({ ...rotation, version: rotation.version + 1, usedAt: after(9) }), 'conflict', 'What rotate answers for another version');
            mustEqual(await store.rotate({ ...rotation, token: { ...token, key: fresh() }, usedAt: after(9) }), 'missing', 'What rotate answers for another token');
            await mustSay(after(3), 'after rotations that were refused');
            const expiresAt = grant.expiresAt + minute;
            mustEqual(await store.rotate({ ...rotation, usedAt: after(4), grantExpiresAt: expiresAt }), 'ok', 'What rotate answers');
            await mustSay(after(4), 'after a rotation with a use and a later end', expiresAt);
            mustEqual(await store.rotate({ ...rotation, token: next, version: await tokenVersion(store, next), usedAt: after(1) }), 'ok', 'What rotate answers');
            await mustSay(after(4), 'after a rotation with an earlier use', expiresAt);

            must(!await store.openGrant({ ...grant, usedAt: after(9) }, []), 'openGrant answered true for a grant that lives');
            await mustSay(after(4), 'after somebody tried to open it', expiresAt);
            mustEqual(await store.findGrant(other.id), other, 'A grant while another one is used');

            const used = grantRecord(subject);
            await store.openGrant({ ...used, usedAt: began }, []);
            mustEqual(remembers ? await store.findGrant(used.id) : null, remembers ? { ...used, usedAt: began } : null, 'A grant that was opened with its last use');
        }
    },
    {
        name: 'a grant says the latest of the uses that 200 callers tell it of at once',
        run: async (subject) => {

            const { store } = subject;
            const { grant, token } = await openGrant(subject);
            const useOf = (index: number): number => subject.now() + (index * 7919 % 200 + 1) * second;
            const rotation = { token, version: await tokenVersion(store, token), value: {}, expiresAt: token.expiresAt, tokens: [] };
            await atOnce(subject, async (each, index): Promise<unknown> => index === 100
                ? each.rotate({ ...rotation, usedAt: useOf(index) })
                : each.addTokens(grant.id, [], undefined, useOf(index)));
            const found = await store.findGrant(grant.id);
            mustEqual(found, { ...grant, ...saying(found?.usedAt !== undefined, subject.now() + 200 * second) }, 'The grant after 200 uses');
        }
    }
];
