import { badRequest } from '@hapi/boom';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { AuthorizationSteps } from '../../lib/endpoints/authorization-steps';
import type { AuthorizationPageContext, FinalizeAuthorizationContext } from '../../lib/endpoints/authorize';
import type { UserCredentials } from '../../lib/endpoints/authenticate-user';
import { OAuth2Error } from '../../lib/error';
import { requestedResources, Resources } from '../../lib/protocol/resources';
import { actionOf, authorizationEndpoint, clientRequests, credentials, numberOn, refusalsIn, registeredClients, signInAt, stepOf, url } from '../fixture/authorization';
import { redirectUri } from '../fixture/flows';
import { form } from '../fixture/provision';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const own = { 'sec-fetch-site': 'same-origin' };

describe('The sign-in form of an authorization request', () => {

    it('says the same for whatever is wrong, with the name that was entered, and asks nobody without name and password', async () => {

        let asked = 0;
        const { browser, issued, logged } = authorizationEndpoint({ authenticateUser: () => () => {

            ++asked;
            return null;
        } });
        const pages = [];
        for (const entry of [credentials, { ...credentials, username: 'nobody' }, { username: 'ada' }, { password: 'lovelace' }, {}]) {
            const ada = browser();
            const page = await ada.open(url());
            const wrong = await ada.send(form(actionOf(page), entry, own));
            expect([wrong.statusCode, wrong.headers.location]).to.equal([400, undefined]);
            expect(wrong.payload).to.contain('The username or the password is wrong').and.not.contain('lovelace');
            expect(actionOf(wrong)).to.equal(actionOf(page));
            pages.push(wrong.payload.replaceAll(/interaction&#x3D;[\w-]{43}|interaction=[\w-]{43}/gi, '').replace(/ value="(?:ada|nobody)?"| autofocus/g, ''));
        }

        expect(new Set(pages).size).to.equal(1);
        expect([asked, issued.length]).to.equal([2, 0]);
        expect(refusalsIn(logged)).to.equal(['wrong_credentials', 'wrong_credentials', 'entry_incomplete', 'entry_incomplete', 'entry_incomplete'].map((reason) => ({ reason, error: 'access_denied', client_id: 'web' })));
        const bob = browser();
        expect((await bob.submit(await bob.open(url()), { username: 'bob & "co"', password: 'x' })).payload).to.contain('value="bob &amp; &quot;co&quot;"');
    });

    it('fills in the name that the client has guessed', async () => {

        const { browser } = authorizationEndpoint();
        expect((await browser().open(url({ login_hint: 'buffy@example.com' }))).payload).to.contain('value="buffy@example.com"');
    });

    it('speaks the language that the client asks for, also after a wrong password', async () => {

        const { browser } = authorizationEndpoint();
        const ada = browser();
        const page = await ada.open(url({ ui_locales: 'de' }));
        expect(page.payload).to.contain('<html lang="de"');
        expect((await ada.submit(page, { username: 'ada', password: 'wrong' })).payload).to.contain('<html lang="de"');
        expect((await ada.send({ url: page.url, headers: { 'accept-language': 'fr' } })).payload).to.contain('<html lang="de"');
    });

    it('tells the app what the client would like of the sign-in, and parameters that the app has declared, alone', async () => {

        const asked: UserCredentials[] = [];
        const { browser, issued } = authorizationEndpoint({ authenticateUser: () => (entered) => {

            asked.push(entered);
            return 'user-1';
        } });
        await signInAt(browser(), { acr_values: 'urn:2fa  urn:pwd', organization: 'acme', screen_hint: '', tenant: 'x', __proto__: 'y' });
        expect(asked).to.equal([{ ...credentials, acrValues: ['urn:2fa', 'urn:pwd'], parameters: { organization: 'acme' } }]);
        expect(issued[0]?.parameters).to.equal({ organization: 'acme' });
        await signInAt(browser(), {});
        expect(asked[1]).to.equal({ ...credentials, acrValues: [], parameters: {} });
    });

    it('lets nobody be the client itself (rule 17)', async () => {

        const { browser, issued, logged } = authorizationEndpoint({ consent: () => 'explicit' });
        const answer = await signInAt(browser(), {}, 'web');
        expect(answer.location).to.startWith(`${redirectUri}&error=access_denied&`);
        expect(refusalsIn(logged)).to.equal([{ reason: 'subject_is_client', error: 'access_denied', client_id: 'web' }]);
        expect(issued).to.be.empty();
    });

    it('is a page that says to the log what to call, where the app has not said who its users are', async () => {

        const { browser, logged } = authorizationEndpoint({ authenticateUser: () => undefined });
        const page = await signInAt(browser());
        expect([page.statusCode, page.headers.location]).to.equal([500, undefined]);
        expect(page.payload).to.contain('<code>server_error</code>').and.not.contain('authenticateUser');
        const [error] = logged.flatMap((event) => (event.channel === 'error' ? [event.error] : []));
        expect(error).to.be.instanceof(OAuth2Error);
        expect(String((error as OAuth2Error).cause)).to.contain('call authenticateUser(');
    });

    it('is a page for what authenticateUser() throws, which says nothing of it but what an OAuth2Error says', async () => {

        const failures: readonly (readonly [Error, number, string])[] = [[new Error('hunter2'), 500, 'server_error'], [badRequest('hunter2'), 500, 'server_error'], [new OAuth2Error('access_denied', 'This account is locked'), 400, 'This account is locked']];
        for (const [thrown, status, text] of failures) {
            const { browser, logged } = authorizationEndpoint({ authenticateUser: () => () => Promise.reject(thrown) });
            const page = await signInAt(browser());
            expect([page.statusCode, page.headers.location]).to.equal([status, undefined]);
            expect(page.payload).to.contain(text).and.not.contain('hunter2');
            expect(refusalsIn(logged)).to.have.length(1);
        }
    });

    it('keeps passwords and decisions out of every URL and log', async () => {

        const { browser, logged } = authorizationEndpoint({ consent: () => 'explicit' });
        const ada = browser();
        const asked = await signInAt(ada, { password: 'hunter2', username: 'mallory' });
        expect(stepOf(asked)).to.equal('consent');
        expect(asked.payload).to.not.contain('hunter2').and.not.contain('lovelace').and.not.contain('mallory');
        expect(asked.url).to.match(/^\/authorize\/interaction\?interaction=[\w-]{43}$/);
        for (const entry of [{ username: 'ada', password: 'hunter3' }, { username: 'hunter4', password: 'ada' }, { username: 'hunter5' }]) {
            await ada.submit(await ada.open(url({ prompt: 'login' })), entry);
        }

        expect(refusalsIn(logged)).to.have.length(3);
        expect(JSON.stringify(logged.map(({ data, tags, error }) => [data, tags, error]))).to.not.contain('hunter').and.not.contain('lovelace');
    });

    it('refuses fields that were sent twice', async () => {

        const { browser } = authorizationEndpoint();
        for (const entry of ['username=a&username=b&password=c', 'username=a&password=b&password=c', 'decision=allow&decision=deny', 'account=a&account=b']) {
            const ada = browser();
            const page = await ada.open(url());
            const answer = await ada.send(form(actionOf(page), entry, own));
            expect([answer.statusCode, stepOf(answer)]).to.equal([400, 'error']);
        }
    });
});

describe('A step of an authorization request', () => {

    it('is refused where another site made the browser send it', async () => {

        const { browser, issued } = authorizationEndpoint({ consent: () => 'explicit' });
        const ada = browser();
        const asked = await signInAt(ada);
        for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: 'https://evil.example.com' }, { 'sec-fetch-site': 'cross-site', origin: 'null' }]) {
            for (const entry of [credentials, { decision: 'allow' }, { account: 'user-1' }]) {
                const answer = await ada.send(form(actionOf(asked), entry, headers));
                expect([answer.statusCode, answer.headers.location]).to.equal([403, undefined]);
            }
        }

        expect(issued).to.be.empty();
        expect(stepOf(await ada.submit(asked, { decision: 'allow' }))).to.equal('code');
    });

    it('attack (login CSRF): is of no use without the cookie of the browser that began, whoever knows its reference', async () => {

        const { browser, issued } = authorizationEndpoint({ consent: () => 'explicit' });
        const [mallory, ada, nobody] = [browser(), browser(), browser()];
        const page = await mallory.open(url());
        await ada.open(url());                                  // Ada's browser has a cookie, for interactions of its own
        for (const victim of [ada, nobody]) {
            const before = victim.jar.get('oauth2-session');
            for (const entry of [credentials, { decision: 'allow' }, { account: 'user-1' }, {}]) {
                const answer = await victim.send(form(actionOf(page), entry));
                expect([answer.statusCode, stepOf(answer)]).to.equal([400, 'other browser']);
            }

            expect(stepOf(await victim.open(actionOf(page)))).to.equal('other browser');
            expect(victim.jar.get('oauth2-session')).to.equal(before);
        }

        const consent = await mallory.submit(page, credentials);
        expect(stepOf(await ada.send(form(actionOf(consent), { decision: 'allow' })))).to.equal('other browser');
        expect(issued).to.be.empty();
    });

    it('needs a reference that exists', async () => {

        const { browser } = authorizationEndpoint();
        const ada = browser();
        await ada.open(url());
        for (const search of ['', '?interaction=', '?interaction=x', `?interaction=${'A'.repeat(43)}`]) {
            expect(stepOf(await ada.open(`/authorize/interaction${search}`)), search).to.equal('other browser');
        }

        expect((await ada.open('/authorize/interaction?interaction=a&interaction=b')).statusCode).to.equal(400);
    });

    it('that is none of this browser has one page for all, under a number, and one event that says exactly what it was', async () => {

        const { browser, logged, advance, ...endpoint } = authorizationEndpoint({ consent: () => 'explicit' });
        const [ada, mallory, nobody] = [browser(), browser(), browser()];
        const page = actionOf(await ada.open(url()));
        await mallory.open(url());
        const mark = ada.jar.get('oauth2-browser')?.split('.')[0] ?? '';
        const elsewhere = await endpoint.interactions.open({ path: '/oauth2/device', search: '', next: '/oauth2/device' }, mark);
        const pages = new Set<string>();
        const seen = async (who: typeof ada, address: string, reason: string) => {

            for (const visit of [() => who.open(address), () => who.send(form(address, credentials, own))]) {
                logged.length = 0;
                const answer = await visit();
                const reference = numberOn(answer);
                expect([answer.statusCode, stepOf(answer)], reason).to.equal([400, 'other browser']);
                expect(reference).to.exist();
                expect(refusalsIn(logged)).to.equal([{ reason, error: 'invalid_request', client_id: undefined, reference }]);
                expect(JSON.stringify(logged.map(({ data }): unknown => data))).to.not.contain('A'.repeat(43)).and.not.contain(page.slice(-43)).and.not.contain('ada');
                pages.add(answer.payload.replace(String(reference), ''));
            }
        };

        await seen(ada, '/authorize/interaction', 'interaction_missing');
        await seen(nobody, '/authorize/interaction', 'interaction_missing');
        await seen(nobody, page, 'no_browser_cookie');
        await seen(mallory, page, 'interaction_of_another_browser');
        await seen(ada, `/authorize/interaction?interaction=${'A'.repeat(43)}`, 'interaction_unknown');
        await seen(ada, `/authorize/interaction?interaction=${elsewhere}`, 'interaction_of_another_page');
        advance(7200);
        await seen(ada, page, 'interaction_unknown');
        expect(pages.size).to.equal(1);                         // Which of them it is, the person cannot tell, nor who tries addresses
    });

    it('belongs to its endpoint: another one, or another page that users sign in for, does not take it up', async () => {

        const { server, browser, issued, ...endpoint } = authorizationEndpoint({ consent: () => 'explicit' });
        const ada = browser();
        const asked = await signInAt(ada);
        const mark = ada.jar.get('oauth2-browser')?.split('.')[0] ?? '';
        const ref = await endpoint.interactions.open({ path: '/oauth2/device', search: url().replace('/authorize', ''), next: '/oauth2/device' }, mark);
        expect(stepOf(await ada.open(`/authorize/interaction?interaction=${ref}`))).to.equal('other browser');
        expect(stepOf(await ada.open(actionOf(asked)))).to.equal('consent');
        expect([issued.length, server.match('get', '/authorize/interaction')?.path]).to.equal([0, '/authorize/interaction']);
    });

    it('is open for an hour; then a page leads back to the start, and after one more hour nobody knows it', async () => {

        const { browser, advance, issued, logged } = authorizationEndpoint({ consent: () => 'explicit' });
        const ada = browser();
        const page = await ada.open(url({ state: '"><b>' }));
        advance(3599);
        const asked = await ada.submit(page, credentials);
        expect(stepOf(asked)).to.equal('consent');
        advance(1);
        const lates = [await ada.submit(asked, { decision: 'allow' }), await ada.open(actionOf(asked)), await ada.submit(page, credentials)];
        for (const late of lates) {
            expect([late.statusCode, stepOf(late)]).to.equal([400, 'expired']);
            expect(late.payload).to.not.contain('"><b>').and.not.contain('<form');
        }

        expect(refusalsIn(logged)).to.equal(lates.map((late) => ({ reason: 'interaction_expired', error: 'invalid_request', client_id: 'web', reference: numberOn(late) })));
        expect(new Set(lates.map(numberOn)).size).to.equal(3);

        expect(issued).to.be.empty();
        const restart = /<a class="button primary" href="([^"]*)"/.exec((await ada.open(actionOf(asked))).payload)?.[1]?.replaceAll('&amp;', '&') ?? '';
        expect(restart).to.startWith('/authorize?client_id=web&');
        const again = await ada.open(restart);
        expect(stepOf(again)).to.equal('consent');
        expect(stepOf(await ada.submit(again, { decision: 'allow' }))).to.equal('code');

        advance(3600);
        expect(stepOf(await ada.open(actionOf(asked)))).to.equal('other browser');
    });

    it('tells the client where the request has become unacceptable meanwhile, before anybody signs in', async () => {

        let changed = false;
        let asked = 0;
        const resources = new Resources({ 'https://api.example.com': { scopes: { read: 'Read' } } });
        const { browser, issued } = authorizationEndpoint({
            target: (_client, sent) => {

                if (changed) {
                    throw new OAuth2Error('invalid_scope', 'Not any more');
                }

                return resources.target(requestedResources(sent), ['read'], 'https://auth.example.com');
            },
            findClient: (id) => (changed && id === 'other' ? Promise.resolve(null) : registeredClients.find(id)),
            authenticateUser: () => () => {

                ++asked;
                return 'user-1';
            }
        });
        const [ada, bob] = [browser(), browser()];
        const pages = [await ada.open(url()), await bob.open(url({ client_id: 'other', redirect_uri: 'https://other.example.com/cb' }))] as const;
        changed = true;
        expect(stepOf(await ada.submit(pages[0], credentials))).to.equal('invalid_scope');
        expect(stepOf(await ada.submit(pages[0], { other_account: '' }))).to.equal('invalid_scope');
        expect(stepOf(await ada.submit(pages[0], { change_account: '1' }))).to.equal('invalid_scope');
        const gone = await bob.submit(pages[1], credentials);
        expect([gone.statusCode, stepOf(gone)]).to.equal([400, 'error']);
        expect([asked, issued.length]).to.equal([0, 0]);
    });

    it('notes who signed in though another request was faster, and gives up rather than try for ever', async () => {

        const { browser, interactions, issued } = authorizationEndpoint();
        const identify = interactions.identify.bind(interactions);
        let tries = 0;
        let losses = 0;
        interactions.identify = async (interaction, secret, identified) => {

            if (++tries <= losses) {
                await identify(interaction, secret, { subject: 'user-2', signedIn: false, isChosen: false });
            }

            return await identify(interaction, secret, identified);
        };

        for (const [lost, step, tried] of [[1, 'code', 2], [2, 'code', 3], [3, 'sign-in', 3]] as const) {
            [losses, tries] = [lost, 0];
            expect([stepOf(await signInAt(browser(), { prompt: 'login' })), tries], `${lost} lost`).to.equal([step, tried]);
        }

        expect(issued.map(({ subject }) => subject)).to.equal(['user-1', 'user-1']);
    });

    it('changes nothing of a request that another tab has finished meanwhile', async () => {

        const { browser, interactions, issued } = authorizationEndpoint();
        const identify = interactions.identify.bind(interactions);
        let tries = 0;
        interactions.identify = async (interaction, secret, identified) => {

            ++tries;
            await interactions.finish(interaction, secret, 'x');
            return await identify(interaction, secret, identified);
        };

        const ada = browser();
        const page = await ada.open(url());
        const answer = await ada.send(form(actionOf(page), credentials, own));
        expect([answer.statusCode, answer.location, tries, issued.length]).to.equal([303, actionOf(page), 1, 0]);
    });

    it('survives two tabs and the back button', async () => {

        const { browser, issued } = authorizationEndpoint({ consent: () => 'explicit' });
        const ada = browser();
        const first = await ada.open(url({ state: 'one' }));
        const second = await ada.open(url({ state: 'two', ...clientRequests.spa }));
        expect(actionOf(first)).to.not.equal(actionOf(second));
        const [one, two] = [await ada.submit(first, credentials), await ada.submit(second, credentials)];
        expect([one, two].map(stepOf)).to.equal(['consent', 'consent']);
        expect(new URL((await ada.submit(two, { decision: 'allow' })).location).searchParams.get('state')).to.equal('two');
        expect(new URL((await ada.submit(one, { decision: 'allow' })).location).searchParams.get('state')).to.equal('one');
        expect(issued.map(({ client }) => client.id)).to.equal(['spa', 'web']);

        const third = await ada.open(url({ prompt: 'login consent', state: 'three' }));
        const asked = await ada.submit(third, { username: 'bob', password: credentials.password });
        expect(asked.payload).to.contain('You are signed in as <strong>bob</strong>');
        const back = await ada.submit(third, credentials);      // Back, and another user this time
        expect(back.payload).to.contain('You are signed in as <strong>ada</strong>');
        expect(stepOf(await ada.submit(back, { decision: 'allow' }))).to.equal('code');
        expect(issued.at(-1)?.subject).to.equal('user-1');
    });

    it('loses no sign-in to another tab that writes at the same moment, and gives up on one that never stops', async () => {

        for (const [lost, expected] of [[1, 'code'], [2, 'code'], [9, 'sign-in']] as const) {
            let left: number = lost;
            const { browser, interactions } = authorizationEndpoint(({ interactions: all }) => {

                const identify = all.identify.bind(all);
                all.identify = async (...call) => (left-- > 0 ? false : await identify(...call));
                return { interactions: all, authenticateUser: () => () => 'user-1' };
            });
            expect(interactions).to.exist();
            expect(stepOf(await signInAt(browser(), { prompt: 'login' }))).to.equal(expected);
        }
    });
});

