import { createServer, request as httpRequest, type IncomingMessage, type RequestListener } from 'node:http';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OutboundError, guardedFetch, jsonOf, unguardedFetch, type GuardedFetchOptions } from '../../lib/clients/guarded-fetch';
import type { Timer } from '../../lib/stores/timer';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const here = { address: '127.0.0.1', family: 4 };
const isAllowed = (address: string) => address === here.address;

/** Node's own client, without the TLS that a server of the tests has no certificate for. */
const plain: NonNullable<GuardedFetchOptions['request']> = (options, onResponse) => httpRequest({ ...options, protocol: 'http:' }, onResponse);

/** Runs a function against a server on this machine that calls itself client.example. */
const serving = async <T>(listener: RequestListener, run: (url: string, port: number) => Promise<T>): Promise<T> => {

    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, here.address, resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
        return await run(`https://client.example:${port}`, port);
    }
    finally {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
    }
};

const guarded = (options: GuardedFetchOptions = {}) => guardedFetch({ resolve: () => Promise.resolve([here]), isAllowed, request: plain, ...options });

const problemOf = async (promise: Promise<unknown>): Promise<string> => {

    const err = await expect(promise).to.reject(OutboundError);
    return err.problem;
};

describe('guardedFetch()', () => {

    it('gets a document, by the name that was asked for, with nothing of this server\'s', async () => {

        const seen: IncomingMessage[] = [];
        await serving((request, response) => {

            seen.push(request);
            response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'a=b' }).end('{"a":1}');
        }, async (url, port) => {

            const response = await guarded().fetch(`${url}/keys?x=1`, { headers: { accept: 'application/json' } });
            expect(response).to.equal({ status: 200, contentType: 'application/json', body: Buffer.from('{"a":1}') });
            expect(jsonOf(response)).to.equal({ a: 1 });
            expect(seen[0]).to.include({ method: 'GET', url: '/keys?x=1' });
            expect(seen[0]?.headers).to.equal({ accept: 'application/json', 'user-agent': 'hapi-oauth2-flows', host: `client.example:${port}`, connection: 'close' });
        });
    });

    it('posts a body', async () => {

        await serving((request, response) => {

            request.on('data', (part: Buffer) => response.write(part)).on('end', () => response.end(request.method));
        }, async (url) => {

            const { body } = await guarded().fetch(url, { method: 'POST', body: 'logout_token=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } });
            expect(body.toString()).to.equal('logout_token=xPOST');
        });
    });

    it('goes to the address that was checked, however Node asks for it and whatever the name means by then', async () => {

        await serving((_request, response) => response.end('here'), async (url) => {

            for (const sideBySide of [{ autoSelectFamily: true }, { autoSelectFamily: false }]) {
                let asked = 0;
                const rebinding = guarded({
                    resolve: () => Promise.resolve([++asked === 1 ? here : { address: '10.0.0.1', family: 4 }]),
                    request: (options, onResponse) => plain({ ...options, ...sideBySide }, onResponse)
                });
                expect((await rebinding.fetch(url)).body.toString()).to.equal('here');
                expect(asked).to.equal(1);
                expect(await problemOf(rebinding.fetch(url))).to.equal('address_refused');
            }
        });
    });

    it('refuses an address that is not public, also one of several, before it connects', async () => {

        const called: string[] = [];
        const request: typeof plain = (options) => {

            called.push(String(options.hostname));
            throw new Error('never');
        };

        const one = { address: '1.1.1.1', family: 4 };
        for (const addresses of [[here], [one, here], [here, one], [one, { address: '::ffff:7f00:1', family: 6 }], [{ address: '169.254.169.254', family: 4 }]]) {
            const outbound = guardedFetch({ resolve: () => Promise.resolve(addresses), request });
            expect(await problemOf(outbound.fetch('https://client.example/'))).to.equal('address_refused');
            expect(await problemOf(outbound.check('https://client.example/'))).to.equal('address_refused');
        }

        const outbound = guardedFetch({ request, resolve: () => Promise.reject(new Error('not asked')) });
        for (const host of ['127.0.0.1', '2130706433', '0x7f.1', '0177.0.0.1', '127.1', '[::1]', '[::ffff:127.0.0.1]', '[::]', '0', '10.0.0.1', '169.254.169.254', '[fd00:ec2::254]', '[64:ff9b::a9fe:a9fe]', '１２７.0.0.1']) {
            expect(await problemOf(outbound.fetch(`https://${host}/`)), host).to.equal('address_refused');
        }

        expect(called).to.equal([]);
    });

    it('refuses every URL but https without credentials', async () => {

        for (const url of ['http://client.example/', 'file:///etc/passwd', 'ftp://client.example/', 'gopher://client.example/', 'data:,x', 'javascript:alert(1)', '', 'client.example', '//client.example/', 'https://', 'https://me@client.example/', 'https://me:secret@client.example/', 'https://:secret@client.example/']) {
            expect(await problemOf(guarded().fetch(url)), url).to.equal('url_refused');
            expect(await problemOf(guarded().check(url)), url).to.equal('url_refused');
        }
    });

    it('follows no redirect', async () => {

        const paths: unknown[] = [];
        await serving((request, response) => {

            paths.push(request.url);
            response.writeHead(302, { location: 'http://127.0.0.1/admin' }).end();
        }, async (url) => {

            const response = await guarded().fetch(url);
            expect(response.status).to.equal(302);
            expect(() => jsonOf(response)).to.throw(OutboundError);
        });
        expect(paths).to.equal(['/']);
    });

    it('reads no more than it was told to, whatever the length says', async () => {

        await serving((request, response) => {

            if (request.url === '/chunked') {
                response.write('x'.repeat(600));
                response.end('x'.repeat(600));
            }
            else {
                response.end('x'.repeat(request.url === '/just' ? 1000 : 1001));
            }
        }, async (url) => {

            expect((await guarded().fetch(`${url}/just`, { maxBytes: 1000 })).body).to.have.length(1000);
            expect(await problemOf(guarded().fetch(`${url}/over`, { maxBytes: 1000 }))).to.equal('too_large');
            expect(await problemOf(guarded().fetch(`${url}/chunked`, { maxBytes: 1000 }))).to.equal('too_large');
        });
        await serving((_request, response) => void response.end('x'.repeat(65_537)), async (url) => expect(await problemOf(guarded().fetch(url))).to.equal('too_large'));
    });

    it('ends in time, also where the name, the headers or the body never come, and ends the connection', async () => {

        const expiring = () => {

            const expire: { now: () => void; ms: number; cancelled: boolean } = { now: () => undefined, ms: 0, cancelled: false };
            const timer: Timer = (now, ms) => {

                Object.assign(expire, { now, ms });
                return () => {

                    expire.cancelled = true;
                };
            };

            return { expire, timer };
        };

        const name = expiring();
        const waiting = guarded({ timer: name.timer, resolve: () => new Promise(() => undefined) }).fetch('https://client.example/');
        name.expire.now();
        expect(await problemOf(waiting)).to.equal('timeout');
        expect(name.expire).to.include({ ms: 5000, cancelled: true });

        const late = expiring();
        let answer = (_addresses: readonly (typeof here)[]) => {};
        const nobody: string[] = [];
        const gone = guarded({ timer: late.timer, resolve: () => new Promise((resolve) => {

            answer = resolve;
        }), request: (options, onResponse) => (nobody.push('asked'), plain(options, onResponse)) }).fetch('https://client.example/');
        late.expire.now();
        expect(await problemOf(gone)).to.equal('timeout');
        answer([here]);
        await new Promise(setImmediate);
        expect(nobody).to.equal([]);                            // The name came too late: nobody is asked any more

        for (const path of ['/headers', '/body']) {
            expect(await hanging(path, expiring()), path).to.equal('timeout');
        }
    });

    /** A server that never ends its answer, whose connection has to end all the same. */
    const hanging = async (path: string, { expire, timer }: { readonly expire: { now: () => void }; readonly timer: Timer }) => {

        let closed = () => {};
        const ended = new Promise<void>((resolve) => {

            closed = resolve;
        });
        return await serving((request, response) => {

            request.socket.once('close', () => closed());
            if (path === '/body') {
                response.write('{');
            }

            setImmediate(() => expire.now());
        }, async (url) => {

            const problem = await problemOf(guarded({ timer }).fetch(url + path));
            await ended;
            return problem;
        });
    };

    it('says that a server is unreachable where it is, where it has no name, and where it breaks off', async () => {

        expect(await problemOf(guarded({ resolve: () => Promise.reject(new Error('ENOTFOUND')) }).fetch('https://client.example/'))).to.equal('unreachable');
        expect(await problemOf(guarded({ resolve: () => Promise.resolve([]) }).fetch('https://client.example/'))).to.equal('unreachable');
        await serving((request, response) => {

            response.writeHead(200, { 'content-length': '10' });
            response.write('x');
            setImmediate(() => request.socket.destroy());
        }, async (url) => {

            expect(await problemOf(guarded().fetch(url))).to.equal('unreachable');
        });
        expect(await problemOf(guarded().fetch('https://client.example:1/'))).to.equal('unreachable');
    });

    it('checks an address without asking it', async () => {

        const request: typeof plain = () => {

            throw new Error('never');
        };

        await guarded({ request }).check('https://client.example/');
        await guarded({ request }).check('https://127.0.0.1/');
        expect(await problemOf(guarded({ request, resolve: () => Promise.reject(new Error('ENOTFOUND')) }).check('https://client.example/'))).to.equal('unreachable');
    });

    it('uses TLS, the system\'s names and real timers by itself', async () => {

        expect(await problemOf(guardedFetch().fetch('https://localhost/'))).to.equal('address_refused');
        await serving((_request, response) => response.end('no TLS'), async (_url, port) => {

            expect(await problemOf(guardedFetch({ isAllowed }).fetch(`https://127.0.0.1:${port}/`))).to.equal('unreachable');
        });
    });
});

