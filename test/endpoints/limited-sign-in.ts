import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { limitedSignIn } from '../../lib/endpoints/limited-sign-in';
import { MemoryStore } from '../../lib/stores/memory';
import { testClock } from '../fixture/clock';
import { quietServer } from '../fixture/flows';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const tooMany = { code: 'temporarily_unavailable', reason: 'too_many_failures' };

/** Signs in from an address; answers the user, `null`, or how it was refused. */
const bench = async () => {

    const clock = testClock();
    const store = new MemoryStore({ clock: clock.now });
    const asked: string[] = [];
    const signIn = limitedSignIn(store);
    const server = quietServer();
    server.route({
        method: 'POST',
        path: '/',
        handler: async (request, h) => {

            const { username, password } = { username: '', password: '', ...Object(request.payload) as object };
            let user: object | null = null;
            const refused = await refusal(async () => {

                user = await signIn((credentials) => {

                    asked.push(credentials.username);
                    return credentials.password === 'right' ? { subject: credentials.username, amr: ['pwd'] } : null;
                }, { username, password }, request, h);
            });
            return h.response(JSON.stringify(refused ?? user)).type('application/json');
        }
    });
    const from = async (remoteAddress: string, username: string, password = 'wrong'): Promise<unknown> =>
        JSON.parse((await server.inject({ method: 'POST', url: '/', remoteAddress, payload: { username, password } })).payload);
    return { from, asked, clock, store };
};

describe('A sign-in with limits', () => {

    it('answers the user, or null', async () => {

        const { from } = await bench();
        expect(await from('10.0.0.1', 'ada', 'right')).to.equal({ subject: 'ada', acr: null, amr: ['pwd'] });
        expect(await from('10.0.0.1', 'ada')).to.be.null();
    });

    it('attack: gives 10 tries for a name from an address, whether it exists or not, then asks nobody, and forgets after 10 minutes', async () => {

        const { from, asked, clock } = await bench();
        for (const name of ['ada', 'nobody']) {
            for (let i = 0; i < 10; ++i) {
                expect(await from(`10.0.0.${name.length}`, name), `${name} ${i}`).to.be.null();
            }

            const before = asked.length;
            expect(await from(`10.0.0.${name.length}`, name, 'right')).to.equal(tooMany);
            expect(asked.length).to.equal(before);
        }

        expect(await from('10.0.0.9', 'ada', 'right')).to.include({ subject: 'ada' });
        clock.advance(600);
        expect(await from('10.0.0.3', 'ada', 'right')).to.include({ subject: 'ada' });
    });

    it('attack: gives 20 tries for one address, whatever the names, and counts no success', async () => {

        const { from } = await bench();
        for (let i = 0; i < 20; ++i) {
            expect(await from('10.0.0.1', `user ${i}`), String(i)).to.be.null();
            expect(await from('10.0.0.2', 'ada', 'right')).to.include({ subject: 'ada' });
        }

        expect(await from('10.0.0.1', 'ada', 'right')).to.equal(tooMany);
    });

    it('attack: many tries at once learn no more than those before the limit', async () => {

        const { from } = await bench();
        const tries = await Promise.all(Array.from({ length: 40 }, (_, i) => from('10.0.0.1', 'ada', i === 39 ? 'right' : 'wrong')));
        expect(tries.filter((answer) => answer === null)).to.have.length(10);
        expect(tries.at(-1)).to.equal(tooMany);
    });

    it('stores no name, however long', async () => {

        const { from, store } = await bench();
        const counted: string[] = [];
        const count = store.count.bind(store);
        store.count = (key, windowMs) => {

            counted.push(key);
            return count(key, windowMs);
        };

        expect(await from('10.0.0.1', 'x'.repeat(5000))).to.be.null();
        expect(counted).to.have.length(2);
        expect(counted.every((key) => key.length < 100 && !key.includes('xx'))).to.be.true();
    });
});
