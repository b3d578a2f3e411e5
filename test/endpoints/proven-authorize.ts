import { badRequest } from '@hapi/boom';
import { expect } from '@hapi/code';
import type Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import type { AuthorizationPageContext, FinalizeAuthorizationContext } from '../../lib/endpoints/authorize';
import type { ProvenAuthorizeEndpoint } from '../../lib/endpoints/proven-authorize';
import { OAuth2Error } from '../../lib/error';
import { Secrets } from '../../lib/protocol/secrets';
import { attack, authorizationEndpoint, credentials, formOf, issuer, refusalsIn } from '../fixture/authorization';
import { epoch } from '../fixture/clock';
import { codeChallenge, redirectUri } from '../fixture/flows';
import { form } from '../fixture/provision';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const iss = 'iss=https%3A%2F%2Fauth.example.com';

const query = (changes: Readonly<Record<string, string | null>> = {}) => {

    const parameters = { client_id: 'web', redirect_uri: redirectUri, response_type: 'code', state: 'abc', code_challenge: codeChallenge, code_challenge_method: 'S256', ...changes };
    return new URLSearchParams(Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== null)).toString();
};

const url = (changes: Readonly<Record<string, string | null>> = {}) => `/authorize?${query(changes)}`;
const location = ({ headers }: Hapi.ServerInjectResponse) => String(headers.location);

/** A request whose user is asked: the consent page, and the form on it. */
const consentOf = async (server: Hapi.Server, request: string) => {

    const response = await server.inject(form(request, credentials));
    expect(response.statusCode).to.equal(200);
    return { ...formOf(response.payload), response };
};

const clientRequests = {
    spa: { client_id: 'spa', redirect_uri: 'https://spa.example.com/cb' },
    cli: { client_id: 'cli', redirect_uri: 'http://127.0.0.1:4711/cb' },
    app: { client_id: 'app', redirect_uri: 'com.example.app:/cb' },
    'trusted-app': { client_id: 'trusted-app', redirect_uri: 'com.example.app:/cb' }
} as const;

