import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OwnSignIn, userOfCredentials } from '../../lib/endpoints/own-sign-in';
import { OAuth2Error } from '../../lib/error';
import { sidOf } from '../../lib/sessions/session';
import { actionOf, attack, authorizationEndpoint, clientRequests, credentials, issuer, numberOn, refusalsIn, registeredClients, signInAt, stepOf, url } from '../fixture/authorization';
import { unescapeHtml } from '../fixture/browser';
import { epoch } from '../fixture/clock';
import { redirectUri } from '../fixture/flows';
import { form } from '../fixture/provision';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const iss = 'iss=https%3A%2F%2Fauth.example.com';
const own = { 'sec-fetch-site': 'same-origin' };
const aboutIn = (html: string): string => /name="about" value="([^"]*)"/.exec(html)?.[1] ?? '';
const bob = { username: 'bob', password: credentials.password };

describe('prompt, max_age and id_token_hint (OpenID Connect Core §3.1.2.1)', () => {

    it('prompt=none answers without a page: a code, or what the user would have been asked', async () => {

        const { browser, advance } = authorizationEndpoint({ consent: () => 'explicit' });
        const [ada, nobody] = [browser(), browser()];
        expect(stepOf(await nobody.open(url({ prompt: 'none' })))).to.equal('login_required');
        expect(nobody.jar.size).to.equal(0);
        const asked = await signInAt(ada, { scope: 'read' });
        expect(stepOf(await ada.open(url({ prompt: 'none', scope: 'read' })))).to.equal('consent_required');
        await ada.submit(asked, { decision: 'allow' });
        expect((await ada.open(url({ prompt: 'none', scope: 'read', state: 'x'.repeat(128) }))).location).to.equal(`${redirectUri}&code=code-2&state=${'x'.repeat(128)}&${iss}`);
        expect(stepOf(await ada.open(url({ prompt: 'none', scope: 'read write' })))).to.equal('consent_required');
        advance(10);
        expect(stepOf(await ada.open(url({ prompt: 'none', scope: 'read', max_age: '5' })))).to.equal('login_required');
    });

    it('prompt=none is served to no program that can be posed as (RFC 8252 §8.6)', async () => {

        const { browser } = authorizationEndpoint({ consent: () => 'none' });
        const ada = browser();
        await signInAt(ada);
        const steps = await Promise.all(Object.values(clientRequests).map(async (changes) => stepOf(await ada.open(url({ ...changes, prompt: 'none' })))));
        expect(steps).to.equal(['code', 'consent_required', 'consent_required', 'code', 'code']);
        await ada.submit(await ada.open(url(clientRequests.cli)), { decision: 'allow' });
        expect(stepOf(await ada.open(url({ ...clientRequests.cli, prompt: 'none' })))).to.equal('consent_required');
        expect(stepOf(await ada.open(url(clientRequests.cli)))).to.equal('consent');
    });

    it('prompt=login asks for the password of who has signed in, every time, and says when', async () => {

        const { browser, issued, advance } = authorizationEndpoint();
        const ada = browser();
        await signInAt(ada);
        advance(100);
        for (const prompt of ['login', ' login  unknown ']) {
            const page = await ada.open(url({ prompt }));
            expect(stepOf(page)).to.equal('sign-in');
            expect(stepOf(await ada.open(actionOf(page)))).to.equal('sign-in');
            expect(stepOf(await ada.submit(page, credentials))).to.equal('code');
        }

        expect(issued.map(({ authTime }) => authTime)).to.equal([epoch / 1000, epoch / 1000 + 100, epoch / 1000 + 100]);
        expect(stepOf(await ada.open(url({ prompt: 'login' })))).to.equal('sign-in');
    });

    it('prompt=consent asks again what was agreed to', async () => {

        const { browser } = authorizationEndpoint({ consent: () => 'explicit' });
        const ada = browser();
        await ada.submit(await signInAt(ada), { decision: 'allow' });
        expect(stepOf(await ada.open(url()))).to.equal('code');
        expect(stepOf(await ada.open(url({ prompt: 'consent' })))).to.equal('consent');
        expect(stepOf(await ada.open(url({ prompt: 'login consent' })))).to.equal('sign-in');
        expect(stepOf(await signInAt(ada, { prompt: 'login consent' }))).to.equal('consent');
    });

    it('prompt=select_account shows who has signed in, and lets another one in', async () => {

        const { browser, issued } = authorizationEndpoint();
        const ada = browser();
        expect(stepOf(await ada.open(url({ prompt: 'select_account' })))).to.equal('sign-in');
        await signInAt(ada);
        await signInAt(ada, { prompt: 'login' }, 'bob');
        const page = await ada.open(url({ prompt: 'select_account' }));
        expect(stepOf(page)).to.equal('accounts');
        expect([...page.payload.matchAll(/name="account" value="([^"]*)"/g)].map(([, value]) => value)).to.equal(['user-2', 'user-1']);
        expect(page.payload).to.not.contain('lovelace');

        expect(stepOf(await ada.submit(page, { account: 'user-1' }))).to.equal('code');
        expect(issued.at(-1)?.subject).to.equal('user-1');
        expect(issued.at(-1)?.authTime).to.equal(epoch / 1000);
        expect((await ada.open(url())).location).to.contain('code=');
        expect(issued.at(-1)?.subject).to.equal('user-1');      // Who was used last comes first

        const other = await ada.open(url({ prompt: 'select_account' }));
        for (const entry of [{ other_account: '' }, { account: 'user-3' }, { account: '' }]) {
            expect(stepOf(await ada.submit(other, entry))).to.equal('sign-in');
        }

        expect(stepOf(await ada.submit(other, bob))).to.equal('code');
        expect(issued.at(-1)?.subject).to.equal('user-2');
    });

    it('combines prompts: an account is chosen, then signs in, then agrees', async () => {

        const { browser, issued, advance } = authorizationEndpoint();
        const ada = browser();
        await signInAt(ada);
        advance(10);
        const accounts = await ada.open(url({ prompt: 'select_account login consent' }));
        expect(stepOf(accounts)).to.equal('accounts');
        const password = await ada.submit(accounts, { account: 'user-1' });
        expect(stepOf(password)).to.equal('sign-in');
        const consent = await ada.submit(password, credentials);
        expect(stepOf(consent)).to.equal('consent');
        expect(stepOf(await ada.submit(consent, { decision: 'allow' }))).to.equal('code');
        expect(issued.at(-1)?.authTime).to.equal(epoch / 1000 + 10);
    });

    it('refuses prompt=none beside others', async () => {

        const { browser } = authorizationEndpoint();
        for (const prompt of ['none login', 'select_account none', 'none consent']) {
            expect(stepOf(await browser().open(url({ prompt })))).to.equal('invalid_request');
        }

        expect(stepOf(await browser().open(url({ prompt: 'none none' })))).to.equal('login_required');
    });

    it('max_age: who signed in longer ago signs in again; 0 is every time but once', async () => {

        const { browser, issued, advance } = authorizationEndpoint();
        const ada = browser();
        await signInAt(ada);
        advance(10);
        expect(stepOf(await ada.open(url({ max_age: '10' })))).to.equal('code');
        advance(0.001);
        const page = await ada.open(url({ max_age: '10' }));
        expect(stepOf(page)).to.equal('sign-in');
        expect(stepOf(await ada.submit(page, credentials))).to.equal('code');
        expect(issued.map(({ authTime }) => authTime)).to.equal([epoch / 1000, epoch / 1000, epoch / 1000 + 10]);
        advance(1);
        expect(stepOf(await signInAt(ada, { max_age: '0' }))).to.equal('code');
        expect(stepOf(await ada.open(url({ max_age: '' })))).to.equal('code');
        expect(stepOf(await ada.open(url({ max_age: '9999999999' })))).to.equal('code');
        for (const malformed of ['-1', '1.5', 'a', '1e3', ' 1', '99999999999']) {
            expect(stepOf(await ada.open(url({ max_age: malformed }))), malformed).to.equal('invalid_request');
        }
    });

    it('default_max_age of a client holds where the request says nothing', async () => {

        const { browser, advance } = authorizationEndpoint({ findClient: async (id) => {

            const client = await registeredClients.find(id);
            return client === null ? null : { ...client, metadata: { ...client.metadata, default_max_age: 5 } };
        } });
        const ada = browser();
        await signInAt(ada);
        advance(6);
        expect(stepOf(await ada.open(url()))).to.equal('sign-in');
        expect(stepOf(await ada.open(url({ max_age: '6' })))).to.equal('code');
    });

    it('id_token_hint: answers about that user, or login_required', async () => {

        const { browser, issued, logged } = authorizationEndpoint();
        const ada = browser();
        await signInAt(ada);
        await signInAt(ada, { prompt: 'login' }, 'bob');
        expect(stepOf(await ada.open(url({ prompt: 'none', id_token_hint: 'hint-of-user-1' })))).to.equal('code');
        expect(issued.at(-1)?.subject).to.equal('user-1');
        expect(stepOf(await ada.open(url({ prompt: 'none', id_token_hint: 'hint-of-user-3' })))).to.equal('login_required');

        const page = await ada.open(url({ id_token_hint: 'hint-of-user-3' }));
        expect(stepOf(page)).to.equal('sign-in');
        expect(stepOf(await ada.submit(page, credentials))).to.equal('login_required');
        expect(refusalsIn(logged).at(-1)).to.include({ reason: 'id_token_hint_of_another_user', client_id: 'web' });
        const chosen = await ada.open(url({ id_token_hint: 'hint-of-user-2', prompt: 'select_account' }));
        expect(stepOf(await ada.submit(chosen, { account: 'user-1' }))).to.equal('login_required');
    });

    it('id_token_hint: refuses what this client did not get here', async () => {

        const { browser, logged } = authorizationEndpoint();
        const ada = browser();
        await signInAt(ada);
        expect(stepOf(await ada.open(url({ id_token_hint: 'nonsense' })))).to.equal('invalid_request');
        expect(refusalsIn(logged)[0]).to.include({ reason: 'id_token_hint_unusable' });
        expect(stepOf(await ada.open(url({ ...clientRequests.spa, id_token_hint: 'hint-of-user-1' })))).to.equal('invalid_request');
    });

    it('id_token_hint: knows a user by the name that the client has for them (pairwise subjects)', async () => {

        const { browser, issued } = authorizationEndpoint({ subjectOf: ({ id }, subject) => `${subject} at ${id}` });
        const ada = browser();
        await signInAt(ada);
        await signInAt(ada, { prompt: 'login' }, 'bob');
        expect(stepOf(await ada.open(url({ prompt: 'none', id_token_hint: 'hint-of-user-1 at web' })))).to.equal('code');
        expect(issued.at(-1)?.subject).to.equal('user-1');
        expect(stepOf(await ada.open(url({ prompt: 'none', id_token_hint: 'hint-of-user-1 at spa' })))).to.equal('login_required');
    });
});

describe('The response mode of an answer', () => {

    it('is query, fragment, or a form that posts itself; for errors, too', async () => {

        const { browser } = authorizationEndpoint();
        const ada = browser();
        const fields = ({ payload }: { readonly payload: string }) => Object.fromEntries([...payload.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, unescapeHtml(value)]));
        expect((await signInAt(ada, { response_mode: 'query' })).location).to.startWith(`${redirectUri}&code=code-1&state=abc&`);
        expect((await ada.open(url({ response_mode: 'fragment' }))).location).to.equal(`${redirectUri}#code=code-2&state=abc&${iss}`);
        expect((await ada.open(url({ response_mode: 'fragment', prompt: 'none', max_age: '0', scope: 'nowhere' }))).location).to.startWith(`${redirectUri}#error=invalid_scope&`);

        const posted = await ada.open(url({ response_mode: 'form_post', state: attack }));
        expect([posted.statusCode, posted.headers.location, actionOf(posted)]).to.equal([200, undefined, redirectUri]);
        expect(fields(posted)).to.equal({ code: 'code-3', state: attack, iss: issuer });
        expect(posted.headers).to.include({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
        expect(posted.payload).to.not.contain(attack);

        const refused = await browser().open(url({ response_mode: 'form_post', prompt: 'none', ui_locales: 'de' }));
        expect(refused.statusCode).to.equal(200);
        expect(fields(refused)).to.equal({ error: 'login_required', error_description: 'The user has to be asked, and the request forbids it', state: 'abc', iss: issuer });
        expect(refused.payload).to.contain('<html lang="de"');
        expect(fields(await browser().open(url({ response_mode: 'form_post', state: null, prompt: 'none' })))).to.not.include('state');
        expect((await browser().open(url({ response_mode: 'nonsense' }))).location).to.startWith(`${redirectUri}&error=invalid_request&`);
    });
});

describe('The consent page', () => {

    it('asks what the client may do, and sends the code once the user agrees', async () => {

        const { browser, issued, advance } = authorizationEndpoint({ consent: () => 'explicit', authenticateUser: () => () => ({ subject: 'u', acr: 'urn:2fa', amr: ['pwd', 'otp'] }) });
        const ada = browser();
        const asked = await signInAt(ada, { scope: 'openid read' });
        expect(asked.payload).to.contain('<strong>Reports &amp; more</strong>').and.contain('<li>Know who you are</li>\n<li>Read your reports</li>').and.contain('<code>app.example.com</code>').and.contain('You are signed in as <strong>ada</strong>');
        expect(issued).to.be.empty();

        advance(599);
        const allowed = await ada.submit(asked, { decision: 'allow' });
        expect([allowed.statusCode, allowed.location]).to.equal([303, `${redirectUri}&code=code-1&state=abc&${iss}`]);
        expect(issued).to.have.length(1);
        expect(issued[0]).to.include({ subject: 'u', acr: 'urn:2fa', amr: ['pwd', 'otp'], authTime: epoch / 1000, target: { audience: ['https://api.example.com'], scopes: ['openid', 'read'] } });
    });

    it('tells the client that the user said no, or anything but yes, and remembers neither', async () => {

        const { browser, issued } = authorizationEndpoint({ consent: () => 'explicit' });
        const ada = browser();
        await signInAt(ada);
        for (const decision of ['deny', 'ALLOW', '']) {
            const asked = await ada.open(url());
            expect((await ada.submit(asked, { decision })).location).to.equal(`${redirectUri}&error=access_denied&error_description=The%20user%20denied%20the%20request&state=abc&${iss}`);
        }

        expect(issued).to.be.empty();
    });

    it('attack: is answered once: who denied and goes back allows nothing any more', async () => {

        const { browser, issued, advance } = authorizationEndpoint({ consent: () => 'explicit' });
        const ada = browser();
        const asked = await signInAt(ada, { response_mode: 'fragment' });
        const { location } = await ada.submit(asked, { decision: 'deny' });
        expect(location).to.equal(`${redirectUri}#error=access_denied&error_description=The%20user%20denied%20the%20request&state=abc&${iss}`);
        advance(59);
        for (const again of [await ada.submit(asked, { decision: 'deny' }), await ada.submit(asked, { decision: 'allow' }), await ada.open(actionOf(asked)), await ada.submit(asked, credentials)]) {
            expect([again.statusCode, again.location]).to.equal([303, location]);
        }

        advance(1);
        for (const late of [await ada.submit(asked, { decision: 'allow' }), await ada.submit(asked, { decision: 'deny' }), await ada.open(actionOf(asked))]) {
            expect([late.statusCode, stepOf(late)]).to.equal([400, 'used']);
        }

        expect(issued).to.be.empty();
        expect(stepOf(await ada.open(url()))).to.equal('consent');
    });

    it('attack: allowed and denied at the same moment has one answer, and no code outlives a denial', async () => {

        for (const isAllowedFirst of [true, false]) {
            const { browser, ended, issued } = authorizationEndpoint(({ interactions }) => {

                const finish = interactions.finish.bind(interactions);
                const held: (() => void)[] = [];
                interactions.finish = async (...call) => {

                    const isFirst = call[2].includes('access_denied') !== isAllowedFirst;
                    await new Promise<void>((resolve) => {              // Until both are here: they have read the open interaction

                        held.splice(isFirst ? 0 : 1, 0, resolve);
                        if (held.length === 2) {
                            held.shift()?.();
                        }
                    });
                    const hasFinished = await finish(...call);
                    held.shift()?.();
                    return hasFinished;
                };

                return { interactions, consent: () => 'explicit' };
            });
            const ada = browser();
            const asked = await signInAt(ada);
            const press = (decision: string) => ada.send(form(actionOf(asked), { decision, about: aboutIn(asked.payload) }, own));
            const [one, other] = await Promise.all(isAllowedFirst ? [press('deny'), press('allow')] : [press('allow'), press('deny')]);
            expect([stepOf(one), one.location]).to.equal([isAllowedFirst ? 'code' : 'access_denied', other.location]);
            expect([issued.length, ended]).to.equal([1, isAllowedFirst ? [] : ['code-1']]);
        }
    });

    it('names the account and what the access is for, and lets somebody else sign in or be chosen', async () => {

        const { browser, issued } = authorizationEndpoint({ consent: () => 'explicit' });
        const ada = browser();
        const asked = await signInAt(ada, { scope: 'read' });
        expect(asked.payload).to.contain('<p>This applies to <strong>Reports &amp; &lt;files&gt;</strong>.</p>').and.contain('You are signed in as <strong>ada</strong>.').and.contain('name="change_account"');
        const session = ada.jar.get('oauth2-session') ?? '';
        ada.jar.delete('oauth2-session');
        expect(stepOf(await ada.submit(asked, { change_account: '1' }))).to.equal('sign-in');
        ada.jar.set('oauth2-session', session);
        const signIn = await ada.submit(asked, { change_account: '1' });
        expect(stepOf(signIn)).to.equal('sign-in');
        const askedBob = await ada.submit(signIn, bob);
        expect(askedBob.payload).to.contain('You are signed in as <strong>bob</strong>.');
        expect(stepOf(await ada.submit(asked, { decision: 'allow' }))).to.equal('consent');      // What was on the first page is of no use for Bob
        const accounts = await ada.submit(askedBob, { change_account: '1' });
        expect(stepOf(accounts)).to.equal('accounts');
        const again = await ada.submit(accounts, { account: 'user-1' });
        expect(again.payload).to.contain('<strong>ada</strong>');
        expect(issued).to.be.empty();
        expect(stepOf(await ada.submit(again, { decision: 'allow' }))).to.equal('code');
        expect(issued.map(({ subject }) => subject)).to.equal(['user-1']);
    });

    it('offers no other account where the client names its user, or a session of the app does', async () => {

        const { browser } = authorizationEndpoint({ consent: () => 'explicit' });
        const offers = async (changes: Readonly<Record<string, string>>) => {

            const { payload } = await signInAt(browser(), changes);
            expect(payload).to.contain('value="allow"');
            return payload.includes('change_account');
        };

        const sub = (value: unknown) => JSON.stringify({ userinfo: { sub: value } });
        expect(await Promise.all([offers({}), offers({ id_token_hint: 'hint-of-user-1' }), offers({ scope: 'openid', claims: sub({ value: 'user-1' }) }), offers({ scope: 'openid', claims: sub(null) }), offers({ scope: 'openid', claims: '{"id_token":{"email":{"value":"a"}}}' })]))
            .to.equal([true, false, false, true, true]);
        const own = authorizationEndpoint(({ server }) => {

            server.auth.scheme('theirs', () => ({ authenticate: (_request, h) => h.authenticated({ credentials: { subject: 'carol' } }) }));
            server.auth.strategy('theirs', 'theirs');
            return { consent: () => 'explicit', ownSignIn: () => new OwnSignIn({ loginUrl: '/login', strategy: { name: 'theirs', user: userOfCredentials, endSession: () => Promise.resolve() } }) };
        });
        const asked = await own.browser().open(url());
        expect(asked.payload).to.contain('You are signed in as <strong>carol</strong>.').and.not.contain('change_account');
    });

    it('attack: a denial is one, also where the same was agreed to in another tab meanwhile', async () => {

        const { browser, issued } = authorizationEndpoint({ consent: () => 'explicit' });
        const ada = browser();
        const asked = await signInAt(ada);
        expect(stepOf(await ada.submit(await ada.open(url()), { decision: 'allow' }))).to.equal('code');
        expect(stepOf(await ada.submit(asked, { decision: 'deny' }))).to.equal('access_denied');
        expect(issued).to.have.length(1);
    });

    it('escapes what a client calls itself and what scopes say', async () => {

        const { browser } = authorizationEndpoint({ consent: () => 'explicit', authenticateUser: () => () => ({ subject: 'u', name: attack }) });
        const asked = await signInAt(browser(), { client_id: 'hostile', redirect_uri: 'https://hostile.example.com/cb', scope: 'html', state: attack, nonce: attack, [attack]: attack });
        expect(stepOf(asked)).to.equal('consent');
        expect(asked.payload).to.contain('&lt;script').and.not.contain('<script').and.not.contain('"><s');
    });

    it('says what is asked with the client\'s id where it has no name', async () => {

        const { browser, issued } = authorizationEndpoint();
        const ada = browser();
        const asked = await signInAt(ada, clientRequests.app);
        expect(asked.payload).to.contain('<strong>app</strong>').and.contain('<code>com.example.app:</code>');
        expect((await ada.submit(asked, { decision: 'allow' })).location).to.equal(`com.example.app:/cb?code=code-1&state=abc&${iss}`);
        expect(issued[0]?.client.id).to.equal('app');
    });

    it('is remembered for the user, the client and what was agreed to', async () => {

        const { browser, advance } = authorizationEndpoint({ consent: () => 'explicit' });
        const [ada, elsewhere] = [browser(), browser()];
        const otherClient = { client_id: 'other', redirect_uri: 'https://other.example.com/cb' };
        await ada.submit(await signInAt(ada, { scope: 'read' }), { decision: 'allow' });
        expect(stepOf(await ada.open(url({ scope: 'read' })))).to.equal('code');
        expect(stepOf(await signInAt(elsewhere, { scope: 'read' }))).to.equal('code');
        expect(stepOf(await ada.open(url({ scope: 'read write' })))).to.equal('consent');
        expect(stepOf(await ada.open(url({ scope: 'read', ...otherClient })))).to.equal('consent');
        expect(stepOf(await signInAt(ada, { scope: 'read', prompt: 'login' }, 'bob'))).to.equal('consent');
        await elsewhere.submit(await elsewhere.open(url({ scope: 'read write' })), { decision: 'allow' });
        expect(stepOf(await elsewhere.open(url({ scope: 'write' })))).to.equal('code');
        advance(365 * 86_400);
        expect(stepOf(await signInAt(browser(), { scope: 'read' }))).to.equal('consent');
    });

    it('asks for what claims are of, beside the scopes', async () => {

        const { browser, issued } = authorizationEndpoint({ consent: () => 'explicit', claimScopes: () => ['write', 'read'] });
        const ada = browser();
        const asked = await signInAt(ada, { scope: 'read' });
        expect(asked.payload).to.contain('<li>Read your reports</li>\n<li>Write your reports</li>');
        await ada.submit(asked, { decision: 'allow' });
        expect(issued[0]?.target.scopes).to.equal(['read']);
        expect(stepOf(await ada.open(url({ scope: 'read' })))).to.equal('code');
    });

    it('attack: what was agreed to on one page counts for no other client, scope, redirect URI or user', async () => {

        const { browser, issued } = authorizationEndpoint({ consent: () => 'explicit' });
        const ada = browser();
        const about = aboutIn((await signInAt(ada, { scope: 'read' })).payload);
        expect(about).to.match(/^[\w-]{43}$/);
        const others = [{ scope: 'read write' }, { scope: 'read', ...clientRequests.spa }, { scope: 'read', client_id: 'other', redirect_uri: 'https://other.example.com/cb' }];
        for (const other of others) {
            const asked = await ada.open(url(other));
            for (const wrong of [about, '', 'x', about.toLowerCase()]) {
                expect(stepOf(await ada.send(form(actionOf(asked), { decision: 'allow', about: wrong }, own))), JSON.stringify(other)).to.equal('consent');
            }

            expect(stepOf(await ada.send(form(actionOf(asked), { decision: 'allow' }, own)))).to.equal('consent');
            expect(stepOf(await ada.send(form(actionOf(asked), { decision: 'deny', about }, own)))).to.equal('consent');
        }

        const two = [{ client_id: 'other', redirect_uri: 'https://other.example.com/cb' }, { client_id: 'other', redirect_uri: 'https://other.example.com/cb2' }] as const;
        const [one, another] = [await ada.open(url(two[0])), await ada.open(url(two[1]))];
        expect(stepOf(await ada.send(form(actionOf(another), { decision: 'allow', about: aboutIn(one.payload) }, own)))).to.equal('consent');

        const asBob = browser();
        const askedBob = await signInAt(asBob, { scope: 'read' }, 'bob');
        expect(stepOf(await asBob.send(form(actionOf(askedBob), { decision: 'allow', about }, own)))).to.equal('consent');
        expect(issued).to.be.empty();
    });

    it('is about the user whom it named, also after another account was switched to in another tab', async () => {

        const { browser, issued } = authorizationEndpoint({ consent: () => 'explicit' });
        const ada = browser();
        const asked = await signInAt(ada, { scope: 'read' });
        await signInAt(ada, { prompt: 'login', scope: 'write' }, 'bob');
        expect(stepOf(await ada.submit(asked, { decision: 'allow' }))).to.equal('code');
        expect(issued.map(({ subject }) => subject)).to.equal(['user-1']);

        const { browser: another, issued: none, logged } = authorizationEndpoint({ consent: () => 'explicit' });
        const shared = another();
        await signInAt(shared, { scope: 'write' });
        const open = await shared.open(url({ scope: 'read' }));          // Whoever is signed in: nobody was identified for this request
        expect(open.payload).to.contain('<strong>ada</strong>');
        await signInAt(shared, { prompt: 'login', scope: 'write' }, 'bob');
        const again = await shared.submit(open, { decision: 'allow' });
        expect(stepOf(again)).to.equal('consent');
        expect(again.payload).to.contain('<strong>bob</strong>');
        expect(none).to.be.empty();
        expect(refusalsIn(logged)).to.equal([{ reason: 'decision_outdated', error: 'invalid_request', client_id: 'web' }]);
    });

    it('asks again where the scopes have changed meanwhile, and for the password where the session has ended', async () => {

        let scopes = ['read'];
        const { browser, issued, browsers } = authorizationEndpoint({ consent: () => 'explicit', target: () => ({ audience: ['https://api.example.com'], scopes }) });
        const ada = browser();
        const asked = await signInAt(ada);
        scopes = ['read', 'write'];
        const again = await ada.submit(asked, { decision: 'allow' });
        expect(stepOf(again)).to.equal('consent');
        expect(again.payload).to.contain('Write your reports');
        ada.jar.delete('oauth2-session');
        expect(stepOf(await ada.submit(again, { decision: 'allow' }))).to.equal('sign-in');
        expect([issued.length, browsers.isSecure]).to.equal([0, false]);
    });

    it('keeps access without the user from who was not asked', async () => {

        const granted = async (consent: 'explicit' | 'implicit' | 'none', changes: Readonly<Record<string, string>> = {}, isFirstParty = false) => {

            const { browser, issued } = authorizationEndpoint({
                consent: () => consent,
                target: () => ({ audience: ['https://api.example.com'], scopes: ['openid', 'offline_access'] }),
                findClient: async (id) => {

                    const client = await registeredClients.find(id);
                    return client === null ? null : { ...client, metadata: { ...client.metadata, first_party: isFirstParty } };
                }
            });
            const ada = browser();
            const page = await signInAt(ada, changes);
            const answer = stepOf(page) === 'consent' ? await ada.submit(page, { decision: 'allow' }) : page;
            return [stepOf(page), stepOf(answer), issued[0]?.target.scopes.join(' ')];
        };

        expect(await granted('explicit')).to.equal(['consent', 'code', 'openid offline_access']);
        expect(await granted('explicit', {}, true)).to.equal(['consent', 'code', 'openid offline_access']);
        expect(await granted('implicit')).to.equal(['consent', 'code', 'openid offline_access']);
        expect(await granted('implicit', {}, true)).to.equal(['code', 'code', 'openid offline_access']);
        expect(await granted('implicit', clientRequests.cli, true)).to.equal(['consent', 'code', 'openid offline_access']);
        expect(await granted('none')).to.equal(['code', 'code', 'openid']);
        expect(await granted('none', { prompt: 'consent' })).to.equal(['consent', 'code', 'openid offline_access']);
    });
});

describe('The answer to an authorization request', () => {

    it('names the session, by another id for each client and user, which the id itself does not tell', async () => {

        const { browser, issued } = authorizationEndpoint();
        const [ada, elsewhere] = [browser(), browser()];
        await signInAt(ada);
        await ada.open(url());
        await ada.open(url(clientRequests.spa));
        await signInAt(ada, { prompt: 'login' }, 'bob');
        await signInAt(elsewhere);
        const [first, again, spa, asBob, another] = issued.map(({ session }) => session);
        expect(again).to.equal(first);
        expect([spa?.id, asBob?.id]).to.equal([first?.id, first?.id]);
        expect(another?.id).to.not.equal(first?.id);
        expect(new Set([first, spa, asBob, another].map((session) => session?.sid)).size).to.equal(4);
        expect(first?.sid).to.equal(sidOf({ sid: first?.id ?? '' }, { clientId: 'web', subject: 'user-1' }));
    });

    it('notes to whom the user has gone on, for the sign-out', async () => {

        const { browser, browsers, server } = authorizationEndpoint();
        const ada = browser();
        await signInAt(ada);
        await ada.open(url(clientRequests.spa));
        await ada.open(url(clientRequests.spa));
        const [secret = '', data = ''] = ada.jar.get('oauth2-session')?.split('.') ?? [];
        const session = await browsers.sessions.find(browsers.secrets.open('ticket', 'session', { secret, data }));
        expect(session?.clients).to.equal([{ clientId: 'web', subject: 'user-1' }, { clientId: 'spa', subject: 'user-1' }]);
        expect(server.info.host).to.equal('localhost');
    });

    it('comes again for a second click within a minute, and is then a page, under a number that its event has', async () => {

        const { browser, issued, ended, advance, logged } = authorizationEndpoint({ consent: () => 'explicit' });
        const ada = browser();
        const asked = await signInAt(ada, { response_mode: 'fragment' });
        const { location } = await ada.submit(asked, { decision: 'allow' });
        advance(59);
        for (const again of [await ada.submit(asked, { decision: 'allow' }), await ada.submit(asked, { decision: 'deny' }), await ada.open(actionOf(asked)), await ada.submit(asked, credentials)]) {
            expect([again.statusCode, again.location]).to.equal([303, location]);
        }

        advance(1);
        expect(refusalsIn(logged)).to.be.empty();
        const lates = [await ada.submit(asked, { decision: 'allow' }), await ada.open(actionOf(asked))];
        for (const late of lates) {
            expect([late.statusCode, stepOf(late), numberOn(late)?.length]).to.equal([400, 'used', 8]);
        }

        expect(refusalsIn(logged)).to.equal(lates.map((late) => ({ reason: 'interaction_used', error: 'invalid_request', client_id: 'web', reference: numberOn(late) })));
        expect([issued.length, ended]).to.equal([1, []]);
    });

    it('attack: is given again to nobody but its user, who is told under a number that the page was used', async () => {

        const { browser, logged } = authorizationEndpoint({ consent: () => 'explicit' });
        const ada = browser();
        const asked = await signInAt(ada);
        await ada.submit(asked, { decision: 'allow' });
        ada.jar.delete('oauth2-session');
        const signedOut = await ada.open(actionOf(asked));
        await signInAt(ada, {}, 'bob');
        const asBob = await ada.submit(asked, { decision: 'allow' });
        for (const page of [signedOut, asBob]) {
            expect([page.statusCode, stepOf(page), page.location]).to.equal([400, 'used', 'undefined']);
        }

        expect(refusalsIn(logged)).to.equal([signedOut, asBob].map((page) => ({ reason: 'interaction_of_another_account', error: 'invalid_request', client_id: 'web', reference: numberOn(page) })));
    });

    it('attack: used twice at the same moment is one code: the loser\'s grant is ended, and both get the same answer', async () => {

        let waiting: (() => void)[] = [];
        const issued: string[] = [];
        const { browser, ended } = authorizationEndpoint({ consent: () => 'explicit', issueCode: async () => {

            const code = `code-${issued.length}`;
            issued.push(code);
            await new Promise<void>((resolve) => {               // Until all are here

                waiting.push(resolve);
                if (issued.length === 5) {
                    waiting.forEach((go) => go());
                    waiting = [];
                }
            });
            return code;
        } });
        const ada = browser();
        const asked = await signInAt(ada);
        const fields = { decision: 'allow', about: aboutIn(asked.payload) };
        const answers = await Promise.all(Array.from({ length: 5 }, () => ada.send(form(actionOf(asked), fields, own))));
        const codes = new Set(answers.map(({ location }) => new URL(location).searchParams.get('code')));
        expect(codes.size).to.equal(1);
        expect([...ended, ...codes].sort()).to.equal(issued);
    });

    it('starts the step again where another tab changed the request at that moment, or its interaction is gone', async () => {

        for (const isGone of [false, true]) {
            let hasLost = false;
            const { browser, ended, issued } = authorizationEndpoint(({ interactions }) => {

                const [finish, find] = [interactions.finish.bind(interactions), interactions.find.bind(interactions)];
                interactions.finish = async (...call) => {

                    const isFirst = !hasLost;
                    hasLost = true;
                    return isFirst ? false : await finish(...call);
                };

                interactions.find = async (...call) => (isGone && hasLost ? null : await find(...call));
                return { interactions, consent: () => 'explicit' };
            });
            const ada = browser();
            const answer = await ada.submit(await signInAt(ada), { decision: 'allow' });
            expect(stepOf(answer)).to.equal(isGone ? 'other browser' : 'code');
            expect([ended, issued.length]).to.equal([['code-1'], isGone ? 1 : 2]);
        }
    });

    it('tells of a failure by redirect, and of its cause to the log alone; the user may try again', async () => {

        const failures: readonly (readonly [Error, string])[] = [
            [new Error('hunter2'), 'server_error'], [new OAuth2Error('temporarily_unavailable', 'Try again later'), 'temporarily_unavailable'], [new OAuth2Error('invalid_scope', 'Not today'), 'invalid_scope']
        ];
        for (const [thrown, error] of failures) {
            let fails = true;
            const { browser, logged } = authorizationEndpoint({ consent: () => 'explicit', issueCode: () => (fails ? Promise.reject(thrown) : Promise.resolve('late')) });
            const ada = browser();
            const asked = await signInAt(ada);
            const answer = await ada.submit(asked, { decision: 'allow' });
            expect(answer.statusCode).to.equal(303);
            expect(answer.location).to.startWith(`${redirectUri}&error=${error}&error_description=`).and.endWith(`&state=abc&${iss}`).and.not.contain('hunter2');
            expect(refusalsIn(logged)).to.have.length(1);
            fails = false;
            expect(stepOf(await ada.submit(asked, { decision: 'allow' }))).to.equal('code');
        }
    });
});
