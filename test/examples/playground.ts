import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { claimMeaning } from '../../examples/demo/playground/claims';
import { altered, type Flow } from '../../examples/demo/playground/flow';
import { flows } from '../../examples/demo/playground/flows';
import { html, prose } from '../../examples/demo/playground/html';
import { headerMeaning, parameterMeaning } from '../../examples/demo/playground/parameters';
import { Sessions } from '../../examples/demo/playground/sessions';
import { cookieHeader, open, submit, unescapeHtml, type Page } from '../fixture/browser';
import { startDemo, type RunningDemo } from '../fixture/demo';
import { call } from '../fixture/http';
import { actsOf, textOf, walker, walks } from '../fixture/playground';

const lab = Lab.script();
const { after, before, describe, it } = lab;
export { lab };

describe('the playground', { timeout: 60_000 }, () => {

    let demo: RunningDemo;
    before(async () => {

        demo = await startDemo();
    });
    after(() => demo.stop());

    const verdict = ({ html: shown }: Page): string => textOf(/<(?:p|div) class="verdict.*?<\/p>/.exec(shown)?.[0] ?? '');
    const log = ({ html: shown }: Page): string => textOf(/<ol id="log"[\s\S]*/.exec(shown)?.[0] ?? '');

    /** The person of a device agrees in the same browser. */
    const agree = async ({ look, jar }: ReturnType<typeof walker>): Promise<void> => {

        const { html: shown } = await look('?step=person');
        const [, address = ''] = /<a class="button" href="([^"]*)" target/.exec(shown) ?? [];
        expect(shown).to.contain('<svg class="qr"');
        const url = unescapeHtml(address);
        expect(textOf(shown)).to.contain(new URL(url).searchParams.get('user_code') ?? '?');
        const form = await open(url, jar);
        const asked = form.html.includes('type="password"') ? await submit(form, { username: 'ada', password: 'lovelace' }) : await submit(form, {});
        const fields = { ...asked.form?.fields, decision: 'allow' };
        expect((await submit({ ...asked, form: { action: asked.form?.action ?? '', fields } }, {})).html).to.contain('Your device is connected');
    };

    const keepsEachPromise = (flow: Flow) => async (): Promise<void> => {

        const walk = walker(demo, flow.id);
        const acts = actsOf(flow);
        const order = walks[flow.id] ?? [];
        expect(new Set(order.filter((one) => typeof one === 'string' && one !== '+'))).to.equal(new Set([...acts].flatMap(([id, { by }]) => (by === 'person' ? [] : [id]))));
        await walk.look();
        for (const one of order) {
            if (typeof one === 'number') {
                demo.advance(one);
                continue;
            }

            if (one === '+') {
                await agree(walk);
                continue;
            }

            const page = await walk.press(one);
            const act = acts.get(one);
            expect(page.status, one).to.equal(200);
            if (act === undefined || act.by === 'itself' || act.by === 'person') {
                continue;
            }

            const [{ answer, means, reason }] = act.outcomes;
            expect(verdict(page), `${flow.id} ${one}`).to.equal(`As promised. ${means}`);
            const [status = '', error = ''] = answer.split(' ');
            expect(textOf(page.html)).to.contain(error).and.contain(status);
            expect(page.html, one).to.not.contain('class="wrong"');
            if (reason !== undefined) {
                expect(log(page), one).to.match(new RegExp(`^\\S*\\s*\\S+ refused .*? reason ${reason}`));
            }
        }

        const page = await walk.look();
        expect(unescapeHtml(page.html).match(/aria-hidden="true">✓/g)?.length).to.equal(flow.steps.length);
        expect(page.html).to.contain('Done: try another flow');
        const names = [...page.html.matchAll(/<p class="caption">(?:Header|Claims)<\/p>\n<dl[\s\S]*?<\/dl>/g)].flatMap(([table]) => [...table.matchAll(/<dt><code>(.*?)<\/code>/g)].map(([, name = '']) => name));
        expect(names.filter((name) => claimMeaning(name) === undefined)).to.equal([]);

        const sent = [...acts].filter(([, { by }]) => by === 'client' || by === 'browser').map(([id]) => id);
        for (const id of [...sent].reverse().concat(sent)) {                            // Nobody is stopped from pressing again, in whatever order
            const again = await walk.press(id);
            expect(verdict(again) || textOf(again.html), `${flow.id} ${id} again`).to.match(/^(?:As promised|Also possible)\. .|^You are signed out/);
        }
    };

    for (const flow of flows) {
        it(`keeps each promise of ${flow.id}`, keepsEachPromise(flow));
    }

    it('explains each claim of its tokens, and each parameter that it sends', async () => {

        for (const [id, order] of [['code', ['prepare', 'authorize', 'redeem']], ['exchange', ['prepare', 'authorize', 'redeem', 'exchange']], ['device', ['start']]] as const) {
            const walk = walker(demo, id);
            await walk.look();
            for (const act of order) {
                const { html: shown } = await walk.press(act);
                const rows = [...shown.matchAll(/<dt><code>([^<]*)<\/code><\/dt><dd><code class="value">(?:[^<]*)<\/code>(<span class="meaning">)?/g)];
                const unexplained = rows.filter(([, , meaning]) => meaning === undefined).map(([, name = '']) => name);
                expect(unexplained.filter((name) => !['content-type', 'code_verifier', 'code_challenge', 'state', 'nonce'].includes(name)), act).to.equal([]);
            }
        }

        expect([parameterMeaning('constructor'), claimMeaning('constructor')]).to.equal([undefined, undefined]);
    });

    it('tells in words of its own what else may come', async () => {

        const walk = walker(demo, 'device');
        await walk.look();
        await walk.press('start');
        expect(verdict(await walk.press('poll'))).to.contain('Also possible. The person has not decided yet.');
        expect(verdict(await walk.press('poll'))).to.contain('Also possible. The device asked again too soon');
        const code = walker(demo, 'code');
        await code.look();
        await code.press('prepare');
        await code.press('authorize');
        demo.advance(61);
        expect(verdict(await code.press('redeem'))).to.contain('Also possible. The code lived for 60 seconds');
        await code.press('authorize');
        await code.press('prepare');
        expect(verdict(await code.press('redeem'))).to.contain('Also possible. The secrets were made up anew');
        const machine = walker(demo, 'client-credentials');
        await machine.look();
        for (let i = 0; i < 20; ++i) {
            await machine.press('token.wrong-secret');
        }

        expect(verdict(await machine.press('token'))).to.contain('Something else came. Too many wrong tries have come from this address');
        demo.advance(600);
        expect(verdict(await machine.press('token'))).to.contain('As promised.');
    });

    it('keeps the tokens that come to a device that asks twice, and leads on', async () => {

        const walk = walker(demo, 'device');
        await walk.look();
        await walk.press('start');
        await agree(walk);
        const page = await walk.press('poll.too-fast');
        expect(verdict(page)).to.contain('Also possible. The person has agreed, and nobody had asked since');
        expect(page.html).to.contain('Next: Use the token');
        expect((await walk.look()).html).to.contain('All requests of this walk (2)');               // One question alone
        expect(verdict(await walk.press('poll'))).to.contain('Also possible. A device code works once');
        expect(verdict(await walk.press('me'))).to.contain('As promised.');
    });

    it('says whether a sign-out ended a session, and leads on if there was none', async () => {

        const walk = walker(demo, 'logout');
        await walk.look();
        for (const one of ['prepare', 'authorize', 'redeem']) {
            await walk.press(one);
        }

        expect(verdict(await walk.press('logout.without-hint'))).to.contain('As promised. The person has pressed the button');
        expect(textOf((await walk.press('logout.without-hint')).html)).to.match(/^You are signed out/);
        const page = await walk.press('logout');
        expect(verdict(page)).to.contain('Also possible.').and.contain('nobody was signed in any more').and.not.contain('question');
        expect(page.html).to.contain('Next: Is somebody there now');
    });

    it('puts the next step right below the verdict, and a way to start over where something else came', async () => {

        const walk = walker(demo, 'inspect');
        await walk.look();
        expect((await walk.press('token')).html).to.match(/<p class="verdict kept[^\n]*<\/p>\n<p class="actions"><a class="button" href="\/playground\/inspect\?step=introspect#step">Next: /);
        await walk.press('revoke');
        expect((await walk.press('use')).html).to.match(/class="verdict other[^\n]*<\/p>\n(?!<p class="actions)/);
        const [, turn = ''] = /name="turn" value="(\d+)"/.exec((await walk.look('?step=use')).html) ?? [];
        const { fetch } = globalThis;
        globalThis.fetch = () => Promise.resolve(new Response('{}', { status: 418 }));
        try {
            const headers = { ...cookieHeader(walk.jar), 'content-type': 'application/x-www-form-urlencoded' };
            await demo.server.inject({ method: 'POST', url: '/playground/inspect', headers, payload: `act=use&turn=${turn}` });
            const { payload } = await demo.server.inject({ url: '/playground/inspect?step=use', headers: cookieHeader(walk.jar) });
            expect(payload).to.match(/<div class="verdict odd">.*Something else came.*\n?.*name="act" value="start-over".*Start over<\/button>/);
        }
        finally {
            globalThis.fetch = fetch;
        }
    });

    it('explains what caches are told', () => {

        expect(headerMeaning('cache-control', 'no-store')).to.contain('Nobody may keep this');
        expect(headerMeaning('cache-control', 'no-cache')).to.contain('asks the server before').and.not.contain('Nobody');
        expect(headerMeaning('cache-control', 'public, max-age=300')).to.contain('how many seconds');
    });

    it('shows the log as it goes on, of this walk alone', async () => {

        const walk = walker(demo, 'inspect');
        await walk.look();
        await walk.press('token');
        await walk.press('revoke');
        const own = await open(`${walk.path}/log`, walk.jar);
        expect(textOf(own.html)).to.match(/revoked .* issued /);
        expect(own.html).to.not.contain('demo-machine-secret');
        const other = walker(demo, 'inspect');
        expect(log(await other.look())).to.contain('Nothing yet.');
        expect(textOf((await open(`${other.path}/log`, new Map())).html)).to.equal('Nothing yet.');
    });

    it('shows earlier requests again, and starts over', async () => {

        const walk = walker(demo, 'client-credentials');
        await walk.look();
        await walk.press('token');
        const last = await walk.press('token.wrong-secret');
        expect(last.html).to.contain('All requests of this walk (2)');
        expect(textOf((await walk.look('?step=token&exchange=1')).html)).to.contain('The access token, decoded');
        for (const odd of ['0', '3', 'x', '__proto__', '1&exchange=2']) {
            expect(verdict(await walk.look(`?step=token&exchange=${odd}`)), odd).to.contain('As promised. An unknown client');
        }

        const page = await walk.press('start-over');
        expect(page.html).to.not.contain('All requests').and.not.contain('As promised');
    });

    it('does nothing twice when a form is sent twice, or comes from a page of before', async () => {

        const walk = walker(demo, 'client-credentials');
        const old = await walk.look('?step=token');
        const pages = await Promise.all([walk.press('token', old), walk.press('token', old)]);
        expect(pages.filter(({ html: shown }) => shown.includes('nothing was sent')).length).to.equal(1);
        expect((await walk.press('token', old)).html).to.contain('nothing was sent');
        expect((await walk.look()).html).to.not.contain('All requests of this walk');
    });

    it('says what to do about odd ids, missing steps and forgotten walks', async () => {

        const nowhere = await open(`${demo.url}/playground/nowhere`);
        expect([nowhere.status, nowhere.html.includes('There is no such flow')]).to.equal([404, true]);
        expect((await open(`${demo.url}/playground/nowhere/log`)).status).to.equal(404);
        expect((await open(`${demo.url}/playground`)).html).to.contain('one request at a time');

        const walk = walker(demo, 'code');
        for (const odd of ['?step=nonsense', '?step=__proto__', '?step=a&step=b', '?note=nonsense', '?note=__proto__', '?note=constructor', '?step=%3Cscript%3E']) {
            const page = await walk.look(odd);
            expect([page.status, page.html.includes('role="alert"'), page.html.includes('<script>')], odd).to.equal([200, false, false]);
            expect(page.html).to.contain('Make them up');
        }

        const send = async (fields: Readonly<Record<string, string>>, jar = walk.jar) => {

            const page = await walk.look();
            const [, turn = ''] = /name="turn" value="(\d+)"/.exec(page.html) ?? [];
            return await submit({ ...page, jar, form: { action: walk.path, fields: { turn, ...fields } } }, {});
        };

        expect((await send({ act: 'redeem' })).html).to.contain('needs something that an earlier one leaves');
        expect((await send({ act: 'nonsense' })).html).to.contain('There is no such step');
        expect((await send({})).html).to.contain('There is no such step');
        expect((await send({ act: 'prepare', turn: 'x' })).html).to.contain('nothing was sent');
        expect((await send({ act: 'prepare' }, new Map())).html).to.contain('had forgotten your walk');
        expect((await send({ act: 'prepare' }, new Map([['playground', 'made-up']]))).html).to.contain('had forgotten your walk');
        expect((await call(walk.path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })).status).to.equal(415);
        expect((await call(walk.path, { headers: { cookie: '=;;playground=%%%;"' } })).status).to.equal(200);
        expect((await call(`${demo.url}/playground/nowhere`, { method: 'POST', body: new URLSearchParams({}) })).status).to.equal(404);
    });

    it('takes no form from another site', async () => {

        const walk = walker(demo, 'code');
        const page = await walk.look();
        const [, turn = ''] = /name="turn" value="(\d+)"/.exec(page.html) ?? [];
        const cookie = cookieHeader(walk.jar);
        const send = (headers: Readonly<Record<string, string>>) => call(walk.path, { method: 'POST', headers: { ...cookie, ...headers }, body: new URLSearchParams({ act: 'prepare', turn }) });
        for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site', origin: demo.url }, { origin: 'https://evil.example.com' }, { origin: 'null' }] as Record<string, string>[]) {
            const { status, text } = await send(headers);
            expect([status, text.includes('came from another site')]).to.equal([403, true]);
        }

        expect((await send({ origin: demo.url })).status).to.equal(303);
    });

    it('believes no answer that it did not ask for', async () => {

        const walk = walker(demo, 'code');
        const back = `${demo.url}/playground/callback`;
        expect((await open(`${back}?code=stolen`)).html).to.contain('Nobody waits for this answer');
        await walk.look();
        expect((await open(`${back}?code=stolen`, walk.jar)).html).to.contain('Nobody waits for this answer');
        await walk.press('prepare');

        const page = await walk.look('?step=authorize');
        const [, turn = ''] = /name="turn" value="(\d+)"/.exec(page.html) ?? [];
        const cookie = cookieHeader(walk.jar);
        const sent = await call(walk.path, { method: 'POST', headers: cookie, body: new URLSearchParams({ act: 'authorize', turn }) });
        const state = new URL(sent.headers.get('location') ?? '').searchParams.get('state') ?? '';
        for (const forged of [`code=stolen&state=guessed&iss=${demo.url}`, `code=stolen&state=${state}`, `code=stolen&state=${state}&iss=https://evil.example.com`, `code=stolen&state=${state}&state=${state}&iss=${demo.url}`, '']) {
            const answer = await open(`${back}?${forged}`, walk.jar);
            expect([answer.status, textOf(answer.html).includes('This answer is to another question')], forged).to.equal([400, true]);
        }

        expect((await walk.look('?step=redeem')).html).to.contain('First:');
        const honest = await walk.press('authorize');
        expect(verdict(honest)).to.contain('As promised.');
        const late = await open(`${back}?code=again`, walk.jar);
        expect(late.html).to.contain('Nobody waits for this answer').and.contain('<a class="button" href="/playground/code">Back to: Sign a person in</a>');
        const other = walker(demo, 'logout', walk.jar);
        await other.look();
        await other.press('prepare');
        expect((await open(`${back}?error=access_denied&state=${state}`, walk.jar)).html).to.contain('href="/playground/code"').and.not.contain('href="/playground/logout"');
        expect((await open(`${back}?error=access_denied`, walk.jar)).html).to.contain('href="/playground/logout"');
        expect((await open(`${back}?error=access_denied`)).html).to.contain('Nobody waits for this answer').and.not.contain('Back to:');
    });

    it('takes back a browser that looked at another flow in between', async () => {

        const [walk, other] = [walker(demo, 'code'), walker(demo, 'logout')];
        await walk.look();
        await walk.press('prepare');
        const page = await walk.look('?step=authorize');
        const [, turn = ''] = /name="turn" value="(\d+)"/.exec(page.html) ?? [];
        const sent = await call(walk.path, { method: 'POST', headers: cookieHeader(walk.jar), body: new URLSearchParams({ act: 'authorize', turn }) });
        await walker(demo, other.flow.id, walk.jar).look();
        const signedIn = await submit(await open(sent.headers.get('location') ?? '', walk.jar), { username: 'ada', password: 'lovelace' });
        const consent = signedIn.headers.get('location') === null ? await submit({ ...signedIn, form: { action: signedIn.form?.action ?? '', fields: { ...signedIn.form?.fields, decision: 'allow' } } }, {}) : signedIn;
        expect(verdict(await open(consent.headers.get('location') ?? '', walk.jar))).to.contain('As promised.');
    });

    it('says that its own server did not answer', async () => {

        const walk = walker(demo, 'client-credentials');
        const { html: shown } = await walk.look();
        const [, turn = ''] = /name="turn" value="(\d+)"/.exec(shown) ?? [];
        const { fetch } = globalThis;
        globalThis.fetch = () => Promise.reject(new Error('secret detail'));
        try {
            const { statusCode, payload } = await demo.server.inject({ method: 'POST', url: '/playground/client-credentials', headers: { ...cookieHeader(walk.jar), 'content-type': 'application/x-www-form-urlencoded' }, payload: `act=token&turn=${turn}` });
            expect([statusCode, payload.includes('The server did not answer'), payload.includes('secret detail')]).to.equal([502, true, false]);
        }
        finally {
            globalThis.fetch = fetch;
        }

        expect(verdict(await walk.press('token'))).to.contain('As promised.');
        expect((await call(`${demo.url}/playground/metadata`)).headers.get('location')).to.equal(`${demo.url}/.well-known/openid-configuration`);
    });

    it('keeps pages to itself, and lets nothing into them', async () => {

        const { headers, text } = await call(`${demo.url}/playground/code`);
        expect(headers.get('content-security-policy')).to.contain('default-src \'none\'').and.contain('script-src \'self\'').and.not.contain('unsafe');
        expect(headers.get('cache-control')).to.equal('no-store');
        expect(headers.get('set-cookie')).to.match(/^playground=[\w-]{32}; HttpOnly; SameSite=Lax; Path=\/$/);
        expect(text).to.not.match(/<script>|<style|\son\w+=|style=/);
        for (const [name, type] of [['playground.css', 'text/css'], ['playground.js', 'text/javascript'], ['icon.svg', 'image/svg+xml']] as const) {
            expect((await call(`${demo.url}/playground/assets/${name}`)).headers.get('content-type')).to.contain(type);
        }

        const attack = '"><script>alert(1)</script>';
        expect(String(html`<p title="${attack}">${[attack, 1, undefined, false]}</p>`)).to.not.contain('<script>');
        expect(String(html`${prose(`a \`${attack}\` b`)}`)).to.match(/^a <code>[^<]*<\/code> b$/);
    });

    it('says where it is known, to a browser that came by another name', async () => {

        const known = await call(`http://127.0.0.1:${demo.port}/`).catch(() => undefined);
        expect((await call(`${demo.url}/`)).text).to.not.contain('This server is known as');
        if (known !== undefined) {                              // localhost may be IPv6 alone
            expect(textOf(known.text)).to.contain(`This server is known as ${demo.url}/`);
        }
    });

    it('forgets browsers that stay away, and those that are too many', () => {

        let now = 0;
        const sessions = new Sessions(() => now);
        const first = sessions.open();
        first.walk('code');
        now += 2 * 3_600_000 - 1;
        expect(sessions.find(first.id)).to.shallow.equal(first);
        now += 2 * 3_600_000;
        expect(sessions.find(first.id)).to.be.undefined();
        const others = Array.from({ length: 501 }, () => sessions.open());
        expect(sessions.walks).to.equal([]);
        expect(others.filter(({ id }) => sessions.find(id) !== undefined).length).to.equal(500);
        expect(sessions.find(others[0]?.id)).to.be.undefined();
        expect(sessions.find(undefined)).to.be.undefined();
    });

    it('alters a token for sure', () => {

        for (const token of ['aaaaaaaaaa', 'aaAAAAAAAA']) {
            expect(altered(token)).to.not.equal(token).and.to.have.length(token.length);
        }
    });
});