describe('The authorization endpoint of registered clients', () => {

    it('signs a user in and sends the client its code', async () => {

        const { server, issued, logged } = authorizationEndpoint();
        const page = await server.inject(url({ scope: 'openid read nowhere', nonce: 'n-1' }));
        expect([page.statusCode, page.payload.includes('type="password"'), page.payload.includes('role="alert"')]).to.equal([200, true, false]);

        const response = await server.inject(form(formOf(page.payload).url, credentials));
        expect(response.statusCode).to.equal(303);
        expect(location(response)).to.equal(`${redirectUri}&code=the-code&state=abc&${iss}`);
        expect(response.headers).to.include({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
        const [{ client, ...rest } = { client: undefined }] = issued;
        expect(client?.id).to.equal('web');
        expect(rest).to.equal({
            authorization: { clientId: 'web', redirectUri, responseType: 'code', scope: 'openid read', state: 'abc', nonce: 'n-1', resource: [], codeChallenge, codeChallengeMethod: 'S256' },
            redirectUriNamed: true, target: { audience: ['https://api.example.com'], scopes: ['openid', 'read'] },
            subject: 'user-1', acr: null, amr: [], authTime: epoch / 1000
        });
        expect(refusalsIn(logged)).to.equal([]);
    });

    it('says how the user signed in, in whole seconds', async () => {

        const { server, issued } = authorizationEndpoint({ authenticateUser: () => () => ({ subject: 'u', acr: 'urn:2fa', amr: ['pwd'] }), clock: () => 1_999 });
        await server.inject(form(url({ redirect_uri: null }), credentials));
        expect(issued[0]).to.include({ subject: 'u', acr: 'urn:2fa', amr: ['pwd'], authTime: 1, redirectUriNamed: false });
    });

    it('takes the request in the form of a POST, and shows the same page', async () => {

        const { server } = authorizationEndpoint();
        const posted = await server.inject(form('/authorize', query({ state: 'ü &"' })));
        expect(posted.payload).to.equal((await server.inject(url({ state: 'ü &"' }))).payload);
        expect(location(await server.inject(form('/authorize', query({ scope: 'nowhere' }))))).to.startWith(`${redirectUri}&error=invalid_scope&`);
        expect((await server.inject(form('/authorize', {}))).statusCode).to.equal(400);
    });

    it('shows the same form again for whatever is wrong with a sign-in', async () => {

        let asked = 0;
        const { server, issued } = authorizationEndpoint({ authenticateUser: () => () => {

            ++asked;
            return null;
        } });
        const pages = [];
        for (const entry of [credentials, { ...credentials, username: 'nobody' }, { username: 'ada' }, { password: 'lovelace' }, {}]) {
            const response = await server.inject(form(url(), entry));
            expect(response.statusCode).to.equal(400);
            expect(response.headers.location).to.be.undefined();
            expect(response.payload).to.contain('The username or the password is wrong').and.not.contain('lovelace');
            pages.push(response.payload);
        }

        expect(new Set(pages).size).to.equal(1);
        expect([asked, issued.length]).to.equal([2, 0]);
    });

    it('keeps passwords, tickets and decisions out of every URL and log', async () => {

        const { server, logged } = authorizationEndpoint({ consent: () => 'explicit' });
        const secrets = { password: 'hunter2', username: 'mallory', ticket: 'hunter3', decision: 'allow' };
        for (const response of [await server.inject(url(secrets)), await server.inject(form('/authorize', query(secrets))), await server.inject(form(url(secrets), {})), await server.inject(form(url(secrets), credentials))]) {
            expect(formOf(response.payload).url).to.contain('client_id=web').and.not.contain('hunter').and.not.contain('mallory').and.not.contain('decision');
        }

        await server.inject(form(url({ scope: 'nowhere' }), { ...credentials, ticket: 'hunter3' }));
        expect(refusalsIn(logged)).to.have.length(1);
        expect(JSON.stringify(logged.map(({ data, tags, error }) => [data, tags, error]))).to.not.contain('hunter').and.not.contain('lovelace');
    });

    it('shows a page, and goes nowhere, where client and redirect URI are not both registered', async () => {

        const { server, issued, logged } = authorizationEndpoint();
        const requests = [
            url({ client_id: 'nobody' }), url({ client_id: 'constructor' }), url({ client_id: '__proto__' }), url({ client_id: attack }), url({ client_id: null }),
            url({ redirect_uri: 'https://evil.example.com/cb' }), url({ redirect_uri: 'https://other.example.com/cb' }), url({ redirect_uri: `${redirectUri}.evil.com` }), url({ redirect_uri: 'javascript:alert(1)' }), url({ redirect_uri: attack }),
            url({ redirect_uri: null, scope: 'openid' }), url({ client_id: 'other', redirect_uri: null }), url({ client_id: 'cli', redirect_uri: null }),
            `${url()}&client_id=web`, `${url()}&redirect_uri=${encodeURIComponent('https://evil.example.com/')}`, url({ redirect_uri: 'https://evil.example.com/', prompt: 'none', response_type: 'x' })
        ];
        for (const request of requests) {
            for (const response of [await server.inject(request), await server.inject(form(request, credentials)), await server.inject(form(request, { decision: 'deny' })), await server.inject(form('/authorize', request.split('?')[1] ?? ''))]) {
                expect(response.statusCode, request).to.equal(400);
                expect(response.headers.location, request).to.be.undefined();
                expect(response.payload, request).to.contain('This did not work').and.not.contain('<script').and.not.contain('<form');
            }
        }

        expect(issued).to.be.empty();
        expect(refusalsIn(logged)).to.have.length(4 * requests.length);
        expect(refusalsIn(logged)[0]).to.include({ reason: 'unknown_client', error: 'invalid_client', client_id: 'nobody' });
    });

    it('tells the client everything else by redirect, and the log why', async () => {

        const { server, issued, logged } = authorizationEndpoint();
        const refusals: readonly (readonly [Readonly<Record<string, string | null>>, string])[] = [
            [{ response_type: 'token' }, 'unsupported_response_type'], [{ response_type: null }, 'invalid_request'], [{ response_mode: 'fragment' }, 'invalid_request'],
            [{ request: 'a.b.c' }, 'request_not_supported'], [{ request_uri: 'urn:x' }, 'request_uri_not_supported'],
            [{ code_challenge: null, code_challenge_method: null }, 'invalid_request'], [{ code_challenge_method: 'plain' }, 'invalid_request'], [{ code_challenge: 'short' }, 'invalid_request'],
            [{ prompt: 'none' }, 'login_required'], [{ prompt: 'none consent' }, 'invalid_request'],
            [{ scope: 'nowhere' }, 'invalid_scope'], [{ scope: 'html' }, 'invalid_scope'], [{ scope: attack }, 'invalid_scope'], [{ resource: 'https://evil.example.com' }, 'invalid_target']
        ];
        for (const [changes, error] of refusals) {
            for (const request of [url(changes), form(url(changes), credentials)]) {
                const response = await server.inject(request);
                expect(response.statusCode).to.equal(303);
                expect(location(response), error).to.match(new RegExp(`^https://app\\.example\\.com/callback\\?tenant=a%20b&error=${error}&(?:error_description=[^&]+&)?state=abc&${iss}$`));
                expect(response.payload).to.equal('');
            }
        }

        expect(location(await server.inject(url({ client_id: 'machine', redirect_uri: 'https://machine.example.com/cb' })))).to.startWith('https://machine.example.com/cb?error=unauthorized_client&');
        expect(issued).to.be.empty();
        expect(refusalsIn(logged)[0]).to.equal({ reason: 'unsupported_response_type', error: 'unsupported_response_type', client_id: 'web' });
        expect(refusalsIn(logged)).to.have.length(2 * refusals.length + 1);
    });

    it('refuses known parameters that were sent twice, by redirect; a state is then not sent back', async () => {

        const { server } = authorizationEndpoint();
        for (const name of ['response_type', 'scope', 'nonce', 'code_challenge', 'code_challenge_method', 'prompt', 'response_mode', 'request', 'request_uri']) {
            expect(location(await server.inject(`${url({ [name]: 'read' })}&${name}=read`)), name).to.match(/&error=(?:invalid_request|unsupported_response_type)&.*&state=abc&iss=/);
        }

        for (const again of ['abc', 'x', '']) {
            const address = new URL(location(await server.inject(`${url()}&state=${again}`)));
            expect(address.searchParams.get('error')).to.equal('invalid_request');
            expect(address.searchParams.has('state')).to.be.false();
        }

        for (const entry of [`username=a&username=b&password=c`, 'ticket=a&ticket=b']) {
            expect(location(await server.inject(form(url(), entry)))).to.contain('&error=invalid_request&');
        }

        expect((await server.inject(`${url()}&unknown=a&unknown=b`)).statusCode).to.equal(200);
    });

    it('gives the state back as it came, whatever is in it, and adds no header by it', async () => {

        const { server } = authorizationEndpoint({ consent: () => 'explicit' });
        for (const state of ['a b+c%2B&=#', 'x\r\nset-cookie: a=b', '☃ ü 😀', attack, '{"a":"b"}', '&code=evil&iss=evil', ' ']) {
            const { url: action, ticket, response } = await consentOf(server, url({ state }));
            expect(response.payload).to.not.contain('<script');
            const answers = [await server.inject(form(action, { ticket, decision: 'allow' })), await server.inject(form(action, { ticket, decision: 'deny' })), await server.inject(url({ state, scope: 'nowhere' }))];
            for (const answer of answers) {
                expect(answer.headers['set-cookie']).to.be.undefined();
                expect(new URL(location(answer)).searchParams.getAll('state')).to.equal([state]);
                expect(new URL(location(answer)).searchParams.getAll('iss')).to.equal([issuer]);
            }
        }

        expect(new URL(location(await server.inject(form(url({ state: null, prompt: 'none' }), credentials)))).searchParams.has('state')).to.be.false();
    });

    it('refuses a form that another site made the browser send', async () => {

        const { server, issued } = authorizationEndpoint({ consent: () => 'explicit' });
        const { url: action, ticket } = await consentOf(server, url());
        for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: 'https://evil.example.com' }, { origin: 'null' }]) {
            for (const entry of [credentials, { ticket, decision: 'allow' }]) {
                const response = await server.inject(form(action, entry, headers));
                expect([response.statusCode, response.headers.location]).to.equal([403, undefined]);
            }
        }

        expect(issued).to.be.empty();
        expect((await server.inject(form(action, { ticket, decision: 'allow' }, { 'sec-fetch-site': 'same-origin', origin: issuer }))).statusCode).to.equal(303);
    });

    it('lets nobody be the client itself (rule 17)', async () => {

        const { server, issued, logged } = authorizationEndpoint({ authenticateUser: () => ({ username }) => username, consent: () => 'explicit' });
        const response = await server.inject(form(url(), { username: 'web', password: 'x' }));
        expect(location(response)).to.startWith(`${redirectUri}&error=access_denied&`);
        expect(refusalsIn(logged)).to.equal([{ reason: 'subject_is_client', error: 'access_denied', client_id: 'web' }]);
        expect(issued).to.be.empty();
    });

    it('is a page that says to the log what to call, where nobody can sign in', async () => {

        const { server, logged } = authorizationEndpoint({ authenticateUser: () => undefined });
        for (const request of [url(), form(url(), credentials)]) {
            const response = await server.inject(request);
            expect([response.statusCode, response.headers.location]).to.equal([500, undefined]);
            expect(response.payload).to.contain('<code>server_error</code>').and.not.contain('authenticateUser');
        }

        const [error] = logged.flatMap((event) => (event.channel === 'error' ? [event.error] : []));
        expect(error).to.be.instanceof(OAuth2Error);
        expect(String((error as OAuth2Error).cause)).to.contain('call authenticateUser(');
        expect((await server.inject(url({ client_id: 'nobody' }))).statusCode).to.equal(400);
    });

    it('tells of a failure by redirect, and of its cause to the log alone', async () => {

        const throws = (err: Error) => () => Promise.reject(err);
        const failures: readonly (readonly [Partial<ProvenAuthorizeEndpoint>, string])[] = [
            [{ authenticateUser: () => throws(new Error('hunter2')) }, 'server_error'], [{ authenticateUser: () => throws(badRequest('hunter2')) }, 'server_error'], [{ authenticateUser: () => () => '' }, 'server_error'],
            [{ authenticateUser: () => throws(new OAuth2Error('access_denied', 'This account is locked')) }, 'access_denied'],
            [{ issueCode: throws(new Error('hunter2')) }, 'server_error'], [{ issueCode: throws(badRequest('hunter2')) }, 'server_error'], [{ issueCode: throws(new OAuth2Error('temporarily_unavailable', 'Try again later')) }, 'temporarily_unavailable'],
            [{ finalize: throws(new Error('hunter2')) }, 'server_error'], [{ issueCode: throws(new OAuth2Error('invalid_scope', 'Not today')) }, 'invalid_scope']
        ];
        for (const [changes, error] of failures) {
            const { server, logged } = authorizationEndpoint(changes);
            const response = await server.inject(form(url(), credentials));
            expect(response.statusCode).to.equal(303);
            expect(location(response)).to.startWith(`${redirectUri}&error=${error}&error_description=`).and.endWith(`&state=abc&${iss}`).and.not.contain('hunter2');
            expect(refusalsIn(logged)).to.have.length(1);
        }

        const { server } = authorizationEndpoint({ findClient: () => Promise.reject(new Error('hunter2')) });
        const response = await server.inject(url());
        expect([response.statusCode, response.headers.location]).to.equal([500, undefined]);
    });

    it('is protected as every page', async () => {

        const { server } = authorizationEndpoint({ consent: () => 'explicit' });
        const { response } = await consentOf(server, url());
        for (const { headers } of [response, await server.inject(url())]) {
            expect(headers).to.include({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });
            expect(headers['content-security-policy']).to.match(/^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; frame-ancestors 'none'$/);
        }

        expect((await server.inject({ method: 'PUT', url: url() })).statusCode).to.equal(405);
        expect(server.match('get', '/authorize')?.settings.description).to.equal('OAuth 2.0 authorization endpoint');
    });
});

