import { randomUUID } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Cluster, Redis } from 'ioredis';
import { RESP_TYPES, createClient, createCluster } from 'redis';

import { testClock } from '../fixture/clock';
import { PrivateRedis, redisDump } from '../fixture/redis';
import { RedisStore, type RedisClient } from '../../lib/redis';
import { storeContract } from '../../lib/store-contract';
import type { GrantRecord, StoredValue, TokenRecord } from '../../lib/stores/store';

export const lab = Lab.script();
const { describe, it, before, after } = lab;

const { REDIS_URL: url, REDIS_CLUSTER_URLS: clusterUrls } = process.env;
const hour = 3600;

const quiet = () => undefined;

/** A client and how its owner ends it. */
interface Connection {
    readonly client: RedisClient;
    readonly end: () => void;
}

type Connect = (urls: readonly [string, ...string[]]) => Promise<Connection>;

const ioredis: Connect = async ([address]) => {

    const client = new Redis(address);
    client.on('error', quiet);
    return { client, end: () => client.disconnect() };
};

const nodeRedis: Connect = async ([address]) => {

    const client = createClient({ url: address, disableOfflineQueue: true });
    await client.on('error', quiet).connect();
    return { client, end: () => client.destroy() };
};

const ioredisCluster: Connect = async (urls) => {

    const client = new Cluster([...urls]);
    client.on('error', quiet);
    return { client, end: () => client.disconnect() };
};

const nodeRedisCluster: Connect = async (urls) => {

    const client = createCluster({ rootNodes: urls.map((address) => ({ url: address })) });
    await client.on('error', quiet).connect();
    return { client, end: () => client.destroy() };
};

const grantOf = (now: number, changes: Partial<GrantRecord> = {}): GrantRecord => ({
    id: randomUUID(), clientId: 'spa', subject: 'ada', sessionId: 'session', expiresAt: now + hour * 1000, value: {}, ...changes
});

const tokenOf = (grant: GrantRecord, changes: Partial<TokenRecord> = {}): TokenRecord => ({
    kind: 'refresh_token', grantId: grant.id, key: randomUUID(), value: {}, expiresAt: grant.expiresAt, ...changes
});

/** Everything a caller might send as a kind, a key or an id. */
const hostile = [
    '', ' ', '{', '}', '{}', '}{', '{a}', 'a}{b', '*', '?', '[a-z]', '\\', ':', '::', '::members', 'a:b', '\0', 'a\0b', '\r\n', '*1\r\n$8\r\nFLUSHALL\r\n',
    '"]) redis.call("FLUSHALL") --', 'KEYS[1]', '__proto__', 'constructor', '~', 'ü', 'u\u0308', '\ud800', '\udc00', '\ufffd', '😀', '-inf', '+', '(a', '[', 'x'.repeat(10_000), 'x'.repeat(9999)
];

/** The part of a key that decides its slot, as Redis Cluster has it. */
const slotPart = (key: string): string => /^[^{]*\{([^}]+)\}/.exec(key)?.[1] ?? key;

/** A client that only notes the keys of each call. */
const recorder = () => {

    const calls: string[][] = [];
    const evalSha = async (_sha1: string, { keys }: { keys: string[] }) => {

        calls.push(keys);
        return null;
    };

    return { calls, client: { evalSha, eval: evalSha } };
};

/** A client that loses all calls to listings. */
const withoutListings = (client: RedisClient): RedisClient => {

    const isListing = (key: unknown) => String(key).includes('::');
    const lost = () => Promise.reject(new Error('lost'));
    if ('evalSha' in client) {
        return {
            evalSha: (sha1: string, options: { keys: string[]; arguments: string[] }) => options.keys.some(isListing) ? lost() : client.evalSha(sha1, options),
            eval: (source: string, options: { keys: string[]; arguments: string[] }) => options.keys.some(isListing) ? lost() : client.eval(source, options)
        };
    }

    return {
        evalsha: (sha1: string, count: number, ...rest: string[]) => rest.some(isListing) ? lost() : client.evalsha(sha1, count, ...rest),
        eval: (source: string, count: number, ...rest: string[]) => rest.some(isListing) ? lost() : client.eval(source, count, ...rest)
    };
};

