import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { BackChannelLogout, type UndeliveredLogout } from '../../lib/authorization-server/back-channel-logout';
import type { Client } from '../../lib/clients/client';
import { OutboundError, type OutboundFetch, type OutboundRequest, type OutboundResponse } from '../../lib/clients/guarded-fetch';
import { sidOf } from '../../lib/sessions/session';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const reply = (status: number): OutboundResponse => ({ status, contentType: 'text/html', body: Buffer.from('<html>') });
const session = { sid: 'the-session', clients: [{ clientId: 'a', subject: 'alice' }] };

interface Waiting {
    readonly ms: number;
    readonly expire: () => void;
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Deliveries whose clients answer this, and a timer that expires when told to. */
const bench = (fetch: OutboundFetch, clients: Readonly<Record<string, Client['metadata']>> = { a: { client_id: 'a', backchannel_logout_uri: 'https://a.example/bye' } }) => {

    const asked: (OutboundRequest & { readonly url: string })[] = [];
    const undelivered: UndeliveredLogout[] = [];
    const timers = new Set<Waiting>();
    let count = 0;
    const backChannel = new BackChannelLogout({
        fetch: (url, request) => {

            asked.push({ url, ...request });
            return fetch(url, request);
        },
        findClient: (id) => {

            const metadata = clients[id];
            return id === 'broken' ? Promise.reject(new Error('no store')) : Promise.resolve(metadata === undefined ? null : { id, metadata });
        },
        sign: (client, { subject, sid }) => Promise.resolve(`${client.id} ${subject} ${sid} ${++count}`),
        report: (problem) => undelivered.push(problem),
        timer: (expire, ms) => {

            const timer = { ms, expire };
            timers.add(timer);
            return () => timers.delete(timer);
        }
    });

    /** Lets the timers of that many milliseconds expire. */
    const expire = async (ms: number): Promise<number> => {

        await settle();
        const due = [...timers].filter((timer) => timer.ms === ms);
        for (const timer of due) {
            timers.delete(timer);
            timer.expire();
        }

        await settle();
        return due.length;
    };

    return { backChannel, asked, undelivered, timers, expire };
};

describe('BackChannelLogout', () => {

    it('posts a token of its own to each client of the session that wants to know', async () => {

        const { backChannel, asked, undelivered, timers } = bench(() => Promise.resolve(reply(204)), {
            a: { client_id: 'a', backchannel_logout_uri: 'https://a.example/bye' }, b: { client_id: 'b', backchannel_logout_uri: 'https://b.example/bye' }, quiet: { client_id: 'quiet' }
        });
        const clients = [{ clientId: 'a', subject: 'alice' }, { clientId: 'b', subject: 'alice' }, { clientId: 'a', subject: 'bob' }, { clientId: 'quiet', subject: 'alice' }, { clientId: 'gone', subject: 'alice' }];
        backChannel.notify({ ...session, clients });
        await backChannel.settled();
        expect(asked.map(({ url }) => url)).to.equal(['https://a.example/bye', 'https://b.example/bye', 'https://a.example/bye']);
        expect(asked[0]).to.include({ method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } });
        expect(asked.map(({ body }) => [...new URLSearchParams(body)])).to.equal([0, 1, 2].map((i) => {

            const { clientId = '', subject = '' } = clients[i] ?? {};
            return [['logout_token', `${clientId} ${subject} ${sidOf(session, { clientId, subject })} ${i + 1}`]];
        }));
        expect([undelivered.length, timers.size]).to.equal([0, 0]);
    });

    it('tries again a few times, each with a new token, while it may help', async () => {

        let answers: readonly (() => Promise<OutboundResponse>)[] = [() => Promise.reject(new OutboundError('unreachable')), () => Promise.resolve(reply(503)), () => Promise.resolve(reply(429)), () => Promise.resolve(reply(200))];
        const { backChannel, asked, undelivered, expire } = bench(() => {

            const [next = () => Promise.reject(new Error('asked too often')), ...others] = answers;
            answers = others;
            return next();
        });
        backChannel.notify(session);
        for (const [index, ms] of [1000, 5000, 30_000].entries()) {
            expect(await expire(ms)).to.equal(1);
            expect(asked).to.have.length(index + 2);
        }

        await backChannel.settled();
        expect(new Set(asked.map(({ body }) => body)).size).to.equal(4);
        expect(undelivered).to.be.empty();
    });

    it('gives up then, and says so once', async () => {

        const { backChannel, asked, undelivered, expire } = bench(() => Promise.resolve(reply(500)));
        backChannel.notify(session);
        for (const ms of [1000, 5000, 30_000]) {
            await expire(ms);
        }

        await backChannel.settled();
        expect(asked).to.have.length(4);
        expect(undelivered).to.equal([{ client_id: 'a', reason: 'refused', tries: 4, status: 500 }]);
    });

    it('does not try again what would not change, nor follow a redirect', async () => {

        for (const [answer, reason, status] of [
            [reply(400), 'refused', 400], [reply(404), 'refused', 404], [reply(302), 'refused', 302], [reply(101), 'refused', 101],
            [new OutboundError('url_refused'), 'url_refused', null], [new OutboundError('address_refused'), 'address_refused', null], [new OutboundError('too_large'), 'too_large', null]
        ] as const) {
            const { backChannel, asked, undelivered, timers } = bench(() => (answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)));
            backChannel.notify(session);
            await backChannel.settled();
            expect([asked.length, timers.size]).to.equal([1, 0]);
            expect(undelivered).to.equal([{ client_id: 'a', reason, tries: 1, status }]);
        }
    });