describe('The consent page', () => {

    it('asks what the client may do, and sends the code once the user agrees', async () => {

        const { server, issued, advance } = authorizationEndpoint({ consent: () => 'explicit', authenticateUser: () => () => ({ subject: 'u', acr: 'urn:2fa', amr: ['pwd', 'otp'] }) });
        const { url: action, ticket, response } = await consentOf(server, url({ scope: 'openid read' }));
        expect(response.payload).to.contain('<strong>Reports &amp; more</strong>').and.contain('<li>Know who you are</li>\n<li>Read your reports</li>').and.contain('<code>app.example.com</code>');
        expect(issued).to.be.empty();

        advance(599);
        const allowed = await server.inject(form(action, { ticket, decision: 'allow' }));
        expect([allowed.statusCode, location(allowed)]).to.equal([303, `${redirectUri}&code=the-code&state=abc&${iss}`]);
        expect(issued).to.have.length(1);
        expect(issued[0]).to.include({ subject: 'u', acr: 'urn:2fa', amr: ['pwd', 'otp'], authTime: epoch / 1000, target: { audience: ['https://api.example.com'], scopes: ['openid', 'read'] } });
    });

    it('tells the client that the user said no, or anything but yes', async () => {

        const { server, issued } = authorizationEndpoint({ consent: () => 'explicit' });
        const { url: action, ticket } = await consentOf(server, url());
        for (const entry of [{ ticket, decision: 'deny' }, { ticket, decision: 'ALLOW' }, { ticket }]) {
            expect(location(await server.inject(form(action, entry)))).to.equal(`${redirectUri}&error=access_denied&error_description=The%20user%20denied%20the%20request&state=abc&${iss}`);
        }

        expect(issued).to.be.empty();
    });

    it('escapes what a client calls itself and what scopes say', async () => {

        const { server } = authorizationEndpoint({ consent: () => 'explicit' });
        const { response } = await consentOf(server, url({ client_id: 'hostile', redirect_uri: 'https://hostile.example.com/cb', scope: 'html', state: attack, nonce: attack, [attack]: attack }));
        expect(response.payload).to.contain('&lt;script').and.not.contain('<script').and.not.contain('"><s');
    });

    it('rule 35: is shown where another program could pose as the client, or the client wants it', async () => {

        const shown = async (changes: Readonly<Record<string, string>>, consent: 'explicit' | 'none' = 'none') =>
            (await authorizationEndpoint({ consent: () => consent }).server.inject(form(url(changes), credentials))).payload.includes('value="allow"');
        expect(await shown({})).to.be.false();
        expect(await shown(clientRequests.spa)).to.be.false();
        expect(await shown(clientRequests.cli)).to.be.true();
        expect(await shown(clientRequests.app)).to.be.true();
        expect(await shown({ client_id: 'desktop', redirect_uri: 'http://127.0.0.1:4711/cb' })).to.be.false();
        expect(await shown(clientRequests['trusted-app'])).to.be.false();
        expect(await shown(clientRequests['trusted-app'], 'explicit')).to.be.true();
        expect(await shown({ ...clientRequests['trusted-app'], prompt: 'consent' })).to.be.true();
        expect(await shown({ prompt: 'login consent' })).to.be.true();
        expect(await shown({ prompt: 'login' })).to.be.false();
        expect(await shown({}, 'explicit')).to.be.true();
    });

    it('says what is asked with the client\'s id where it has no name', async () => {

        const { server, issued } = authorizationEndpoint();
        const { url: action, ticket, response } = await consentOf(server, url(clientRequests.app));
        expect(response.payload).to.contain('<strong>app</strong>').and.contain('<code>com.example.app:</code>');
        expect(location(await server.inject(form(action, { ticket, decision: 'allow' })))).to.equal(`com.example.app:/cb?code=the-code&state=abc&${iss}`);
        expect(issued[0]?.client.id).to.equal('app');
    });

    it('cannot be answered without its ticket, or with one that is old, altered or made up', async () => {

        const { server, issued, advance } = authorizationEndpoint({ consent: () => 'explicit' });
        const { url: action, ticket } = await consentOf(server, url());
        const foreign = (await consentOf(authorizationEndpoint({ consent: () => 'explicit' }).server, url())).ticket;
        const refused = async (entry: Readonly<Record<string, string>>) => {

            const response = await server.inject(form(action, entry));
            expect([response.statusCode, response.headers.location]).to.equal([400, undefined]);
            expect(response.payload).to.contain('sign in again').and.contain('type="password"').and.not.contain(ticket);
        };

        for (const wrong of ['', 'x', '.', `${ticket.slice(0, 20)}${ticket[20] === 'A' ? 'B' : 'A'}${ticket.slice(21)}`, `x${ticket}`, foreign]) {
            await refused({ ticket: wrong, decision: 'allow' });
        }

        await refused({ decision: 'allow' });
        await refused({ decision: 'allow', ...credentials });
        advance(600);
        await refused({ ticket, decision: 'allow' });
        expect(issued).to.be.empty();
    });

    it('answers one request only: no ticket allows another client, scope, challenge, state or redirect URI', async () => {

        const { server, issued } = authorizationEndpoint({ consent: () => 'explicit' });
        const { ticket } = await consentOf(server, url({ scope: 'read', nonce: 'n' }));
        const others = [
            { scope: 'read write' }, { scope: 'read', state: 'other' }, { scope: 'read', nonce: 'm' }, { scope: 'read', code_challenge: 'x'.repeat(43) }, { scope: 'read', redirect_uri: null },
            { scope: 'read', ...clientRequests.spa }, { scope: 'read', resource: 'https://api.example.com' }, { scope: 'read', prompt: 'login' }
        ];
        for (const other of others) {
            expect((await server.inject(form(url({ nonce: 'n', ...other }), { ticket, decision: 'allow' }))).statusCode, JSON.stringify(other)).to.equal(400);
        }

        expect(issued).to.be.empty();
        expect((await server.inject(form(url({ scope: 'read', nonce: 'n' }), { ticket, decision: 'allow' }))).statusCode).to.equal(303);
    });

    it('of one endpoint says nothing to another that knows other users, nor to the same after its scopes changed', async () => {

        const secrets = Secrets.generate();
        const one = authorizationEndpoint({ consent: () => 'explicit', secrets });
        const staff = authorizationEndpoint({ consent: () => 'explicit', secrets, path: '/staff' });
        const wider = authorizationEndpoint({ consent: () => 'explicit', secrets, target: () => ({ audience: ['https://api.example.com'], scopes: ['openid', 'read', 'write', 'html'] }) });
        const twin = authorizationEndpoint({ consent: () => 'explicit', secrets });
        const { url: action, ticket } = await consentOf(one.server, url());
        expect((await staff.server.inject(form(action.replace('/authorize', '/staff'), { ticket, decision: 'allow' }))).statusCode).to.equal(400);
        expect((await wider.server.inject(form(action, { ticket, decision: 'allow' }))).statusCode).to.equal(400);
        expect((await twin.server.inject(form(action, { ticket, decision: 'allow' }))).statusCode).to.equal(303);
    });
});

