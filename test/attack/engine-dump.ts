import { randomUUID } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { RedisStore } from '../../lib/redis';
import { grantRecord } from '../../lib/stores/grant';
import type { Store } from '../../lib/stores/store';
import { testClock } from '../fixture/clock';
import { aliceGrant } from '../fixture/grants';
import { redisDump } from '../fixture/redis';
import { dumpRows, memoryEngine, openStores, serverEngine, serverUrl, type SqlEngine } from '../fixture/sql-engines';
import { foundIn, tracesOf, type Hidden } from '../fixture/traces';
import { openClaim, wholeSession } from '../fixture/whole-session';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

/** A store on an engine, and all that the engine holds. */
interface Dumped {
    readonly store: Store;
    readonly dump: () => Promise<string>;
    readonly end: () => Promise<unknown>;
}

const redisUrl = process.env['REDIS_URL'];
const schema = 'engine_dump';

const sql = (open: () => Promise<SqlEngine>) => async (): Promise<Dumped> => {

    const engine = await open();
    const [client] = engine.clients();
    const [store] = await openStores(engine.clients(), schema, testClock().now);
    return { store, end: engine.end, dump: async () => (client === undefined ? '' : await dumpRows(client, schema)) };
};

const redis = (url: string) => (): Promise<Dumped> => {

    const client = new Redis(url);
    const prefix = `dump-${randomUUID()}:`;
    const store = new RedisStore(client, { clock: testClock().now, prefix });
    return Promise.resolve({
        store,
        dump: async () => (await redisDump([url], `${prefix}*`)).join('\n'),
        end: () => Promise.resolve(client.disconnect())
    });
};

const engines: Readonly<Record<string, () => Promise<Dumped>>> = {
    PGlite: sql(memoryEngine),
    ...serverUrl === undefined ? {} : { PostgreSQL: sql(serverEngine(serverUrl)) },
    ...redisUrl === undefined ? {} : { Redis: redis(redisUrl) }
};

/** Ways to keep a value badly. */
const careless: Readonly<Record<string, (store: Store, text: string) => Promise<unknown>>> = {
    'in a record': (store, text) => store.put({ kind: 'note', key: 'k', value: { deep: [{ text }] }, expiresAt: Date.UTC(2040, 0, 1) }),
    'as a record\'s key': (store, text) => store.put({ kind: 'note', key: text, value: {}, expiresAt: Date.UTC(2040, 0, 1) }),
    'in a grant': (store, text) => store.openGrant(grantRecord(aliceGrant(randomUUID(), { data: { text } }), Date.UTC(2040, 0, 1)), []),
    'in a token': async (store, text) => {

        const grantId = randomUUID();
        await store.openGrant(grantRecord(aliceGrant(grantId), Date.UTC(2040, 0, 1)), [{ kind: 'code', grantId, key: 'k', value: { text }, expiresAt: Date.UTC(2040, 0, 1) }]);
    },
    'as a token\'s key': async (store, text) => {

        const grantId = randomUUID();
        await store.openGrant(grantRecord(aliceGrant(grantId), Date.UTC(2040, 0, 1)), [{ kind: 'code', grantId, key: text, value: {}, expiresAt: Date.UTC(2040, 0, 1) }]);
    },
    'as a counter\'s name': (store, text) => store.count(text, 60_000),
    'as a lease\'s name': (store, text) => store.lease(text, 'holder', 60_000)
};

describe('rule 7: a dump of the engine', () => {

    for (const [name, open] of Object.entries(engines)) {
        describe(`of ${name}`, { timeout: 120_000 }, () => {

            it('holds no secret, code, token or private key of a whole session, whole or in part, in clear or encoded', async () => {

                const { store, dump, end } = await open();
                const dumps: string[] = [];
                const hidden = await wholeSession(store, async () => dumps.push(await dump()));
                const all = dumps.join('\n');
                const kinds = ['access_token', 'refresh_token', 'authorization_code', 'device_code', 'user_code', 'signing_key'];
                expect(kinds.filter((kind) => !all.includes(kind)), 'what the dumps lack of what was stored').to.equal([]);
                expect(all).to.include(openClaim);
                expect(dumps.length).to.be.above(15);
                expect(hidden.map(({ what }) => what)).to.include([
                    'code', 'access_token', 'refresh_token', 'id_token', 'device_code', 'user_code', 'jti', 'wrong secret', 'd of the ES256 key', 'd of the RS256 key', 'qi of the RS256 key'
                ]);
                expect(hidden.flatMap(tracesOf).filter((trace) => trace.length < 8), 'what is too short to tell anything').to.equal([]);
                expect(foundIn(all, hidden)).to.equal([]);
                await end();
            });

            it('would show what was kept badly', async () => {

                const { store, dump, end } = await open();
                await store.initialize();
                const texts = ['Client-Secret-4711', 'pZ3vK9xQ2mT7wB5nR8yL1cF6hJ4gD0sAeUoIiXkVbNw', 'BCDFGHJK'];
                for (const [index, [place, keep]] of Object.entries(careless).entries()) {
                    for (const value of texts) {
                        const text = `${value}${index}`;
                        expect(foundIn(await dump(), [{ what: place, value: text }]), place).to.equal([]);
                        await keep(store, text);
                        expect(foundIn(await dump(), [{ what: place, value: text }]), place).to.equal([place]);
                    }
                }

                await end();
            });
        });
    }
});

describe('the search for traces', () => {

    const token = `r${'G'.repeat(22)}pZ3vK9xQ2mT7wB5nR8yL1cF6hJ4gD0sAeUoIiXkVbNw`;
    const jwt = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLW9mLTMyLW9jdGV0cy1hdC1sZWFzdA';
    const finds = (kept: string, value: string, own: Partial<Hidden> = {}) => foundIn(`[{"a":"${kept}"}]`, [{ what: 'it', value, ...own }]).length === 1;

    it('finds a token in every form that could be turned back', () => {

        const [bits, octets] = [token.slice(23), Buffer.from(token.slice(23), 'base64url')];
        const kept = [
            token, bits, octets.toString('hex'), octets.toString('hex').toUpperCase(), octets.toString('base64'), Buffer.from(bits).toString('hex'),
            ...['', 'x', 'xy', 'xyz'].flatMap((before) => ['', 'x', 'xy'].flatMap((after) => (['base64', 'base64url', 'hex'] as const).flatMap((form) => [Buffer.from(before + token + after).toString(form), Buffer.from(before + bits + after).toString(form)])))
        ];
        expect(kept.filter((text) => !finds(text, token))).to.equal([]);
        expect(finds(token.slice(0, 40), token)).to.be.false();
    });

    it('finds the signature of a JWT, a user code without its dash, and the digest of what can be guessed', () => {

        expect(finds(jwt.split('.')[2] ?? '', jwt)).to.be.true();
        expect(finds(jwt.split('.')[0] ?? '', jwt)).to.be.false();
        expect([finds('BCDFGHJK', 'BCDF-GHJK'), finds('bcdfghjk', 'BCDF-GHJK'), finds('BCDFGHJL', 'BCDF-GHJK')]).to.equal([true, true, false]);
        const digest = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
        expect([finds(digest, 'test', { guessable: true }), finds(digest, 'test')]).to.equal([true, false]);
        expect(finds(Buffer.from(digest, 'hex').toString('base64url'), 'test', { guessable: true })).to.be.true();
        expect(finds('a \\"quoted\\" text', 'a "quoted" text')).to.be.true();
        expect(finds('100%25', '100%')).to.be.true();
    });
});
