import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { brokenIdentities } from './fixture/broken-identities';
import { brokenStores } from './fixture/broken-stores';
import { ForgetfulStore, brokenUsages } from './fixture/broken-usages';
import { testClock } from './fixture/clock';
import { NaiveStore } from './fixture/naive-store';
import { storeContract, type StoreUnderTest } from '../lib/store-contract';
import { MemoryStore } from '../lib/stores/memory';
import type { PlainRecord, Store } from '../lib/stores/store';

export const lab = Lab.script();
const { describe, it } = lab;

const subjectOf = <T extends Store>(Made: new (options: { clock: () => number }) => T, offer: (store: T, clock: () => number) => Partial<StoreUnderTest> = () => ({})): StoreUnderTest => {

    const clock = testClock();
    const store = new Made({ clock: clock.now });
    return { store, now: clock.now, advance: (ms) => clock.advance(ms / 1000), ...offer(store, clock.now) };
};

/** The names of the cases that fail. */
const failing = async (makeSubject: () => StoreUnderTest): Promise<string[]> => {

    const names: string[] = [];
    for (const { name, run } of storeContract) {
        await run(makeSubject()).catch((err: unknown) => {

            expect(err).to.be.an.error();
            names.push(name);
        });
    }

    return names;
};

const noticed = new Map<new(options: { clock: () => number }) => Store, Promise<string[]>>();

/** The names of the cases that a store fails, run once. */
const failedBy = (Broken: new (options: { clock: () => number }) => Store): Promise<string[]> => {

    const names = noticed.get(Broken) ?? failing(() => subjectOf(Broken));
    noticed.set(Broken, names);
    return names;
};

/** An engine that can be looked into. */
class OpenStore extends MemoryStore {

    readonly written: PlainRecord[] = [];

    override async put(record: PlainRecord) {

        this.written.push(record);
        await super.put(record);
    }
}

/** The case that is about what a broken store breaks; it may break others too. */
const noticedBy: Record<string, string> = {
    'lets nothing expire': 'a plain record lives until its last millisecond by the clock of the store, and is then as if it had never been',
    'forgets members that it does not know': 'members that nobody knows, nested values and names of prototypes survive in every kind of record',
    'cuts long values': 'records of a megabyte are kept',
    'revokes all grants of the subject': 'revoking a grant spares the others of the same subject, client and session',
    'says that each revocation was the first': 'revoking a grant kills all that hangs on it, for every instance, and says so once',
    'puts kind and key together without care': 'no kind or key of a plain record is taken for another one, whatever is in it',
    'takes no care of the names of tokens': 'no kind or key of a token is taken for another one, whatever is in it',
    'ends names at a NUL, as C does': 'no counter and no lease is taken for another one, whatever its name or holder',
    'finds a grant by the beginning of its name': 'no grant, and no one that has grants, is taken for another one, whatever the name',
    'lists grants of nobody under an empty name': 'a grant may have no subject and no session, and is not listed under their absence',
    'lists grants by client, whatever it is asked': 'grants are listed by subject, client and session: each once, in pages, and no other',
    'lets a used token be rotated': 'a token that was used, or has another version, is not rotated, and nothing is stored',
    'forgets what the grace window needs': 'a rotated token keeps what its grace window needs, as long as told',
    'lets an old version be replaced': 'replace changes a record that has the version that was read, and nothing else',
    'answers the first page again and again': 'list answers every record of a kind once, in pages, and no other',
    'counts pages by their number': 'grants that stay are all listed, each once, while others are opened and revoked',
    'moves the window with each event': 'a counter counts by key, and starts again when its first event has passed out of the window',
    'gives a lease back for anybody': 'a lease is held by one, who may renew it, until it ends or is given back',
    'sweeps more than it is told': 'a sweep forgets no more than it was told, and nothing that lives',
    'never has done with sweeping': 'a sweep forgets no more than it was told, and nothing that lives',
    'forgets everything when it is initialized': 'initialize may be called again, and forgets nothing',
    'says that each opening was the first': 'a grant is opened once: whoever opens it again is told so, and changes nothing',
    'adds the tokens of an opening that it refuses': 'a grant is opened once: whoever opens it again is told so, and changes nothing',
    'lists a grant for whoever tried to open it': 'a grant is opened once: whoever opens it again is told so, and changes nothing',
    'forgets the id of a grant when it is revoked': 'the id of a revoked grant stays taken as long as the grant would have lived',
    'remembers a revoked grant until the next sweep': 'the id of a revoked grant stays taken as long as the grant would have lived',
    'leaves the tokens of a dead grant to the next one of its id': 'once the id of a grant is free again, nothing that hung on it comes alive',
    'makes a token fresh that is added again': 'a token whose address is taken is not added, and what is there stays as it is',
    'makes a token fresh that another one is rotated into': 'a token whose address is taken is not added, and what is there stays as it is',
    'takes the last of two tokens with one address': 'a token whose address is taken is not added, and what is there stays as it is',
    'keeps an expired token in its place': 'the address of a token that has expired is free',
    'adds tokens of whatever grant': 'a token of another grant is refused, and the whole call with it',
    'rotates into tokens of whatever grant': 'a token of another grant is refused, and the whole call with it',
    'opens a grant with tokens of whatever grant': 'a token of another grant is refused, and the whole call with it',
    'counts versions anew after a record was deleted': 'no version of a record comes twice, whatever becomes of the record in between',
    'counts versions anew after a record has expired': 'no version of a record comes twice, whatever becomes of the record in between',
    'adds tokens to a grant that lives no longer for them': 'a grant lives longer when tokens are added or rotated with a later end, and never shorter',
    'prolongs a grant for new tokens only': 'a grant lives longer when tokens are added or rotated with a later end, and never shorter',
    'rotates a token under a grant that lives no longer for it': 'a grant lives longer when tokens are added or rotated with a later end, and never shorter',
    'prolongs a grant for a rotation that it refuses': 'a grant lives longer when tokens are added or rotated with a later end, and never shorter',
    'shortens a grant': 'a grant lives longer when tokens are added or rotated with a later end, and never shorter',
    'lists a grant as long as it was to live at first': 'a grant lives longer when tokens are added or rotated with a later end, and never shorter',
    'revives a dead grant with a later end': 'a grant lives longer when tokens are added or rotated with a later end, and never shorter',
    'prolongs a grant once': 'a grant lives until the latest of the ends that 200 callers give it at once',
    'remembers the use of a grant for added tokens only': 'a grant says when it was last used, as told when tokens were added or rotated, or never says anything of it',
    'remembers the use of a grant for rotations only': 'a grant says when it was last used, as told when tokens were added or rotated, or never says anything of it',
    'remembers the use of a grant for new tokens only': 'a grant says when it was last used, as told when tokens were added or rotated, or never says anything of it',
    'remembers the use of a rotation that it refuses': 'a grant says when it was last used, as told when tokens were added or rotated, or never says anything of it',
    'takes the last of the uses for the latest': 'a grant says when it was last used, as told when tokens were added or rotated, or never says anything of it',
    'lists grants without their use': 'a grant says when it was last used, as told when tokens were added or rotated, or never says anything of it',
    'says that a grant was used before it was': 'a grant says when it was last used, as told when tokens were added or rotated, or never says anything of it',
    'forgets the use that a grant is opened with': 'a grant says when it was last used, as told when tokens were added or rotated, or never says anything of it'
};