/** Waits for calls that the recorder does not answer. */
const attempt = async (calls: readonly Promise<unknown>[]): Promise<unknown> => Promise.allSettled(calls);

describe('RedisStore', () => {

    const { now } = testClock();

    it('refuses a prefix that would change the slots of its keys, and a time-out that is none', () => {

        const { client } = recorder();
        for (const prefix of ['{', '}', '{app}:', '*', 'a b', '\n', 'x'.repeat(65)]) {
            expect(() => new RedisStore(client, { clock: now, prefix })).to.throw(/prefix/);
        }

        for (const timeout of [0, -1, NaN, Infinity, 2 ** 31]) {
            expect(() => new RedisStore(client, { clock: now, timeout })).to.throw(/timeout/);
        }
    });

    it('touches keys of one slot with each script, and keys of its prefix only, whatever it is sent', async () => {

        const { calls, client } = recorder();
        const store = new RedisStore(client, { clock: now, prefix: 'app:' });
        for (const name of hostile) {
            const grant = grantOf(now(), { id: name, subject: name, clientId: name, sessionId: name });
            const token = tokenOf(grant, { kind: name, key: name });
            await attempt([
                store.put({ kind: name, key: name, value: {}, expiresAt: now() }), store.delete(name, name), store.list(name),
                store.openGrant(grant, [token, tokenOf(grant)]), store.addTokens(name, [token]), store.findToken(token), store.revokeGrant(name),
                store.rotate({ token, version: 1, value: {}, expiresAt: now(), tokens: [tokenOf(grant)] }), store.listGrants('subject', name),
                store.count(name, 1), store.lease(name, name, 1), store.release(name, name)
            ]);
        }

        expect(calls.length).to.be.above(12 * hostile.length);
        for (const keys of calls) {
            expect(new Set(keys.map(slotPart)).size).to.equal(1);
            for (const key of keys) {
                expect(key).to.match(/^app:[a-z]:\{[A-Za-z0-9_~:-]+\}[A-Za-z0-9_~:-]*$/);
                expect(key.length).to.be.below(250);
            }
        }
    });

    it('gives different names different keys', async () => {

        const { calls, client } = recorder();
        const store = new RedisStore(client, { clock: now });
        for (const kind of hostile) {
            await attempt([store.findGrant(kind), store.counted(kind), store.lease(kind, 'me', 1)]);
            await attempt(hostile.flatMap((key) => [store.get(kind, key), store.consume({ kind, grantId: 'g', key })]));
        }

        const own = calls.map((keys) => keys.at(-1));           // A token's call has its grant's key first
        expect(new Set(own).size).to.equal(own.length);
    });

    it('spreads the records of a kind and the grants of a client over several slots', async () => {

        const { calls, client } = recorder();
        const store = new RedisStore(client, { clock: now });
        for (let i = 0; i < 200; ++i) {
            await attempt([store.put({ kind: 'jti', key: randomUUID(), value: {}, expiresAt: now() }), store.openGrant(grantOf(now(), { subject: null, sessionId: null }), [])]);
        }

        const slots = [...new Set(calls.flat().map(slotPart))];
        expect(slots.filter((slot) => slot.startsWith('jti:')).length).to.equal(16);
        expect(slots.filter((slot) => slot.startsWith('clientId:spa:')).length).to.equal(16);
    });

    it('fails closed on replies that make no sense', async () => {

        const grant = grantOf(now());
        for (const reply of [undefined, 7, '', 'x', {}, [], [{}], [[]], ['{}', '1', '1', '1'], [['{}', '1', '1', '2'], null], [['[]', '1', '1', '0'], null], [['{}', 'x', '1', '0'], null]]) {
            const store = new RedisStore({ evalSha: async () => reply, eval: async () => reply }, { clock: now });
            await expect(store.findToken(tokenOf(grant))).to.reject(/^Redis answered something that is not/);
            await expect(store.findGrant(grant.id)).to.reject(/^Redis answered something that is not/);
            await expect(store.consume(tokenOf(grant))).to.reject(/^Redis answered something that is not/);
            await expect(store.count('key', 1)).to.reject(/^Redis answered something that is not/);
        }
    });

    it('takes tokens of their own grant only, and times that are numbers', async () => {

        const { client } = recorder();
        const store = new RedisStore(client, { clock: now });
        const [one, two] = [grantOf(now()), grantOf(now())];
        await expect(store.openGrant(one, [tokenOf(two)])).to.reject('Tokens are written with their own grant only');
        await expect(store.addTokens(one.id, [tokenOf(two)])).to.reject('Tokens are written with their own grant only');
        await expect(store.put({ kind: 'k', key: 'k', value: {}, expiresAt: NaN })).to.reject(/numbers of milliseconds/);
        for (const limit of [0, -1, 1.5, NaN, Infinity]) {
            await expect(store.list('k', null, limit)).to.reject(/limit/);
        }
    });
});

