import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { attack, authorizationEndpoint, credentials, issuer, query, refusalsIn, signInAt, stepOf, url } from '../fixture/authorization';
import { epoch } from '../fixture/clock';
import { codeChallenge, redirectUri } from '../fixture/flows';
import { form } from '../fixture/provision';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const iss = 'iss=https%3A%2F%2Fauth.example.com';

describe('The authorization endpoint of registered clients', () => {

    it('signs a user in and sends the client its code', async () => {

        const { browser, issued, logged } = authorizationEndpoint();
        const ada = browser();
        const page = await ada.open(url({ scope: 'openid read nowhere', nonce: 'n-1' }));
        expect([page.statusCode, page.payload.includes('type="password"'), page.payload.includes('role="alert"')]).to.equal([200, true, false]);

        const answer = await ada.submit(page, credentials);
        expect([answer.statusCode, answer.location]).to.equal([303, `${redirectUri}&code=code-1&state=abc&${iss}`]);
        expect(answer.headers).to.include({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
        const [{ client, session, ...rest } = { client: undefined, session: undefined }] = issued;
        expect(client?.id).to.equal('web');
        expect([session?.id.length, session?.sid.length, session?.id === session?.sid]).to.equal([43, 43, false]);
        expect(rest).to.equal({
            authorization: { clientId: 'web', redirectUri, responseType: 'code', scope: 'openid read', state: 'abc', nonce: 'n-1', resource: [], codeChallenge, codeChallengeMethod: 'S256' },
            redirectUriNamed: true, target: { audience: ['https://api.example.com'], scopes: ['openid', 'read'] }, parameters: {},
            subject: 'user-1', name: 'ada', acr: null, amr: [], authTime: epoch / 1000
        });
        expect(refusalsIn(logged)).to.equal([]);
    });

    it('says how the user signed in, in whole seconds, and whether the redirect URI was named', async () => {

        const { browser, issued, advance } = authorizationEndpoint({ authenticateUser: () => () => ({ subject: 'u', acr: 'urn:2fa', amr: ['pwd'], name: 'Ursula' }) });
        advance(1.999);
        await signInAt(browser(), { redirect_uri: null });
        expect(issued[0]).to.include({ subject: 'u', name: 'Ursula', acr: 'urn:2fa', amr: ['pwd'], authTime: epoch / 1000 + 1, redirectUriNamed: false });
    });

    it('knows a user who has signed in before: no second password (single sign-on)', async () => {

        const { browser, issued } = authorizationEndpoint();
        const ada = browser();
        await signInAt(ada);
        expect((await ada.open(url({ state: 'two' }))).location).to.equal(`${redirectUri}&code=code-2&state=two&${iss}`);
        expect(stepOf(await browser().open(url()))).to.equal('sign-in');
        expect(new Set(issued.map(({ session }) => session.id)).size).to.equal(1);
    });

    it('shows a page, and goes nowhere, where client and redirect URI are not both registered', async () => {

        const { browser, issued, logged } = authorizationEndpoint();
        const ada = browser();
        await signInAt(ada);
        issued.length = 0;
        const requests = [
            url({ client_id: 'nobody' }), url({ client_id: 'constructor' }), url({ client_id: '__proto__' }), url({ client_id: attack }), url({ client_id: null }),
            url({ redirect_uri: 'https://evil.example.com/cb' }), url({ redirect_uri: 'https://other.example.com/cb' }), url({ redirect_uri: `${redirectUri}.evil.com` }), url({ redirect_uri: 'javascript:alert(1)' }), url({ redirect_uri: attack }),
            url({ redirect_uri: null, scope: 'openid' }), url({ client_id: 'other', redirect_uri: null }), url({ client_id: 'cli', redirect_uri: null }),
            `${url()}&client_id=web`, `${url()}&redirect_uri=${encodeURIComponent('https://evil.example.com/')}`, url({ redirect_uri: 'https://evil.example.com/', prompt: 'none', response_type: 'x', response_mode: 'form_post' })
        ];
        for (const request of requests) {
            for (const who of [ada, browser()]) {
                for (const page of [await who.open(request), await who.send(form('/authorize', request.split('?')[1] ?? ''))]) {
                    const shown = page.statusCode === 303 ? await who.open(page.location) : page;
                    expect(shown.statusCode, request).to.equal(400);
                    expect(shown.headers.location, request).to.be.undefined();
                    expect(shown.payload, request).to.contain('This did not work').and.not.contain('<script').and.not.contain('<form');
                }
            }
        }

        expect(issued).to.be.empty();
        expect(refusalsIn(logged)).to.have.length(4 * requests.length);
        expect(refusalsIn(logged)[0]).to.include({ reason: 'unknown_client', error: 'invalid_client', client_id: 'nobody' });
    });

    it('tells the client everything else by redirect, and the log why, whoever has signed in', async () => {

        const { browser, issued, logged } = authorizationEndpoint();
        const [ada, nobody] = [browser(), browser()];
        await signInAt(ada);
        issued.length = 0;
        const refusals: readonly (readonly [Readonly<Record<string, string | null>>, string])[] = [
            [{ response_type: 'token' }, 'unsupported_response_type'], [{ response_type: null }, 'invalid_request'], [{ response_mode: 'web_message' }, 'invalid_request'],
            [{ request: 'a.b.c' }, 'request_not_supported'], [{ request_uri: 'urn:x' }, 'request_uri_not_supported'], [{ registration: '{}' }, 'registration_not_supported'],
            [{ code_challenge: null, code_challenge_method: null }, 'invalid_request'], [{ code_challenge_method: 'plain' }, 'invalid_request'], [{ code_challenge: 'short' }, 'invalid_request'],
            [{ prompt: 'none consent' }, 'invalid_request'], [{ max_age: '-1' }, 'invalid_request'], [{ id_token_hint: 'nonsense' }, 'invalid_request'],
            [{ scope: 'nowhere' }, 'invalid_scope'], [{ scope: 'html' }, 'invalid_scope'], [{ scope: attack }, 'invalid_scope'], [{ resource: 'https://evil.example.com' }, 'invalid_target']
        ];
        for (const [changes, error] of refusals) {
            for (const who of [ada, nobody]) {
                const answer = await who.open(url(changes));
                expect(answer.statusCode).to.equal(303);
                expect(answer.location, error).to.match(new RegExp(`^https://app\\.example\\.com/callback\\?tenant=a%20b&error=${error}&(?:error_description=[^&]+&)?state=abc&${iss}$`));
                expect(answer.payload).to.equal('');
            }
        }

        expect((await ada.open(url({ client_id: 'machine', redirect_uri: 'https://machine.example.com/cb' }))).location).to.startWith('https://machine.example.com/cb?error=unauthorized_client&');
        expect(issued).to.be.empty();
        expect(refusalsIn(logged)[0]).to.equal({ reason: 'unsupported_response_type', error: 'unsupported_response_type', client_id: 'web' });
        expect(refusalsIn(logged)).to.have.length(2 * refusals.length + 1);
    });

    it('refuses known parameters that were sent twice, by redirect; a state is then not sent back', async () => {

        const { browser } = authorizationEndpoint();
        const ada = browser();
        for (const name of ['response_type', 'scope', 'nonce', 'code_challenge', 'code_challenge_method', 'prompt', 'response_mode', 'request', 'request_uri', 'max_age', 'id_token_hint', 'login_hint', 'acr_values', 'organization']) {
            const value = { max_age: '1', response_mode: 'fragment', prompt: 'login' }[name] ?? 'read';
            const { location } = await ada.open(`${url({ [name]: value })}&${name}=${value}`);
            expect(location, name).to.match(/&error=(?:invalid_request|unsupported_response_type)&.*&state=abc&iss=/);
        }

        for (const again of ['abc', 'x', '']) {
            const address = new URL((await ada.open(`${url()}&state=${again}`)).location);
            expect([address.searchParams.get('error'), address.searchParams.has('state')]).to.equal(['invalid_request', false]);
        }

        expect((await ada.open(`${url()}&unknown=a&unknown=b`)).statusCode).to.equal(200);
    });

    it('gives the state back as it came, whatever is in it, and adds no header by it', async () => {

        const { browser } = authorizationEndpoint({ consent: () => 'explicit' });
        for (const state of ['a b+c%2B&=#', 'x\r\nset-cookie: a=b', '☃ ü 😀', attack, '{"a":"b"}', '&code=evil&iss=evil', ' ']) {
            for (const decision of ['allow', 'deny']) {
                const ada = browser();
                const asked = await signInAt(ada, { state, prompt: 'consent' });
                expect(asked.payload).to.not.contain('<script');
                for (const answer of [await ada.submit(asked, { decision }), await ada.open(url({ state, scope: 'nowhere' }))]) {
                    expect([answer.headers['set-cookie'] ?? []].flat().join()).to.not.contain('a=b');
                    expect(new URL(answer.location).searchParams.getAll('state')).to.equal([state]);
                    expect(new URL(answer.location).searchParams.getAll('iss')).to.equal([issuer]);
                }
            }
        }

        expect(new URL((await browser().open(url({ state: null, prompt: 'none' }))).location).searchParams.has('state')).to.be.false();
    });

    it('is protected as every page', async () => {

        const { browser, server } = authorizationEndpoint({ consent: () => 'explicit' });
        const ada = browser();
        for (const { headers } of [await ada.open(url()), await signInAt(ada)]) {
            expect(headers).to.include({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });
            expect(headers['content-security-policy']).to.match(/^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; frame-ancestors 'none'$/);
        }

        for (const path of ['/authorize', '/authorize/interaction']) {
            expect((await server.inject({ method: 'PUT', url: path })).statusCode).to.equal(405);
        }

        expect(server.match('get', '/authorize')?.settings.description).to.equal('OAuth 2.0 authorization endpoint');
        expect(server.match('post', '/authorize/interaction')?.settings.description).to.equal('OAuth 2.0 authorization endpoint: sign-in and consent');
    });

    it('lives at the path, with the options, that it was given', () => {

        const { server } = authorizationEndpoint({ path: '/login', options: { tags: ['page'] } });
        expect(['/login', '/login/interaction'].map((path) => server.match('post', path)?.settings.tags)).to.equal([['page'], ['page']]);
    });

    it('is a page where the client cannot be looked up', async () => {

        const { browser } = authorizationEndpoint({ findClient: () => Promise.reject(new Error('hunter2')) });
        const page = await browser().open(url());
        expect([page.statusCode, page.headers.location, page.payload.includes('hunter2')]).to.equal([500, undefined, false]);
    });
});

describe('A request that is posted (rule 33)', () => {

    const posted = query({ scope: 'openid', state: 'ü &"' });

    it('without our cookie is kept, and taken up at the same path once the browser sends the cookie', async () => {

        const { browser, server } = authorizationEndpoint();
        const ada = browser();
        await signInAt(ada);
        const fromElsewhere = await server.inject(form('/authorize', posted, { 'sec-fetch-site': 'cross-site', origin: 'https://app.example.com' }));
        expect(fromElsewhere.statusCode).to.equal(303);
        expect(fromElsewhere.headers['set-cookie']).to.be.undefined();
        expect(String(fromElsewhere.headers.location)).to.match(/^\/authorize\?posted_request=[\w-]{43}$/);
        const answer = await ada.open(String(fromElsewhere.headers.location));
        expect(new URL(answer.location).searchParams.get('state')).to.equal('ü &"');
        expect(stepOf(answer)).to.equal('code');
    });

    it('is judged with the session only then: prompt=none', async () => {

        const { browser, server } = authorizationEndpoint();
        const ada = browser();
        await signInAt(ada);
        const keep = async () => String((await server.inject(form('/authorize', query({ prompt: 'none' })))).headers.location);
        expect(stepOf(await ada.open(await keep()))).to.equal('code');
        expect(stepOf(await browser().open(await keep()))).to.equal('login_required');
    });

    it('is the same request as one in a URL, repeated parameters included', async () => {

        const { browser } = authorizationEndpoint();
        const ada = browser();
        const page = await ada.open((await ada.send(form('/authorize', `${posted}&resource=https://api.example.com&resource=https://api.example.com`))).location);
        expect(stepOf(page)).to.equal('sign-in');
        expect(new URL((await ada.submit(page, credentials)).location).searchParams.get('state')).to.equal('ü &"');
        const twice = await browser().send(form('/authorize', `${posted}&nonce=a&nonce=b`));
        expect(stepOf(await browser().open(twice.location))).to.equal('invalid_request');
    });

    it('works once, and for a minute', async () => {

        const { browser, server, advance } = authorizationEndpoint();
        const ada = browser();
        await signInAt(ada);
        const keep = async () => String((await server.inject(form('/authorize', posted))).headers.location);
        const first = await keep();
        expect(stepOf(await ada.open(first))).to.equal('code');
        const again = await ada.open(first);
        expect([again.statusCode, again.payload.includes('This page cannot be shown twice')]).to.equal([400, true]);

        const late = await keep();
        advance(59);
        const inTime = await keep();
        advance(1);
        expect((await ada.open(late)).statusCode).to.equal(400);
        expect(stepOf(await ada.open(inTime))).to.equal('code');
        for (const ref of ['x', 'A'.repeat(43)]) {
            expect((await ada.open(`/authorize?posted_request=${ref}`)).statusCode).to.equal(400);
        }

        expect((await ada.open('/authorize?posted_request=a&posted_request=b')).statusCode).to.equal(400);
    });

    it('with our cookie is answered at once', async () => {

        const { browser } = authorizationEndpoint();
        const ada = browser();
        await signInAt(ada);
        expect(stepOf(await ada.send(form('/authorize', posted)))).to.equal('code');
        const asked = await ada.open((await ada.send(form('/authorize', query({ prompt: 'login', state: 'later' })))).location);
        expect(stepOf(asked)).to.equal('sign-in');
        expect(new URL((await ada.submit(asked, credentials)).location).searchParams.get('state')).to.equal('later');
    });

    it('is nothing else: the path takes no sign-in and no decision, so that no other site can post one', async () => {

        const { browser, issued, logged } = authorizationEndpoint({ consent: () => 'explicit' });
        const ada = browser();
        await signInAt(ada);
        const before = new Map(ada.jar);
        for (const fields of [credentials, { decision: 'allow' }, { account: 'user-1' }]) {
            const page = await ada.send(form(url(), fields, { 'sec-fetch-site': 'cross-site' }));
            expect(page.statusCode).to.equal(400);
            const whole = await ada.send(form('/authorize', `${query()}&${new URLSearchParams(fields).toString()}`, { 'sec-fetch-site': 'cross-site' }));
            expect(stepOf(await ada.open(whole.location))).to.equal('consent');
        }

        expect(issued).to.be.empty();
        expect(ada.jar.get('oauth2-session')).to.equal(before.get('oauth2-session'));
        expect(JSON.stringify(logged.map(({ data, tags, error }) => [data, tags, error]))).to.not.contain('lovelace');
    });

    it('is refused on a page where it is no form', async () => {

        const { server } = authorizationEndpoint();
        expect((await server.inject({ method: 'POST', url: '/authorize', payload: { client_id: 'web' } })).statusCode).to.equal(400);
        expect((await server.inject(form('/authorize', {}))).statusCode).to.equal(303);
    });
});