describe('store contract', () => {

    it('has cases with names of their own', () => {

        expect(new Set(storeContract.map(({ name }) => name)).size).to.equal(storeContract.length);
    });

    it('fails a store that reads, awaits and then writes, wherever callers come at once, and nowhere else', async () => {

        const names = await failedBy(NaiveStore);
        expect(names).to.equal(storeContract.map(({ name }) => name).filter((name) => /at once$|at once, | while its (token|code) is | while tokens are added/.test(name) && !name.includes('through years')));
    });

    for (const [promise, Broken] of Object.entries({ ...brokenStores, ...brokenIdentities, ...brokenUsages })) {
        it(`fails a store that ${promise}`, async () => {

            const names = await failedBy(Broken);
            expect(names).to.include(String(noticedBy[promise]));
        });
    }

    it('passes a store that does not remember when grants were used', async () => {

        expect(await failedBy(ForgetfulStore)).to.equal([]);
    });

    it('fails a store that a restart empties, and passes one that keeps all', async () => {

        expect(await failing(() => subjectOf(MemoryStore, (_, clock) => ({ restart: async () => new MemoryStore({ clock }) })))).to.equal([
            'what was acknowledged survives a restart: records, grants, tokens, uses, rotations and revocations'
        ]);
        expect(await failing(() => subjectOf(MemoryStore, (store) => ({ restart: async () => store })))).to.equal([]);
    });

    it('fails a dump that is one of something else, and passes one without secrets', async () => {

        expect(await failing(() => subjectOf(MemoryStore, () => ({ dump: async () => '' })))).to.equal(['a dump of the engine holds nothing that a client presents']);
        expect(await failing(() => subjectOf(OpenStore, ({ written }) => ({ dump: async () => JSON.stringify(written) })))).to.equal([]);
    });

    it('has no case that every store passes', async () => {

        const offered = storeContract.filter(({ needs }) => needs === undefined);
        const failed = await Promise.all([NaiveStore, ...Object.values(brokenStores), ...Object.values(brokenIdentities), ...Object.values(brokenUsages)].map(failedBy));
        expect(offered.map(({ name }) => name).filter((name) => !failed.flat().includes(name))).to.equal([]);
    });

    it('says what must be offered to prove a case, and passes where it is not', async () => {

        const demanding = storeContract.filter(({ needs }) => needs !== undefined);
        expect(demanding.map(({ needs }) => needs)).to.equal(['restart', 'dump']);
        for (const { run } of demanding) {
            await run(subjectOf(MemoryStore));
        }
    });
});
