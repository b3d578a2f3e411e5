// The process that makes the load of a soak: lanes that each have a connection and go on until they are stopped, with good requests alone or with a bad
// one after each good one, and slow bodies beside them.

import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { serveCalls } from '../measure/child.mjs';
import { openConnection, serialize } from '../measure/connection.mjs';
import { badRequests } from './bad.mjs';
import { goodRequests } from './good.mjs';

const counts = { good: 0, bad: 0, slow: 0, wrong: 0 };
const wrong = new Map();
const now = { withBad: false, isOver: false };
let lanes = [];

/** A connection that is opened anew whenever the server has closed it. */
class Line {

    #port;
    #connection;
    #waiting;

    constructor(port) {

        this.#port = port;
    }

    async ask(request) {

        this.#connection ??= await openConnection(this.#port, {
            failed: (err) => {

                this.close();
                this.#waiting?.reject(err);
            },
            answered: (status, bytes, at) => this.#waiting.resolve({ status, head: bytes.latin1Slice(0, at), json: () => JSON.parse(bytes.toString('utf8', at)), text: () => bytes.toString('utf8', at) })
        });
        return await new Promise((resolve, reject) => {

            this.#waiting = { resolve, reject };
            this.#connection.send(serialize(request));
        });
    }

    close() {

        this.#connection?.close();
        this.#connection = undefined;
    }
}

const note = (what) => {

    counts.wrong += 1;
    wrong.set(what, (wrong.get(what) ?? 0) + 1);
};

const lane = async (port) => {

    const line = new Line(port);
    let [good, bad] = [goodRequests(), badRequests()];
    while (!now.isOver) {
        const { value: { request, expect, read } } = good.next();
        try {
            const answer = await line.ask(request);
            counts.good += 1;
            if (answer.status === expect) {
                read?.(answer);
            }
            else {
                note(`${request.method} ${request.path.split('?')[0]} answered ${answer.status}: ${answer.text().slice(0, 120)}`);
                good = goodRequests();
            }
        }
        catch (err) {
            if (!now.isOver) {
                note(err.message);
                good = goodRequests();
            }
        }

        if (now.withBad && !now.isOver) {
            const { value: { name, request: refused } } = bad.next();
            try {
                const { status } = await line.ask(refused);
                counts.bad += 1;
                if (status < 400 || status >= 500) {
                    note(`${name} was answered ${status}`);
                }
            }
            catch (err) {
                note(`${name}: ${err.message}`);
                bad = badRequests();
            }
        }
    }

    line.close();
};

/** A body that never ends: the server has to close the connection, and it does after hapi's ten seconds. */
const slow = async (port) => {

    while (!now.isOver) {
        if (!now.withBad) {
            await sleep(200);
            continue;
        }

        await new Promise((resolve) => {

            const socket = connect(port, '127.0.0.1', () => socket.write('POST /oauth2/token HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 1000\r\n\r\ngrant_type='));
            const drip = setInterval(() => (now.isOver || !now.withBad ? socket.destroy() : socket.write('x')), 500);
            socket.on('error', () => undefined).on('data', () => undefined).on('close', () => {

                clearInterval(drip);
                counts.slow += 1;
                resolve();
            });
        });
    }
};

serveCalls({
    begin: (port, { connections, slowBodies }) => {

        lanes = [...Array.from({ length: connections }, () => lane(port)), ...Array.from({ length: slowBodies }, () => slow(port))];
    },
    /** Whether every good request is followed by a bad one from now on. */
    mix: (bad) => {

        now.withBad = bad;
    },
    counts: () => ({ ...counts }),
    wrong: () => [...wrong].sort(([, a], [, b]) => b - a).slice(0, 10),
    end: async () => {

        now.isOver = true;
        await Promise.all(lanes);
    }
});