describe('The pages of an app, at level 2', () => {

    it('replace the sign-in form, and end a step', async () => {

        const pages: AuthorizationPageContext[] = [];
        const ends: FinalizeAuthorizationContext[] = [];
        const { browser } = authorizationEndpoint({
            usernameField: 'email', passwordField: 'pin', consent: () => 'explicit',
            renderGet: (page, _request, h) => {

                pages.push(page);
                return page.errorMessage === undefined ? h.response(`<form method="post" action="${page.action}">mine</form>`) : h.continue;
            },
            finalize: (ctx, _request, h) => {

                ends.push(ctx);
                return h.redirect(ctx.fullRedirectUri).code(307);
            }
        });
        const ada = browser();
        const page = await ada.open(url());
        expect(page.payload).to.contain('mine');
        expect((await ada.submit(page, credentials)).payload).to.contain('name="email"').and.contain('name="pin"');
        expect(pages[0]).to.include({ clientId: 'web', scope: 'openid read write', usernameField: 'email', passwordField: 'pin', statusCode: 200, errorMessage: undefined });
        expect(pages[0]?.action).to.equal(actionOf(page)).and.match(/^\/authorize\/interaction\?interaction=[\w-]{43}$/);
        expect(pages[1]).to.include({ statusCode: 400, errorMessage: 'The username or the password is wrong' });

        const asked = await ada.submit(page, { email: 'ada', pin: 'lovelace' });
        for (const [consent, decision] of [[asked, 'deny'], [await ada.open(url()), 'allow']] as const) {
            expect((await ada.submit(consent, { decision })).statusCode).to.equal(303);
        }

        expect(ends.map(({ authorizationResult, clientId }) => [authorizationResult, clientId])).to.equal([[{ type: 'deny' }, 'web'], [{ type: 'code', value: 'code-1' }, 'web']]);
        expect(ends[0]?.fullRedirectUri).to.contain('error=access_denied');
    });

    it('are told of in the log alone when they fail', async () => {

        const { browser, logged } = authorizationEndpoint({ finalize: () => Promise.reject(new Error('hunter2')) });
        const answer = await signInAt(browser());
        expect(stepOf(answer)).to.equal('server_error');
        expect(answer.location).to.not.contain('hunter2');
        expect(refusalsIn(logged)).to.have.length(1);
        expect(AuthorizationSteps).to.be.a.function();
    });
});