    it('waits for no client longer than 10 seconds, whatever it is asked with', async () => {

        const { backChannel, undelivered, expire, timers } = bench(() => new Promise(() => undefined));
        backChannel.notify(session);
        for (const ms of [10_000, 1000, 10_000, 5000, 10_000, 30_000, 10_000]) {
            expect(await expire(ms)).to.equal(1);
        }

        await backChannel.settled();
        expect(undelivered).to.equal([{ client_id: 'a', reason: 'timeout', tries: 4, status: null }]);
        expect(timers.size).to.equal(0);
    });

    it('survives a store and a function of the app\'s own that throw', async () => {

        const { backChannel, undelivered, expire } = bench(() => Promise.reject(new Error('a bug')));
        backChannel.notify({ ...session, clients: [{ clientId: 'a', subject: 'alice' }, { clientId: 'broken', subject: 'alice' }] });
        for (const ms of [1000, 5000, 30_000]) {
            expect(await expire(ms)).to.equal(2);
        }

        await backChannel.settled();
        expect(undelivered.map(({ client_id: id, reason, tries }) => [id, reason, tries])).to.only.include([['a', 'failed', 4], ['broken', 'failed', 4]]);
    });

    it('attack: slow clients fill no memory: beyond 1000 deliveries under way nobody else is told', async () => {

        const { backChannel, asked, undelivered } = bench(() => new Promise(() => undefined));
        backChannel.notify({ ...session, clients: Array.from({ length: 1002 }, (_, i) => ({ clientId: 'a', subject: `user-${i}` })) });
        await settle();
        expect(asked).to.have.length(1000);
        expect(undelivered).to.equal([1, 2].map(() => ({ client_id: 'a', reason: 'busy', tries: 0, status: null })));
    });

    it('works with the timers of the process', async () => {

        const asked: string[] = [];
        const backChannel = new BackChannelLogout({
            fetch: (url) => Promise.resolve(asked.push(url)).then(() => reply(200)), findClient: (id) => Promise.resolve({ id, metadata: { client_id: id, backchannel_logout_uri: 'https://a.example/bye' } }),
            sign: () => Promise.resolve('token'), report: () => undefined
        });
        backChannel.notify(session);
        await backChannel.settled();
        expect(asked).to.equal(['https://a.example/bye']);
    });
});
