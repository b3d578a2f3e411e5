import { createServer } from 'node:net';

import { PGlite } from '@electric-sql/pglite';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { createClient } from 'redis';

import { scriptRunner } from '../../lib/stores/redis/client';
import { isUnreachable } from '../../lib/stores/unreachable';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const quiet = () => undefined;

/** What a call rejects with. */
const rejection = async (call: Promise<unknown>): Promise<unknown> => {

    try {
        await call;
    }
    catch (err) {
        return err;
    }

    throw new Error('It did not reject');
};

/** A port of this machine that nobody listens on. */
const deadPort = async (): Promise<number> => {

    const server = createServer();
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    const address = server.address();
    await new Promise((resolve) => { server.close(resolve); });
    return typeof address === 'object' && address !== null ? address.port : 0;
};

const fail = (message: string, members: object = {}) => Object.assign(new Error(message), members);

/** An error of a class that has no `name` of its own, as those of `redis`. */
const named = (name: string) => new ({ [name]: class extends Error {} }[name] ?? Error)('');

describe('An engine is out of reach', () => {

    it('when pg finds nobody, or was ended', async () => {

        const pool = new Pool({ host: '127.0.0.1', port: await deadPort() });
        expect(isUnreachable(await rejection(pool.query('SELECT 1')))).to.be.true();
        await pool.end();
        expect(isUnreachable(await rejection(pool.query('SELECT 1')))).to.be.true();
        expect(isUnreachable(await rejection(new Pool({ host: '/nowhere' }).query('SELECT 1')))).to.be.true();
    });

    it('when a PGlite was closed', async () => {

        const database = await PGlite.create();
        await database.close();
        expect(isUnreachable(await rejection(database.query('SELECT 1')))).to.be.true();
    });

    it('when ioredis finds nobody, and waits or not', async () => {

        const port = await deadPort();
        const client = new Redis(port, '127.0.0.1', { maxRetriesPerRequest: 0 });
        client.on('error', quiet);
        expect(isUnreachable(await rejection(client.get('a')))).to.be.true();
        client.disconnect();

        const impatient = new Redis(port, '127.0.0.1', { enableOfflineQueue: false });
        impatient.on('error', quiet);
        expect(isUnreachable(await rejection(impatient.get('a')))).to.be.true();
        impatient.disconnect();
    });

    it('when redis finds nobody, or was ended', async () => {

        const client = createClient({ socket: { host: '127.0.0.1', port: await deadPort() }, disableOfflineQueue: true }).on('error', quiet);
        expect(isUnreachable(await rejection(client.get('a')))).to.be.true();
        const connecting = rejection(client.connect());
        expect(isUnreachable(await rejection(client.get('a')))).to.be.true();
        client.destroy();
        await connecting;
        expect(isUnreachable(await rejection(client.get('a')))).to.be.true();
    });

    it('when RedisStore has waited long enough itself', async () => {

        const never = () => new Promise<never>(() => {});
        const run = scriptRunner({ evalsha: never, eval: never }, 1);
        expect(isUnreachable(await rejection(run({ source: '', sha1: '' }, [], [])))).to.be.true();
    });

    // Seen when real engines were stopped, killed, frozen, crowded, replaced and started
    const seen: readonly Error[] = [
        ...['57P01', '57P02', '57P03', '57P05', '08000', '08003', '08006', '08P01', '53300', '25006', '57014', '55P03'].map((code) => fail('in the language of the server', { code })),
        ...['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'].map((code) => fail('', { code })),
        ...[
            'Connection terminated unexpectedly', 'Connection terminated due to connection timeout', 'Connection terminated', 'Query read timeout', 'timeout expired', 'timeout exceeded when trying to connect',
            'Client has encountered a connection error and is not queryable', 'Command timed out', 'Socket timeout. Expecting data, but didn\'t receive any in 1500ms.', 'connect ETIMEDOUT',
            'Connection is closed.', 'None of startup nodes is available', 'Cluster isn\'t ready and enableOfflineQueue options is false', 'Cluster is disconnected.', 'Cluster is ended.', 'Node is disconnected',
            'Too many Cluster redirections. Last error: Error: MOVED 1 :1', 'Socket closed unexpectedly', 'Connection timeout', 'The client is offline', 'Disconnects client', 'All the root nodes are unavailable',
            'LOADING Redis is loading the dataset in memory', 'MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to \'no\'.', 'READONLY You can\'t write against a read only replica.',
            'READONLY You can\'t write against a read only replica. script: 88c923858e73954cede057e8a25f614a3552b177, on @user_script:1.', 'CLUSTERDOWN Hash slot not served', 'CLUSTERDOWN The cluster is down',
            'TRYAGAIN Multiple keys request during rehashing of slot', 'NOREPLICAS Not enough good replicas to write.', 'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.'
        ].map((message) => new Error(message)),
        ...['TimeoutError', 'AbortError', 'SocketTimeoutError', 'ClientClosedError', 'MaxCommandRedirectionsError', 'ClusterAllFailedError'].map(named),
        ...['MaxRetriesPerRequestError', 'AbortError'].map((name) => fail('', { name })),
        new Error('could not save', { cause: fail('connect ECONNREFUSED 127.0.0.1:1', { code: 'ECONNREFUSED' }) })
    ];

    for (const err of seen) {
        it(`when a driver says ${'code' in err ? String(err.code) : err.message || err.constructor.name.replace(/^Error$/, err.name)}`, () => {

            expect(isUnreachable(err)).to.be.true();
        });
    }
});

describe('An engine is within reach', () => {

    const circle = new Error('wraps itself');
    circle.cause = circle;

    const others: Readonly<Record<string, unknown>> = {
        'a table is missing': fail('relation "oauth2.grants" does not exist', { code: '42P01' }),
        'a row is there already': fail('duplicate key', { code: '23505' }),
        'a race was lost under a stricter isolation': fail('could not serialize access', { code: '40001' }),
        'its disk is full': fail('could not extend file', { code: '53100' }),
        'a file is missing': fail('no such file', { code: 'ENOENT', syscall: 'open' }),
        'it is said without a call': fail('no such file', { code: 'ENOENT' }),
        'a code is a number': fail('', { code: 8000 }),
        'its memory is full': new Error('OOM command not allowed when used memory > \'maxmemory\'.'),
        'the password is wrong': new Error('NOAUTH Authentication required.'),
        'a key has another type': new Error('WRONGTYPE Operation against a key holding the wrong kind of value'),
        'a script is broken': new Error('ERR Error running script: the answer said LOADING '),
        'somebody quotes what a driver says': new Error('no grant called "Connection is closed."'),
        'a message is cut short': new Error('BUSYKEY Target key name already exists.'),
        'the code is wrong': new TypeError('Cannot read properties of undefined'),
        'an error wraps itself': circle,
        'no error was thrown': 'Connection is closed.',
        'nothing was thrown': undefined
    };

    for (const [name, err] of Object.entries(others)) {
        it(`when ${name}`, () => {

            expect(isUnreachable(err)).to.be.false();
        });
    }
});