/** What is promised wherever the keys are. */
const onRedis = (title: string, urls: readonly [string, ...string[]], connects: readonly Connect[]): void => describe(title, () => {

    const clock = testClock();
    const prefix = `test-${randomUUID()}:`;
    const connections: Connection[] = [];
    const open = async (connect: Connect): Promise<RedisStore> => {

        const connection = await connect(urls);
        connections.push(connection);
        return new RedisStore(connection.client, { clock: clock.now, prefix });
    };

    const [connect = ioredis] = connects;
    let store: RedisStore;
    let others: RedisStore[];
    before(async () => {

        store = await open(connect);
        others = [await open(connect), ...await Promise.all(connects.map(open))];
        await store.initialize();
    });

    after(() => connections.forEach(({ end }) => end()));

    const dump = () => redisDump(urls, `${prefix}*`);

    /** Sends a command to every node. */
    const toEveryNode = async (...command: readonly [string, ...string[]]): Promise<void> => {

        for (const address of urls) {
            const node = new Redis(address);
            await node.call(...command);
            node.disconnect();
        }
    };

    storeContract.forEach(({ name, run }) => it(`keeps the contract: ${name}`, { timeout: 30_000 }, async () => run({
        store, others, now: clock.now,
        advance: (ms) => clock.advance(ms / 1000),
        restart: async () => open(connect),
        dump: async () => (await dump()).join('\n')
    })));

    it('sends its scripts again when Redis has lost them', async () => {

        const grant = grantOf(clock.now());
        const token = tokenOf(grant);
        await toEveryNode('SCRIPT', 'FLUSH');
        await store.openGrant(grant, [token]);
        await toEveryNode('SCRIPT', 'FLUSH');
        const answers = await Promise.all([store, ...others].map((instance) => instance.consume(token)));
        expect(answers.filter((answer) => answer === 'ok').length).to.equal(1);
        expect(answers.filter((answer) => answer === 'used').length).to.equal(answers.length - 1);
    });

    it('keeps hostile names apart, and answers them as they were', async () => {

        await Promise.all(['', '{', '::members', '\ud800'].map(async (kind) => {

            await Promise.all(hostile.map((key, index) => store.put({ kind, key, value: { index }, expiresAt: clock.now() + 1000 })));
            expect((await Promise.all(hostile.map((key) => store.get(kind, key)))).map((found) => found?.value)).to.equal(hostile.map((_, index) => ({ index })));
            expect((await store.list(kind)).items.map(({ key }) => key).sort()).to.equal([...hostile].sort());
        }));

        const connection = await connect(urls);
        connections.push(connection);
        const own = new RedisStore(connection.client, { clock: clock.now, prefix: `${prefix}hostile:` });     // The contract has counters of these names
        for (const id of hostile) {
            const grant = grantOf(clock.now(), { id, subject: id });
            const token = tokenOf(grant, { kind: id, key: id, value: { id } });
            await own.openGrant(grant, [token]);
            expect(await own.findToken(token)).to.equal({ value: { id }, version: 1, expiresAt: token.expiresAt, used: false, grant });
            expect((await own.listGrants('subject', id)).items).to.equal([grant]);
            expect(await own.count(id, 1000)).to.equal({ count: 1, resetsAt: clock.now() + 1000 });
            expect(await own.lease(id, id, 1000)).to.be.true();
        }

        for (const cursor of hostile) {
            await own.list('', cursor);
            await own.listGrants('subject', '', cursor);
        }
    });

    it('leaves values alone: empty arrays, long numbers, deep nesting', async () => {

        const deep = Array.from({ length: 200 }).reduce<StoredValue>((value) => ({ value }), {});
        const value = { empty: [], none: {}, long: Number.MAX_SAFE_INTEGER, small: 1e-300, sign: -0.5, text: '\u0000\ud800"\\', deep };
        const grant = grantOf(clock.now(), { value });
        const token = tokenOf(grant, { value });
        await store.put({ kind: 'values', key: 'key', value, expiresAt: clock.now() + 1000 });
        await store.openGrant(grant, [token]);
        expect((await store.get('values', 'key'))?.value).to.equal(value);
        expect(await store.findToken(token)).to.include({ value, grant });
    });

    it('keeps what never expires', async () => {

        await store.put({ kind: 'forever', key: 'key', value: {}, expiresAt: Infinity });
        clock.advance(100 * 365 * 24 * hour);
        expect(await store.get('forever', 'key')).to.include({ value: {}, expiresAt: Number.MAX_SAFE_INTEGER });
    });

    it('lets Redis forget everything by itself, a little later than the store does', async () => {

        const grant = grantOf(clock.now());
        await store.openGrant(grant, [tokenOf(grant)]);
        await store.put({ kind: 'forgotten', key: 'key', value: {}, expiresAt: clock.now() + 1000 });
        await store.count('forgotten', 1000);
        await store.lease('forgotten', 'me', 1000);
        for (const address of urls) {
            const node = new Redis(address);
            for (const key of (await redisDump([address], `${prefix}*`)).map((entry) => entry.split(' ')[0] ?? '')) {
                expect(await node.pttl(key)).to.be.above(50_000);
            }

            node.disconnect();
        }
    });

    it('loses nothing to a Redis whose clock is ahead', async () => {

        const connection = await connect(urls);
        connections.push(connection);
        const behind = new RedisStore(connection.client, { clock: () => 1000, prefix: `${prefix}behind:` });
        await behind.put({ kind: 'record', key: 'key', value: {}, expiresAt: 2000 });
        expect(await behind.get('record', 'key')).to.include({ expiresAt: 2000 });
    });

    it('clears its listings of what has expired, a little with each call', async () => {

        const subject = randomUUID();
        const keep = grantOf(clock.now(), { subject, expiresAt: clock.now() + 10 * hour * 1000 });
        await store.openGrant(keep, []);
        for (let i = 0; i < 40; ++i) {
            await store.openGrant(grantOf(clock.now(), { subject, expiresAt: clock.now() + 1000 }), []);
        }

        const listed = async () => (await dump()).find((entry) => entry.includes(subject) && entry.includes('::members'))?.match(/-4/g)?.length ?? 0;
        expect(await listed()).to.be.above(40);
        clock.advance(hour);
        await store.openGrant(grantOf(clock.now(), { subject }), []);
        expect((await store.listGrants('subject', subject)).items.length).to.equal(2);
        expect((await dump()).find((entry) => entry.includes(subject) && entry.includes('::members'))?.match(/,"0"|"0"\]/g)?.length).to.equal(2);
        expect(await store.sweep()).to.equal(0);
    });

    it('does not revive a used token when a call is sent again', async () => {

        const grant = grantOf(clock.now());
        const token = tokenOf(grant);
        await store.openGrant(grant, [token]);
        expect(await store.consume(token)).to.equal('ok');
        expect(await store.openGrant(grant, [token])).to.be.false();
        expect(await store.addTokens(grant.id, [token])).to.be.true();
        expect(await store.consume(token)).to.equal('used');
    });

    it('grants nothing on records that somebody else has written', async () => {

        const key = randomUUID();
        const grant = grantOf(clock.now(), { subject: key });
        const token = tokenOf(grant, { key });
        const write = async (pattern: string, ...fields: readonly string[]): Promise<void> => {

            for (const address of urls) {
                const node = new Redis(address);
                for (const entry of await redisDump([address], `${prefix}${pattern}`)) {
                    await node.hset(entry.split(' ')[0] ?? '', ...fields);
                }

                node.disconnect();
            }
        };

        await store.openGrant(grant, [token]);
        for (const [field, nonsense] of [['v', ''], ['v', 'secret'], ['v', '[]'], ['v', 'null'], ['v', '7'], ['n', 'x'], ['n', ''], ['u', '2'], ['e', 'soon']] as const) {
            await write(`g:*:${key}`, 'v', '{}', 'n', '1', 'u', '0', 'e', String(token.expiresAt), field, nonsense);
            const err: unknown = await store.findToken(token).then(quiet, (reason: unknown) => reason);
            expect(err).to.be.an.error();
            expect(String(err)).to.not.contain('secret');
        }

        for (const nonsense of ['', 'secret', '[]', '{}', JSON.stringify({ ...grant, id: 7 }), JSON.stringify({ ...grant, clientId: null }), JSON.stringify({ ...grant, subject: undefined }), JSON.stringify({ ...grant, sessionId: {} }), JSON.stringify({ ...grant, value: [] })]) {
            await write(`g:{${grant.id}}`, 'r', nonsense, 'e', String(grant.expiresAt));
            await expect(store.findGrant(grant.id)).to.reject();
            await expect(store.listGrants('subject', key)).to.reject();
            expect(await store.revokeGrant(grant.id)).to.be.true();
            expect(await store.findGrant(grant.id)).to.be.null();
        }

        expect((await store.listGrants('subject', key)).items).to.equal([]);
    });

    it('keeps the use of a grant in the grant, rejects one that is no time, and answers none that somebody else has written', async () => {

        const grant = grantOf(clock.now());
        const token = tokenOf(grant);
        await store.openGrant(grant, [token]);
        for (const usedAt of [NaN, Infinity, -Infinity]) {
            await expect(store.addTokens(grant.id, [], undefined, usedAt)).to.reject(TypeError, 'usedAt is a number of milliseconds');
            await expect(store.openGrant({ ...grant, id: randomUUID(), usedAt }, [])).to.reject(TypeError);
            await expect(store.rotate({ token, version: 1, value: {}, expiresAt: token.expiresAt, tokens: [], usedAt })).to.reject(TypeError);
        }

        expect(await store.findGrant(grant.id)).to.equal(grant);
        await store.addTokens(grant.id, [], undefined, clock.now() + 0.9);
        expect(await store.findGrant(grant.id)).to.equal({ ...grant, usedAt: clock.now() });
        const written = async () => (await dump()).filter((entry) => entry.includes(`g:{${grant.id}} `)).map((entry) => Object.keys(JSON.parse(entry.slice(entry.indexOf('{"'))) as object).sort());
        expect(await written()).to.equal([['e', 'r', 'u']]);
        for (const address of urls) {
            const node = new Redis(address);
            for (const entry of await redisDump([address], `${prefix}g:{${grant.id}}`)) {
                await node.hset(entry.split(' ')[0] ?? '', 'u', 'secret');
            }

            node.disconnect();
        }

        const err = await expect(store.findToken(token)).to.reject();
        expect(String(err)).to.not.contain('secret');
        await expect(store.findGrant(grant.id)).to.reject();
        expect(await store.revokeGrant(grant.id)).to.be.true();
        expect(await written()).to.equal([['e']]);
    });

    it('rejects where a key of its own holds something else', async () => {

        await toEveryNode('SCRIPT', 'FLUSH');                   // So that the whole script is sent, and fails
        const key = randomUUID();
        await store.put({ kind: 'taken', key, value: {}, expiresAt: clock.now() + 1000 });
        for (const address of urls) {
            const node = new Redis(address);
            for (const entry of await redisDump([address], `${prefix}r:{taken:*}:${key}`)) {
                await node.set(entry.split(' ')[0] ?? '', 'a string');
            }

            node.disconnect();
        }

        await expect(store.get('taken', key)).to.reject(/WRONGTYPE/);
        await expect(store.putIfAbsent({ kind: 'taken', key, value: {}, expiresAt: clock.now() + 1000 })).to.reject(/WRONGTYPE/);
    });

    it('lets every key of a grant live as long as the grant does by now, and as long as its tokens', async () => {

        const ttls = async (id: string): Promise<ReadonlyMap<string, number>> => {

            const found = new Map<string, number>();
            for (const address of urls) {
                const node = new Redis(address);
                for (const key of (await redisDump([address], `${prefix}*${id}*`)).map((entry) => entry.split(' ')[0] ?? '')) {
                    found.set(key.slice(prefix.length), await node.pttl(key));
                }

                node.disconnect();
            }

            return found;
        };

        const id = `id-${randomUUID()}`;
        const owner = { id, clientId: `client-${id}`, subject: `subject-${id}`, sessionId: `session-${id}` };
        const grant = grantOf(clock.now(), { ...owner, expiresAt: clock.now() + 1000 });
        await store.openGrant(grant, [tokenOf(grant)]);
        const first = await ttls(id);
        expect(first.size).to.equal(2 + 3 * 2);
        for (const ttl of first.values()) {
            expect(ttl).to.be.between(40_000, 61_001);
        }

        const token = tokenOf(grant, { expiresAt: clock.now() + 3 * hour * 1000 });
        expect(await store.addTokens(id, [token], clock.now() + hour * 1000)).to.be.true();
        const second = await ttls(id);
        expect(Number(second.get(`g:{${id}}`))).to.be.above(3 * hour * 1000);        // Nobody may open it again over its token
        for (const [key, ttl] of second) {
            expect(ttl, key).to.be.above(key.startsWith('i:') ? hour * 1000 : 40_000);
        }

        const rotation = { token, version: 1, value: {}, expiresAt: clock.now() + 4 * hour * 1000, tokens: [], grantExpiresAt: clock.now() + 2 * hour * 1000 };
        expect(await store.rotate(rotation)).to.equal('ok');
        const third = await ttls(id);
        expect(Number(third.get(`g:{${id}}`))).to.be.above(4 * hour * 1000);
        for (const [key, ttl] of third) {
            expect(ttl, key).to.be.above(key.startsWith('i:') ? 2 * hour * 1000 : 40_000);
        }

        expect(await store.revokeGrant(id)).to.be.true();
        expect(Number((await ttls(id)).get(`g:{${id}}`))).to.be.above(4 * hour * 1000);
        expect(await redisDump(urls, `${prefix}g:{${id}}`)).to.equal([`${prefix}g:{${id}} hash {"e":"0"}`]);
    });

    it('lists a grant that lives longer although a call was sent twice and the first answer was lost', async () => {

        const subject = randomUUID();
        const grant = grantOf(clock.now(), { subject, expiresAt: clock.now() + 1000 });
        const end = clock.now() + 5 * hour * 1000;
        await store.openGrant(grant, []);
        const connection = await connect(urls);
        connections.push(connection);
        const lost = new RedisStore(withoutListings(connection.client), { clock: clock.now, prefix });
        await expect(lost.addTokens(grant.id, [], end)).to.reject('lost');
        expect(await store.addTokens(grant.id, [], end)).to.be.true();
        clock.advance(4 * hour);
        await store.openGrant(grantOf(clock.now(), { subject }), []);
        expect((await store.listGrants('subject', subject)).items.map(({ id }) => id)).to.include(grant.id);
    });

    it('writes to the listings of a grant that lives longer only when it outlives its place there', async () => {

        const subject = randomUUID();
        const connection = await connect(urls);
        connections.push(connection);
        const lost = new RedisStore(withoutListings(connection.client), { clock: clock.now, prefix });
        const ms = hour * 1000;
        const opened = clock.now();
        const grant = grantOf(opened, { subject, expiresAt: opened + ms });
        const token = tokenOf(grant, { expiresAt: opened + 20 * ms });
        await store.openGrant(grant, [token]);
        expect(await store.addTokens(grant.id, [], opened + 8 * ms)).to.be.true();                  // Listed an eighth longer, for 9 hours
        expect(await lost.addTokens(grant.id, [], opened + 8.5 * ms)).to.be.true();
        expect(await lost.rotate({ token, version: 1, value: {}, expiresAt: token.expiresAt, tokens: [], grantExpiresAt: opened + 9 * ms })).to.equal('ok');
        expect((await store.findGrant(grant.id))?.expiresAt).to.equal(opened + 9 * ms);
        await expect(lost.addTokens(grant.id, [], opened + 9 * ms + 1)).to.reject('lost');
        clock.advance(9 * hour - 1);
        await store.openGrant(grantOf(clock.now(), { subject }), []);                               // Clears what has expired
        expect((await store.listGrants('subject', subject)).items.map(({ id }) => id)).to.include(grant.id);

        const next = grantOf(clock.now(), { subject });
        await store.openGrant(next, []);
        await expect(lost.addTokens(next.id, [], next.expiresAt)).to.reject('lost');                // Its opening says nothing of its place
        expect(await store.addTokens(next.id, [], next.expiresAt)).to.be.true();
        expect(await lost.addTokens(next.id, [], next.expiresAt)).to.be.true();
        expect(await store.revokeGrant(next.id)).to.be.true();
        expect(await redisDump(urls, `${prefix}g:{${next.id}}`)).to.equal([`${prefix}g:{${next.id}} hash {"e":"0"}`]);
    });

    it('leaves the client to its owner', async () => {

        const connection = await connect(urls);
        const closed = new RedisStore(connection.client, { clock: clock.now, prefix });
        await closed.close();
        await closed.initialize();
        connection.end();
        await expect(closed.counted('key')).to.reject();
    });
});

