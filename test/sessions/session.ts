import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Sessions, sidOf, type Account, type FoundSession } from '../../lib/sessions/session';
import { MemoryStore } from '../../lib/stores/memory';
import { epoch, testClock } from '../fixture/clock';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const account = (subject: string, changes: Partial<Account> = {}): Account => ({ subject, name: `${subject}!`, acr: null, amr: ['pwd'], authTime: epoch / 1000, ...changes });

/** Sessions of ten minutes without use and an hour in all, and how often the store is written. */
const bench = () => {

    const { now, advance } = testClock();
    const store = new MemoryStore({ clock: now });
    const written: string[] = [];
    const replace = store.replace.bind(store);
    store.replace = async (...call) => {

        written.push(call[0].kind);
        return await replace(...call);
    };

    const sessions = new Sessions({ store, clock: now, life: { idle: 600, absolute: 3600 } });
    const subjects = async ({ handle }: FoundSession) => (await sessions.find(handle))?.accounts.map(({ subject }) => subject) ?? null;
    return { sessions, store, advance, written, subjects, now };
};

describe('A sign-in session', () => {

    it('is found by its handle alone, with all that is known of its users', async () => {

        const { sessions } = bench();
        const made = await sessions.signIn(null, account('ada', { acr: 'urn:2fa', amr: ['pwd', 'otp'], authTime: null }));
        expect(made.handle).to.match(/^[\w-]{43}$/);
        expect(await sessions.find(made.handle)).to.equal({
            handle: made.handle, version: 2, sid: made.sid, clients: [], createdAt: epoch, lastUsedAt: epoch,
            accounts: [{ subject: 'ada', name: 'ada!', acr: 'urn:2fa', amr: ['pwd', 'otp'], authTime: null, since: epoch }]
        });
        for (const other of ['', made.sid, `${made.handle}x`, 'A'.repeat(43)]) {
            expect(await sessions.find(other)).to.be.null();
        }

        expect(sessions.cookieLifeMs).to.equal(3_600_000);
    });

    it('ends for a user who is signed out everywhere, in every browser, and for nobody else', async () => {

        const { sessions, subjects, advance } = bench();
        const alone = await sessions.signIn(null, account('ada'));
        const shared = await sessions.signIn(await sessions.signIn(null, account('eve')), account('ada'));
        await sessions.endAll('ada');
        expect([await subjects(alone), await subjects(shared)]).to.equal([null, ['eve']]);

        advance(1);
        const again = await sessions.signIn(shared, account('ada'));
        expect(await subjects(again)).to.equal(['ada', 'eve']);
        expect(await subjects(alone)).to.be.null();
    });

    it('attack: does not come back to life by being used at the moment at which it ends, nor when its end is forgotten', async () => {

        const { sessions, subjects, advance, store } = bench();
        const session = await sessions.signIn(null, account('ada'));
        await sessions.endAll('ada');
        await sessions.use(session, { subject: 'ada', clientId: 'web' });
        expect(await subjects(session)).to.be.null();
        for (let i = 0; i < 7; ++i) {
            advance(590);
            await sessions.use(session, { subject: 'ada', clientId: `web${i}` });
            expect(await subjects(session)).to.be.null();
        }

        await store.sweep();
        expect((await store.list('signed_out')).items).to.equal([]);
    });

    it('attack: is not begun with the old password while its user is signed out everywhere', async () => {

        const { sessions, subjects, advance, now } = bench();
        const begun = now();
        advance(1);
        await sessions.endAll('ada');
        advance(1);
        expect(await subjects(await sessions.signIn(null, account('ada'), begun))).to.be.null();
        expect(await subjects(await sessions.signIn(null, account('ada')))).to.equal(['ada']);
    });

    it('is not asked for by the name of its user', async () => {

        const { sessions, store } = bench();
        await sessions.endAll('ada@example.com');
        expect(JSON.stringify(await store.list('signed_out'))).to.not.contain('ada');
    });

    it('keeps in the store a digest of the handle only', async () => {

        const { sessions, store } = bench();
        const { handle } = await sessions.signIn(null, account('ada'));
        const { items } = await store.list('session', null, 10);
        expect(items).to.have.length(1);
        expect(JSON.stringify(items)).to.not.contain(handle);
    });

    it('has a new handle at each sign-in, and the old one is dead (login fixation)', async () => {

        const { sessions, subjects } = bench();
        const planted = await sessions.signIn(null, account('mallory'));
        const after = await sessions.signIn(planted, account('ada'));
        expect(after.handle).to.not.equal(planted.handle);
        expect(after.sid).to.equal(planted.sid);
        expect(await sessions.find(planted.handle)).to.be.null();
        expect(await subjects(after)).to.equal(['ada', 'mallory']);
    });

    it('has five users at most, the last one first, and each once', async () => {

        const { sessions, subjects } = bench();
        let session: FoundSession | null = null;
        for (const subject of ['a', 'b', 'c', 'd', 'e', 'f', 'c']) {
            session = await sessions.signIn(session, account(subject));
        }

        expect(session === null ? null : await subjects(session)).to.equal(['c', 'f', 'e', 'd', 'b']);
    });

    it('ends when it was not used, and each use begins the time anew', async () => {

        const { sessions, advance, written, subjects } = bench();
        const session = await sessions.signIn(null, account('ada'));
        advance(59);
        expect(await subjects(session)).to.equal(['ada']);
        expect(written).to.equal([]);                               // Not every request writes
        advance(540.999);
        expect(await subjects(session)).to.equal(['ada']);
        expect(written).to.equal(['session']);
        advance(599.999);
        expect(await subjects(session)).to.equal(['ada']);
        advance(600);
        expect(await subjects(session)).to.be.null();
    });

    it('ends for a user some time after the sign-in, however much it is used', async () => {

        const { sessions, advance, subjects } = bench();
        let session = await sessions.signIn(null, account('ada', { authTime: 1 }));
        for (let i = 0; i < 5; ++i) {
            advance(500);
            expect(await subjects(session)).to.equal(['ada']);
        }

        session = await sessions.signIn(session, account('bob'));
        advance(599);
        expect(await subjects(session)).to.equal(['bob', 'ada']);
        advance(500);
        expect(await subjects(session)).to.equal(['bob', 'ada']);
        advance(1);
        expect(await subjects(session)).to.equal(['bob']);
        for (let i = 0; i < 5; ++i) {
            advance(499);
            expect(await subjects(session)).to.equal(['bob']);
        }

        advance(5);
        expect(await subjects(session)).to.be.null();
    });

    it('is none where no user of it is left, even if the store still has it', async () => {

        const { sessions, store, now, advance } = bench();
        const { handle } = await sessions.signIn(null, account('ada'));
        const [record] = (await store.list('session', null, 10)).items;
        await store.put({ kind: 'session', key: record?.key ?? '', value: { ...record?.value }, expiresAt: now() + 1e9 });
        advance(3600);
        expect(await sessions.find(handle)).to.be.null();
    });

    it('is none where it ends, or its user\'s time does, while its use is noted', async () => {

        for (const end of ['the session', 'the time'] as const) {
            const { sessions, store, advance } = bench();
            const session = await sessions.signIn(null, account('ada'));
            for (let i = 0; i < 7; ++i) {
                advance(500);
                expect(await sessions.find(session.handle)).to.not.be.null();
            }

            advance(99);
            let isNoted = false;
            store.replace = async () => {

                isNoted = true;
                if (end === 'the session') {
                    await sessions.end(session);
                    return false;
                }

                const [record] = (await store.list('session', null, 10)).items;
                await store.put({ kind: 'session', key: record?.key ?? '', value: { ...record?.value }, expiresAt: Infinity });
                advance(1);
                return true;
            };

            expect([await sessions.find(session.handle), isNoted], end).to.equal([null, true]);
        }
    });

    it('notes who goes on to which client, once, and puts that user first', async () => {

        const { sessions, written } = bench();
        const session = await sessions.signIn(await sessions.signIn(null, account('ada')), account('bob'));
        const found = async () => await sessions.find(session.handle);
        await sessions.use(await found() ?? session, { subject: 'bob', clientId: 'web' });
        await sessions.use(await found() ?? session, { subject: 'bob', clientId: 'web' });
        expect(written).to.equal(['session']);
        await sessions.use(await found() ?? session, { subject: 'ada', clientId: 'web' });
        await sessions.use(await found() ?? session, { subject: 'bob', clientId: 'web' });
        await sessions.use(await found() ?? session, { subject: 'bob', clientId: 'spa' });
        const after = await found();
        expect(after?.accounts.map(({ subject }) => subject)).to.equal(['bob', 'ada']);
        expect(after?.clients).to.equal([{ subject: 'ada', clientId: 'web' }, { subject: 'bob', clientId: 'web' }, { subject: 'bob', clientId: 'spa' }].map(({ subject, clientId }) => ({ clientId, subject })));
        const again = await sessions.signIn(after, account('cy'));
        expect<unknown>(again.clients).to.equal(after?.clients);
    });

    it('loses no client to others who write at the same moment, and gives up rather than try for ever', async () => {

        const { sessions, store, written } = bench();
        const session = await sessions.signIn(null, account('ada'));
        const stale = await sessions.find(session.handle) ?? session;
        await Promise.all(['one', 'two', 'three'].map(async (clientId) => await sessions.use(stale, { subject: 'ada', clientId })));
        expect((await sessions.find(session.handle))?.clients.map(({ clientId }) => clientId).sort()).to.equal(['one', 'three', 'two']);

        written.length = 0;
        store.replace = async () => {

            written.push('lost');
            return false;
        };

        await sessions.use(stale, { subject: 'ada', clientId: 'four' });
        expect(written).to.equal(['lost', 'lost', 'lost']);
        await sessions.end(session);
        await sessions.use(stale, { subject: 'ada', clientId: 'four' });
        expect(written).to.have.length(4);
    });

    it('is over once it was ended', async () => {

        const { sessions } = bench();
        const session = await sessions.signIn(null, account('ada'));
        await sessions.end(session);
        expect(await sessions.find(session.handle)).to.be.null();
    });

    it('opens nothing where the store answers nonsense', async () => {

        const { sessions, store } = bench();
        const { handle } = await sessions.signIn(null, account('ada'));
        const [record] = (await store.list('session', null, 10)).items;
        for (const broken of [{}, { ...record?.value, accounts: [{}] }, { ...record?.value, accounts: 'x' }, { ...record?.value, sid: null }, { ...record?.value, clients: [{ clientId: 1 }] }]) {
            await store.put({ kind: 'session', key: record?.key ?? '', value: broken, expiresAt: epoch + 1e6 });
            await expect(sessions.find(handle)).to.reject(/^The store answered a session whose \w+ is not what was written$/);
        }
    });
});

describe('sidOf()', () => {

    it('is another one for each session, client and user, whatever is in their names', () => {

        const parties = [['a', 'b'], ['b', 'a'], ['a"', 'b'], ['a', '"b'], ['ab', ''], ['', 'ab']] as const;
        const sids = ['s', 't'].flatMap((sid) => parties.map(([clientId, subject]) => sidOf({ sid }, { clientId, subject })));
        expect(new Set(sids).size).to.equal(12);
        expect(sidOf({ sid: 's' }, { clientId: 'a', subject: 'b' })).to.equal(sids[0] ?? '').and.match(/^[\w-]{43}$/);
    });
});