describe('unguardedFetch()', () => {

    it('asks the function of the project, for https only', async () => {

        const asked: unknown[] = [];
        const outbound = unguardedFetch((...call) => (asked.push(call), Promise.resolve({ status: 200, contentType: undefined, body: Buffer.from('[]') })));
        expect(jsonOf(await outbound.fetch('https://127.0.0.1/', { maxBytes: 1 }))).to.equal([]);
        await outbound.check('https://127.0.0.1/');
        expect(asked).to.equal([['https://127.0.0.1/', { maxBytes: 1 }]]);
        expect(await problemOf(outbound.fetch('http://client.example/'))).to.equal('url_refused');
        expect(await problemOf(outbound.check('http://client.example/'))).to.equal('url_refused');
        expect(await problemOf(unguardedFetch(() => Promise.reject(new Error('proxy'))).fetch('https://client.example/'))).to.equal('unreachable');
    });
});

describe('jsonOf()', () => {

    it('is the value of a good reply, and of no other', () => {

        const reply = (body: string, status = 200) => ({ status, contentType: undefined, body: Buffer.from(body) });
        expect(jsonOf(reply('[1]'))).to.equal([1]);
        for (const bad of [reply('[1]', 201), reply('[1]', 404), reply('<html>'), reply('')]) {
            expect(() => jsonOf(bad)).to.throw(OutboundError);
        }
    });
});
