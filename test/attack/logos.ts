import { createServer, request as httpRequest, type ServerResponse } from 'node:http';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { guardedFetch, type GuardedFetchOptions } from '../../lib/clients/guarded-fetch';
import { injectedBrowser } from '../fixture/injected-browser';
import { pictures } from '../fixture/logos';
import { login, redirectUri, registeredServer } from '../fixture/registered-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const here = '127.0.0.1';
const odd = 'a b/../"><img src=x onerror=alert(1)>&client_id=web?#%00';

/** A server whose clients' logos are on a hostile one: what that one is asked for, and what the browser then gets. */
const hostile = async (answer: (path: string, response: ServerResponse) => unknown, run: (bench: {
    readonly logo: (clientId?: string) => Promise<{ readonly statusCode: number; readonly payload: string; readonly type: unknown }>;
    readonly asked: string[];
    readonly page: (clientId: string) => Promise<string>;
    readonly port: number;
}) => Promise<void>, options: GuardedFetchOptions = {}) => {

    const asked: string[] = [];
    const listener = createServer(({ url = '' }, response) => {

        asked.push(url);
        answer(url, response);
    });
    await new Promise<void>((resolve) => listener.listen(0, here, resolve));
    const address = listener.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const guarded = guardedFetch({
        resolve: () => Promise.resolve([{ address: here, family: 4 }]),
        isAllowed: (known) => known === here,
        request: (asking, onResponse) => httpRequest({ ...asking, protocol: 'http:' }, onResponse),
        ...options
    });
    const logoClient = (id: string, path = '/logo') => ({ client_id: id, client_secret: 'a-secret', redirect_uris: [redirectUri], scope: 'openid', logo_uri: `https://client.example:${port}${path}` });
    const { server, authorizeUrl } = await registeredServer([login()], (hub) => {

        hub.setClients([logoClient('web'), logoClient(odd, '/odd')]).setConsent('explicit');
        Object.defineProperty(hub, 'outbound', { get: () => guarded });
    });
    try {
        await run({
            asked, port,
            logo: async (clientId = 'web') => {

                const { statusCode, payload, headers } = await server.inject(`/oauth2/authorize/logo?client_id=${encodeURIComponent(clientId)}`);
                return { statusCode, payload, type: headers['content-type'] };
            },
            page: async (clientId) => {

                const browser = injectedBrowser(server);
                const asking = await browser.submit(await browser.open(authorizeUrl({ client_id: clientId, scope: 'openid' })), { username: 'alice', password: 'right' });
                expect(String(asking.headers['content-security-policy'])).to.contain('; img-src \'self\'; ').and.not.contain('client.example');
                return asking.payload;
            }
        });
    }
    finally {
        listener.closeAllConnections();
        await new Promise((resolve) => listener.close(resolve));
    }
};

const nothing = { statusCode: 404, payload: '', type: undefined };

describe('A client\'s logo', () => {

    it('is asked for by this server alone: the page names no host but its own, whatever the client is called', async () => {

        await hostile((_path, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(pictures.png), async ({ page, logo, asked }) => {

            for (const clientId of ['web', odd]) {
                const html = await page(clientId);
                expect(html).to.not.contain('client.example').and.not.contain('<img src=x');
                const src = new URL(/<img class="logo" src="(\/[^"]*)" alt=""/.exec(html)?.[1] ?? '/', 'http://localhost');
                expect([src.host, src.pathname, [...src.searchParams]]).to.equal(['localhost', '/oauth2/authorize/logo', [['client_id', clientId]]]);
                expect(asked.length).to.equal(clientId === 'web' ? 0 : 1);
                expect((await logo(clientId)).type).to.equal('image/png');
            }

            expect(asked).to.equal(['/logo', '/odd']);
        });
    });

    it('that redirects to this machine is not followed', async () => {

        for (const status of [301, 302, 303, 307, 308]) {
            await hostile((path, response) => (path === '/logo' ? response.writeHead(status, { location: '/secret', 'content-type': 'image/png' }).end(pictures.png) : response.end(pictures.png)), async ({ logo, asked }) => {

                expect(await logo()).to.equal(nothing);
                expect(asked).to.equal(['/logo']);
            });
        }
    });

    it('on a machine that is not on the internet is not asked for, whatever its name means', async () => {

        for (const address of [here, '169.254.169.254', '10.0.0.1']) {
            await hostile((_path, response) => response.end(pictures.png), async ({ logo, asked }) => {

                expect(await logo()).to.equal(nothing);
                expect(asked).to.equal([]);
            }, { isAllowed: () => false, resolve: () => Promise.resolve([{ address, family: 4 }]) });
        }
    });

    it('that is a page or holds a script is not served, whatever its server calls it', async () => {

        for (const body of ['<!doctype html><script>alert(1)</script>', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', '<?xml version="1.0"?><svg onload="alert(1)"/>', '']) {
            await hostile((_path, response) => response.writeHead(200, { 'content-type': 'image/png' }).end(body), async ({ logo }) => {

                expect(await logo()).to.equal(nothing);
            });
        }
    });

    it('that never ends, or is 10 MB, costs no more than its bound', async () => {

        let late = () => {};
        await hostile((_path, response) => {

            response.writeHead(200).write(pictures.png);
            late();
        }, async ({ logo }) => {

            expect(await logo()).to.equal(nothing);
        }, { timer: (run) => {

            late = run;
            return () => undefined;
        } });

        let sent = 0;
        await hostile((_path, response) => {

            const chunk = Buffer.concat([pictures.png, Buffer.alloc(65_536)]);
            const more = () => {

                while (sent < 10_485_760 && !response.destroyed) {
                    sent += chunk.length;
                    if (!response.write(chunk)) {
                        response.once('drain', more);
                        return;
                    }
                }

                response.end();
            };

            more();
        }, async ({ logo }) => {

            expect(await logo()).to.equal(nothing);
            expect(sent).to.be.below(10_485_760);
        });
    });

    it('is no way to hammer its host: it is asked once, whoever asks how often', async () => {

        await hostile((_path, response) => response.writeHead(500).end(), async ({ logo, asked }) => {

            await Promise.all(Array.from({ length: 20 }, () => logo()));
            for (let i = 0; i < 20; ++i) {
                expect(await logo()).to.equal(nothing);
            }

            expect(asked).to.equal(['/logo']);
        });
    });

    it('is the same nothing for odd names of clients that there are not', async () => {

        await hostile((_path, response) => response.end(pictures.png), async ({ logo, asked }) => {

            for (const clientId of ['', '../web', 'web\0', 'web/', 'WEB', '__proto__', 'constructor', '%77eb', '☃', 'web&client_id=web', 'x'.repeat(10_000)]) {
                expect(await logo(clientId), clientId).to.equal(nothing);
            }

            expect(asked).to.equal([]);
        });
    });
});
