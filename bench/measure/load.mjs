// The process that makes the load of one scenario.

import { serveCalls } from './child.mjs';
import { openConnection, serialize } from './connection.mjs';

/** What each connection sends next; `null`: nothing is left. `answered` is told the body where the next request depends on it. */
const senders = {
    /** One request for all. */
    same: ({ request }) => {

        const bytes = serialize(request());
        return () => ({ next: () => bytes });
    },
    /** A request for each item, which take turns. */
    turns: ({ request }, items) => {

        const all = items.map((item) => serialize(request(item)));
        let count = 0;
        return () => ({ next: () => all[count++ % all.length] });
    },
    /** A request for each item, once. */
    each: ({ request }, items) => {

        const all = items.map((item) => serialize(request(item)));
        let count = 0;
        return () => ({ next: () => all[count++] ?? null });
    },
    /** An item for each connection, replaced by what the answer brings. */
    chain: ({ request, next }, items) => (index) => {

        let item = items[index];
        return {
            next: () => serialize(request(item)),
            answered: (body) => {

                item = next(body);
            }
        };
    }
};

const percentile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];

/**
 * Keeps this process's core from going to sleep while answers are awaited: to wake one up costs the server that answers some 15 µs on a virtual machine, but only
 * a server that is slower than the load pays it, so that bare hapi would look better beside the others than it is. It works for 10 µs between two looks at the
 * sockets, since a look at each moment holds up the kernel for the server as well.
 */
const stayAwake = (isOver) => {

    const until = performance.now() + 0.01;
    while (performance.now() < until) {
        // Awake
    }

    if (!isOver()) {
        setImmediate(stayAwake, isOver);
    }
};

/** Sends for so many seconds, or until nothing is left, to one port or to several; answers how many answers came, in how many milliseconds, and how long each took. */
const run = async ({ scenario: name, port, items, seconds, connections, staysAwake = false }) => {

    const ports = [port].flat();
    const scenario = await import(`../${name.includes('/') ? '' : 'scenarios/'}${name}.mjs`);
    const expected = scenario.status ?? 200;
    const sender = senders[scenario.load](scenario, items);
    const times = [];
    const open = [];
    let [begin, last, isOver] = [0, 0, false];

    await new Promise((resolve, reject) => {

        let running = connections;
        const connectionOf = async (index) => {

            const { next, answered } = sender(index);
            let sent = 0;
            const send = () => {

                const bytes = isOver ? null : next();
                if (bytes !== null) {
                    sent = performance.now();
                    connection.send(bytes);
                    return;
                }

                running -= 1;
                if (running === 0) {
                    isOver = true;
                    resolve();
                }
            };

            const connection = await openConnection(ports[index % ports.length], {
                failed: (err) => isOver || reject(err),
                answered: (status, bytes, at) => {

                    last = performance.now();
                    times.push(last - sent);
                    if (status !== expected) {
                        reject(new Error(`answered ${status} where ${expected} was expected: ${bytes.toString('utf8', at)}`));
                        return;
                    }

                    answered?.(bytes.toString('utf8', at));
                    isOver ||= last - begin >= seconds * 1000;
                    send();
                }
            });
            open.push(connection);
            return send;
        };

        Promise.all(Array.from({ length: connections }, (_, index) => connectionOf(index))).then((sends) => {

            begin = performance.now();
            sends.forEach((send) => send());
            if (staysAwake) {
                stayAwake(() => isOver);
            }
        }, reject);
    }).finally(() => {

        isOver = true;
        open.forEach(({ close }) => close());
    });

    const milliseconds = last - begin;
    times.sort((a, b) => a - b);
    return { count: times.length, milliseconds, p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
};

serveCalls({ run, cpu: () => process.cpuUsage() });
