import { expect } from '@hapi/code';
import Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { beginInteraction } from '../../lib/endpoints/begin-interaction';
import { Browser, declareCookies } from '../../lib/endpoints/browser';
import { Secrets } from '../../lib/protocol/secrets';
import { MemoryStore } from '../../lib/stores/memory';
import { epoch } from '../fixture/clock';
import { injectedBrowser } from '../fixture/injected-browser';
import { rateLimits } from '../fixture/limits';
import { signInParts } from '../fixture/sign-in';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const serverOf = (waiting = { path: '/authorize', search: '?a=b', next: '/next' }) => {

    const clock = () => epoch;
    const { browsers, interactions } = signInParts({ store: new MemoryStore({ clock }), secrets: new Secrets(['s'.repeat(32)]), clock });
    const server = Hapi.server({ debug: false });
    declareCookies(server, browsers);
    const beginning = { interactions, limits: rateLimits({ clock, setting: { interaction: { requests: 3, seconds: 60 } } }) };
    server.route([
        { method: 'GET', path: '/begin', handler: async (request, h) => h.response(await beginInteraction(beginning, new Browser(browsers, request, h), waiting, request)) },
        { method: 'GET', path: '/go-on/{ref}', handler: async (request, h) => h.response(await beginInteraction(beginning, new Browser(browsers, request, h), waiting, request, String(request.params.ref))) },
        {
            method: 'GET',
            path: '/find/{ref}',
            handler: async (request, h) => {

                const { mark } = new Browser(browsers, request, h);
                const found = mark === null ? null : await interactions.find(String(request.params.ref), mark.secret);
                return { latest: mark?.latest, found: found && { path: found.path, search: found.search, next: found.next } };
            }
        }
    ]);
    return server;
};

describe('beginInteraction()', () => {

    it('keeps what waits for its user, for this browser alone', async () => {

        const server = serverOf();
        const [here, elsewhere] = [injectedBrowser(server), injectedBrowser(server)];
        const ref = (await here.open('/begin')).payload;
        await elsewhere.open('/begin');
        expect(JSON.parse((await here.open(`/find/${ref}`)).payload)).to.equal({ latest: ref, found: { path: '/authorize', search: '?a=b', next: '/next' } });
        expect(JSON.parse((await elsewhere.open(`/find/${ref}`)).payload)).to.include({ found: null });
    });

    it('begins nothing anew where it has begun, and remembers it as the latest; the first one is still this browser\'s', async () => {

        const server = serverOf();
        const here = injectedBrowser(server);
        const first = (await here.open('/begin')).payload;
        const second = (await here.open('/begin')).payload;
        expect(second).to.not.equal(first);
        expect((await here.open(`/go-on/${first}`)).payload).to.equal(first);
        expect(JSON.parse((await here.open(`/find/${second}`)).payload)).to.include({ latest: first }).and.not.include({ found: null });
    });

    it('keeps no more than the limit says, whatever browser it is; what has begun goes on', async () => {

        const server = serverOf();
        const refs: string[] = [];
        for (let i = 0; i < 3; ++i) {
            refs.push((await injectedBrowser(server).open('/begin')).payload);
        }

        const here = injectedBrowser(server);
        const refused = await here.open('/begin');
        expect([refused.statusCode, refused.headers['retry-after'], here.jar.size]).to.equal([429, '60', 0]);
        const [first = ''] = refs;
        expect((await here.open(`/go-on/${first}`)).payload).to.equal(first);
    });

    it('keeps nothing that is longer than a URL may be', async () => {

        const codeOf = async (length: number) => (await injectedBrowser(serverOf({ path: '/authorize', search: 'a'.repeat(length), next: '/next' })).open('/begin')).statusCode;
        expect([await codeOf(16_384), await codeOf(16_385)]).to.equal([200, 413]);
    });
});