if (url) {
    onRedis('RedisStore with ioredis', [url], [ioredis, nodeRedis]);
    onRedis('RedisStore with redis', [url], [nodeRedis, ioredis]);

    describe('RedisStore with a client that answers in its own way', () => {

        const answers = async (client: RedisClient): Promise<void> => {

            const { now } = testClock();
            const store = new RedisStore(client, { clock: now, prefix: `test-${randomUUID()}:` });
            const grant = grantOf(now());
            const token = tokenOf(grant);
            await store.openGrant(grant, [token]);
            expect(await store.findToken(token)).to.include({ version: 1, used: false, grant });
            expect(await store.consume(token)).to.equal('ok');
            expect(await store.count('key', 1000)).to.equal({ count: 1, resetsAt: now() + 1000 });
            expect((await store.listGrants('clientId', 'spa')).items).to.equal([grant]);
            expect(await store.revokeGrant(grant.id)).to.be.true();
        };

        it('reads strings that come as buffers', async () => {

            const client = await createClient({ url }).on('error', quiet).connect();
            await answers(client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }));
            client.destroy();
        });

        it('reads numbers that come as strings', async () => {

            const client = new Redis(url, { stringNumbers: true });
            await answers(client);
            client.disconnect();
        });

        it('speaks the older protocol', async () => {

            const client = await createClient({ url, RESP: 2 }).on('error', quiet).connect();
            await answers(client);
            client.destroy();
        });
    });

    describe('RedisStore without its Redis', () => {

        const { now } = testClock();
        const timeout = 1500;                                   // A busy machine answers within this

        /** Not `once` of node:events, which rejects at the first error of a client that is still trying. */
        const readyOf = (client: Redis | ReturnType<typeof createClient>) => new Promise<void>((resolve) => {

            const ready = () => resolve();
            if (client instanceof Redis) {
                client.once('ready', ready);
            }
            else {
                client.once('ready', ready);
            }
        });

        const clients: Readonly<Record<string, (address: string) => Promise<Redis | ReturnType<typeof createClient>>>> = {
            'ioredis as it comes': async (address) => new Redis(address),
            'ioredis as the documentation says': async (address) => new Redis(address, { enableOfflineQueue: false, autoResendUnfulfilledCommands: false }),
            'redis as it comes': async (address) => createClient({ url: address }),
            'redis as the documentation says': async (address) => createClient({ url: address, disableOfflineQueue: true })
        };

        const endOf = async (client: Redis | ReturnType<typeof createClient>) => client instanceof Redis ? client.disconnect() : client.destroy();

        const outage = async (redis: PrivateRedis, client: Redis | ReturnType<typeof createClient>): Promise<void> => {

            client.on('error', quiet);
            await Promise.all([readyOf(client), client instanceof Redis ? undefined : client.connect()]);
            const store = new RedisStore(client, { clock: now, timeout });
            const grant = grantOf(now());
            const [used, unused] = [tokenOf(grant), tokenOf(grant)];
            await store.openGrant(grant, [used, unused]);
            expect(await store.consume(used)).to.equal('ok');

            redis.signal('SIGSTOP');                            // It accepts what is sent, and says nothing
            await expect(store.findToken(used)).to.reject('Redis did not answer within 1500 ms');
            redis.signal('SIGCONT');
            expect(await store.findToken(used)).to.include({ used: true });

            await redis.kill();
            await expect(store.findToken(used)).to.reject();
            await expect(store.putIfAbsent({ kind: 'k', key: 'k', value: {}, expiresAt: now() + 1000 })).to.reject();

            const again = readyOf(client);
            await redis.start();
            await again;
            expect(await store.consume(used)).to.equal('used');
            expect(await store.consume(unused)).to.equal('ok');
            expect((await store.listGrants('subject', 'ada')).items).to.equal([grant]);
        };

        for (const [name, make] of Object.entries(clients)) {
            it(`rejects, recovers and has lost nothing, with ${name}`, async () => {

                const redis = await PrivateRedis.start();
                const client = await make(redis.url);
                try {
                    await outage(redis, client);
                }
                finally {
                    await endOf(client);
                    await redis.remove();
                }
            });
        }

        it('does not start', async () => {

            const client = new Redis('redis://127.0.0.1:1', { enableOfflineQueue: false });
            client.on('error', quiet);
            await expect(new RedisStore(client, { clock: now, timeout }).initialize()).to.reject();
            client.disconnect();
        });
    });
}

if (clusterUrls) {
    const [first = '', ...rest] = clusterUrls.split(',');
    onRedis('RedisStore in a cluster with ioredis', [first, ...rest], [ioredisCluster, nodeRedisCluster]);
    onRedis('RedisStore in a cluster with redis', [first, ...rest], [nodeRedisCluster, ioredisCluster]);
}
