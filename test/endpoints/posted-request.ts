import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { declareCookies } from '../../lib/endpoints/browser';
import { pageEndpoint } from '../../lib/endpoints/page';
import { takingPostedRequests } from '../../lib/endpoints/posted-request';
import { Secrets } from '../../lib/protocol/secrets';
import { MemoryStore } from '../../lib/stores/memory';
import { numberOn } from '../fixture/authorization';
import { epoch, testClock } from '../fixture/clock';
import { quietServer } from '../fixture/flows';
import { injectedBrowser } from '../fixture/injected-browser';
import { rateLimits } from '../fixture/limits';
import { form } from '../fixture/provision';
import { signInParts } from '../fixture/sign-in';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

/** Two pages that say what they were asked, and browsers for them. */
const bench = () => {

    const { now, advance } = testClock();
    const store = new MemoryStore({ clock: now });
    const { browsers, pages } = signInParts({ store, secrets: Secrets.generate(), clock: now });
    const server = quietServer();
    declareCookies(server, browsers);
    const { get, post } = takingPostedRequests({ store, clock: now, browsers, pages, limits: rateLimits({ clock: now }) }, async (asked, search) => await Promise.resolve({ name: asked.get('name') ?? null, search }));
    for (const path of ['/page', '/other']) {
        server.route(pageEndpoint({ path, options: {}, pages, description: 'A page' }, get, post));
    }

    const events: unknown[] = [];
    server.events.on({ name: 'request', channels: 'app' }, (_request, { tags, data }) => events.push([tags, data]));
    return { store, advance, events, browser: () => injectedBrowser(server) };
};

const sent = { name: 'Ä & "b"', state: 'the state of the client' };

describe('takingPostedRequests()', () => {

    it('answers a query at once, and so a form from a browser that sends its session cookie', async () => {

        const { browser, store } = bench();
        const ada = browser();
        ada.jar.set('oauth2-session', 'whatever');
        expect(JSON.parse((await ada.send({ url: '/page?name=x' })).payload)).to.equal({ name: 'x', search: '?name=x' });
        expect(JSON.parse((await ada.send(form('/page', sent))).payload)).to.equal({ name: sent.name, search: `?${new URLSearchParams(sent).toString()}` });
        expect((await store.list('posted_request', null, 10)).items).to.be.empty();
    });

    it('keeps a form that came without the cookie for a minute, and answers it once', async () => {

        const { browser, advance, events } = bench();
        const kept = await browser().send(form('/page', sent));
        expect(kept.location).to.match(/^\/page\?posted_request=[\w-]{43}$/);
        advance(59);
        expect(JSON.parse((await browser().open(kept.location)).payload)).to.equal({ name: sent.name, search: `?${new URLSearchParams(sent).toString()}` });
        const again = await browser().open(kept.location);
        expect([again.statusCode, numberOn(again)?.length]).to.equal([400, 8]);
        expect(events).to.equal([[['oauth', 'refused'], { reason: 'posted_request_gone', error: 'invalid_request', client_id: undefined, reference: numberOn(again) }]]);
        const late = await browser().send(form('/page', sent));
        advance(60);
        expect((await browser().open(late.location)).statusCode).to.equal(400);
    });

    it('is taken up once, however many come at the same moment', async () => {

        const { browser } = bench();
        const { location } = await browser().send(form('/page', sent));
        const answers = await Promise.all(Array.from({ length: 20 }, () => browser().open(location)));
        expect(answers.filter(({ statusCode }) => statusCode === 200)).to.have.length(1);
        expect(answers.filter(({ statusCode }) => statusCode === 400)).to.have.length(19);
    });

    it('keeps no request that is longer than a query could be', async () => {

        const { browser, store } = bench();
        const long = (length: number) => form('/page', { name: 'x'.repeat(length - '?name='.length) });
        expect((await browser().send(long(16_385))).statusCode).to.equal(413);
        expect((await store.list('posted_request', null, 10)).items).to.be.empty();
        expect((await browser().send(long(16_384))).statusCode).to.equal(303);
    });

    it('takes up at one page nothing that was posted to another one', async () => {

        const { browser } = bench();
        const { location } = await browser().send(form('/page', sent));
        for (const url of [location.replace('/page', '/other'), `/page?posted_request=${'A'.repeat(43)}`, '/page?posted_request=__proto__', `${location}&posted_request=x`]) {
            expect((await browser().open(url)).statusCode, url).to.equal(400);
        }

        expect((await browser().open(location)).statusCode).to.equal(200);
    });

    it('attack: who reads the store reads no request, and who writes to it slips none in', async () => {

        const { browser, store } = bench();
        const [ada, mallory] = [await browser().send(form('/page', sent)), await browser().send(form('/page', { name: 'mallory' }))];
        const { items } = await store.list('posted_request', null, 10);
        expect(JSON.stringify(items)).to.not.contain('state').and.not.contain('mallory').and.not.contain(ada.location.slice(-43));
        const [first, second] = items;
        await store.put({ kind: 'posted_request', key: first?.key ?? '', value: { ...second?.value }, expiresAt: epoch + 1000 });
        await store.put({ kind: 'posted_request', key: second?.key ?? '', value: { search: 'x' }, expiresAt: epoch + 1000 });
        for (const { location } of [ada, mallory]) {
            const { statusCode, payload } = await browser().open(location);
            expect([statusCode, payload.includes('This page cannot be shown twice')]).to.equal([400, true]);
        }
    });
});