describe('The pages of an app, at level 2', () => {

    it('replace the form, and end a step', async () => {

        const pages: AuthorizationPageContext[] = [];
        const ends: FinalizeAuthorizationContext[] = [];
        const { server } = authorizationEndpoint({
            usernameField: 'email', passwordField: 'pin', consent: () => 'explicit',
            renderGet: (page, _request, h) => {

                pages.push(page);
                return page.errorMessage === undefined ? h.response('mine') : h.continue;
            },
            finalize: (ctx, _request, h) => {

                ends.push(ctx);
                return h.redirect(ctx.fullRedirectUri).code(307);
            }
        });
        expect((await server.inject(url())).payload).to.equal('mine');
        expect((await server.inject(form(url(), credentials))).payload).to.contain('name="email"').and.contain('name="pin"');
        expect(pages[0]).to.include({ clientId: 'web', scope: 'openid read write', action: `?${query()}`, usernameField: 'email', passwordField: 'pin', statusCode: 200, errorMessage: undefined });
        expect(pages[1]).to.include({ statusCode: 400, errorMessage: 'The username or the password is wrong' });

        const page = await server.inject(form(url(), { email: 'ada', pin: 'lovelace' }));
        const { url: action, ticket } = formOf(page.payload);
        for (const decision of ['allow', 'deny']) {
            expect((await server.inject(form(action, { ticket, decision }))).statusCode).to.equal(303);
        }

        expect(ends.map(({ authorizationResult, clientId }) => [authorizationResult, clientId])).to.equal([[{ type: 'code', value: 'the-code' }, 'web'], [{ type: 'deny' }, 'web']]);
        expect(ends[1]?.fullRedirectUri).to.contain('error=access_denied');
    });

    it('live at the path, with the options, that they were given', () => {

        const { server } = authorizationEndpoint({ path: '/login', options: { tags: ['page'] } });
        expect(server.match('post', '/login')?.settings.tags).to.equal(['page']);
    });
});
