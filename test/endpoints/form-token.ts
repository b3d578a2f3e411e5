import { expect } from '@hapi/code';
import Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { Browser, declareCookies } from '../../lib/endpoints/browser';
import { FormTokens } from '../../lib/endpoints/form-token';
import { Secrets } from '../../lib/protocol/secrets';
import { MemoryStore } from '../../lib/stores/memory';
import { epoch } from '../fixture/clock';
import { injectedBrowser } from '../fixture/injected-browser';
import { signInParts } from '../fixture/sign-in';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const [old, current] = ['o'.repeat(32), 'c'.repeat(32)];

const serverWith = (secrets: Secrets, page = 'a page') => {

    const clock = () => epoch;
    const { browsers } = signInParts({ store: new MemoryStore({ clock }), secrets, clock });
    const tokens = new FormTokens(secrets, page);
    const server = Hapi.server({ debug: false });
    declareCookies(server, browsers);
    server.route([
        { method: 'GET', path: '/', handler: (request, h) => tokens.actionFor('/form', new Browser(browsers, request, h)) },
        { method: 'GET', path: '/form', handler: (request, h) => tokens.isOwn(request, new Browser(browsers, request, h)) }
    ]);
    return server;
};

describe('FormTokens', () => {

    it('are of use in the browser and at the page that they were made for', async () => {

        const secrets = new Secrets([current]);
        const server = serverWith(secrets);
        const [here, elsewhere] = [injectedBrowser(server), injectedBrowser(server)];
        const own = (await here.open('/')).payload;
        expect(own).to.match(/^\/form\?csrf=[\w-]{43}$/);
        expect((await here.open('/')).payload).to.equal(own);
        await elsewhere.open('/');
        const of = async (browser: typeof here, url: string) => (await browser.open(url)).payload;
        expect([await of(here, own), await of(elsewhere, own), await of(injectedBrowser(server), own)]).to.equal(['true', 'false', 'false']);
        expect([await of(here, '/form'), await of(here, '/form?csrf='), await of(here, `${own}x`), await of(here, `/form?csrf=x&csrf=${own.slice(11)}`)]).to.equal(['false', 'false', 'false', 'false']);
        expect(await of(injectedBrowser(serverWith(secrets, 'another page'), here.jar), own)).to.equal('false');
    });

    it('outlive the secret that they were made with for as long as it is listed', async () => {

        const here = injectedBrowser(serverWith(new Secrets([old])));
        const own = (await here.open('/')).payload;
        const of = async (secrets: readonly string[]) => (await injectedBrowser(serverWith(new Secrets(secrets)), here.jar).open(own)).payload;
        expect([await of([current, old]), await of([current])]).to.equal(['true', 'false']);
    });
});
