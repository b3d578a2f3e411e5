import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { AuthorizationServerBuilder, OIDCAuthorizationCodeBuilder, type ClientMetadata } from '../../lib';
import { testClock } from '../fixture/clock';
import { codeVerifier, quietServer } from '../fixture/flows';
import { foreignStore } from '../fixture/level-2';
import { refusalOf } from '../fixture/refusal';
import { deviceCodeType, login, redirectUri } from '../fixture/registered-server';
import { registrationServer } from '../fixture/registration';
import { codeIn, outcomeOf, ruleClients, ruleServer } from '../fixture/rule-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const invalidGrant = [400, 'invalid_grant'];
const outcome = ({ statusCode, body }: { readonly statusCode: number; readonly body: Readonly<Record<string, unknown>> }) => [statusCode, body.error];

/** The clients of the rules, of which a test changes some; the server learns of a change at once. */
const changing = () => new Map<string, ClientMetadata>(ruleClients.map((client) => [client.client_id, client]));

/** The server on a store across the network, and which of its functions were called. */
const onStore = async (replaced: Parameters<typeof foreignStore>[1] = {}, configure: (hub: AuthorizationServerBuilder) => unknown = () => undefined) => {

    const { now, advance } = testClock();
    const shared = foreignStore(now, replaced);
    const bench = await ruleServer({ configure: (hub) => configure(hub.setClock(now).setStore(shared.store)) });
    const asked = async <T>(run: () => Promise<T>) => {

        shared.calls.length = 0;
        const answer = await run();
        return { answer, calls: [...shared.calls] };
    };

    return { ...bench, ...shared, advance, asked };
};

/** What a device is told, once its user has decided. */
const deviceCodes = async ({ send, browser }: Pick<Awaited<ReturnType<typeof ruleServer>>, 'send' | 'browser'>, decision: 'allow' | 'deny' | null = 'allow') => {

    const { body } = await send('/oauth2/device_authorization', {}, 'tv');
    if (decision !== null) {
        const user = browser();
        const asked = await user.submit(await user.open('/oauth2/device'), { user_code: String(body.user_code), username: 'alice', password: 'right' });
        await user.submit(asked, { decision });
    }

    const poll = async (clientId = 'tv') => await send('/oauth2/token', { grant_type: deviceCodeType, device_code: String(body.device_code) }, clientId);
    return { body, poll };
};

describe('Proving and issuing: rule 9', () => {

    it('rule 9: a code is read, proven, used up, and only then are tokens written', async () => {

        const { code, redeem, asked } = await onStore();
        const value = await code();
        expect((await asked(() => redeem(value, 'web', { code_verifier: 'x'.repeat(43) }))).calls).to.equal(['findToken']);
        const { answer, calls } = await asked(() => redeem(value));
        expect([answer.statusCode, calls]).to.equal([200, ['findToken', 'consume', 'addTokens']]);
    });

    it('rule 9: a device code is read, proven, used up, and only then are tokens written', async () => {

        const bench = await onStore();
        const { poll } = await deviceCodes(bench);
        bench.advance(5);
        expect((await bench.asked(() => poll('radio'))).calls).to.equal(['get']);
        const { answer, calls } = await bench.asked(() => poll());
        expect(answer.statusCode).to.equal(200);
        expect(calls.indexOf('consume')).to.be.above(calls.indexOf('get'));
        expect(calls.slice(-2)).to.equal(['consume', 'addTokens']);
    });

    it('rule 9: a code whose handler fails has been used up, and its grant is over', async () => {

        const flow = login().tokenRoute((route) => route.issueTokens(() => {

            throw new Error('the pool is drained');
        }));
        const { code, redeem, server } = await ruleServer({ flows: [flow] });
        const value = await code();
        expect(outcome(await redeem(value))).to.equal([500, 'server_error']);
        expect(outcome(await redeem(value))).to.equal(invalidGrant);
        expect((await server.oauth2.grants.list({ subject: 'alice' })).items).to.equal([]);
    });

    it('rule 9: a refresh is two calls to the store: one read of token and grant, and the replacement at the end', async () => {

        const { tokens, refresh, asked } = await onStore();
        const { refresh_token: value } = await tokens();
        const { answer, calls } = await asked(() => refresh(value));
        expect([answer.statusCode, calls]).to.equal([200, ['findToken', 'rotate']]);
    });

    it('rule 9: a refresh whose handler fails leaves the token as it was', async () => {

        const state = { fails: false };
        const { tokens, refresh, asked } = await onStore({}, (hub) => hub.onTokens(() => {

            if (state.fails) {
                throw new Error('the pool is drained');
            }
        }));
        const { refresh_token: value } = await tokens();
        state.fails = true;
        expect((await asked(() => refresh(value))).calls).to.equal(['findToken']);
        state.fails = false;
        expect((await refresh(value)).statusCode).to.equal(200);
    });

    it('rule 9: of refreshes that race one replaces the token, and the others throw away what they built and give its reply', async () => {

        let runs = 0;
        const { tokens, refresh, eventsOf, get } = await onStore({}, (hub) => hub.onTokens(({ grantType }) => {

            runs += Number(grantType === 'refresh_token');
        }));
        const { refresh_token: value } = await tokens();
        const replies = await Promise.all(Array.from({ length: 4 }, () => refresh(value)));
        const [first] = replies;
        expect(replies.map(({ statusCode }) => statusCode)).to.equal([200, 200, 200, 200]);
        expect(replies.every(({ body }) => body.refresh_token === first?.body.refresh_token && body.access_token === first?.body.access_token)).to.be.true();
        expect(runs).to.be.above(1);                            // Handlers may run more than once for one refresh
        expect(eventsOf('rotated')).to.have.length(1);          // Events do not
        expect(await get(first?.body.access_token)).to.equal(200);
    });
});

describe('Proving and issuing: rule 10', () => {

    it('rule 10: within the grace window, measured once from the replacement, the previous token is answered with the same reply, and after it is reuse', async () => {

        const { tokens, refresh, clock, eventsOf } = await ruleServer();
        const { refresh_token: value } = await tokens();
        const first = (await refresh(value)).body;
        for (const passed of [4, 9, 9.999]) {
            clock.advance(passed === 4 ? 4 : passed === 9 ? 5 : 0.999);
            const { body } = await refresh(value);
            expect(body).to.equal({ ...first, expires_in: 3600 - Math.floor(passed) });
        }

        clock.advance(0.001);
        expect(outcome(await refresh(value))).to.equal(invalidGrant);
        expect(eventsOf('reused')).to.have.length(1);
        expect(outcome(await refresh(first.refresh_token))).to.equal(invalidGrant);
    });

    it('rule 10: only the token before the last is answered again: once its successor was used it is invalid_grant, and nothing is revoked', async () => {

        const { tokens, refresh, get, eventsOf } = await ruleServer();
        const { refresh_token: first } = await tokens();
        const { refresh_token: second } = (await refresh(first)).body;
        const third = (await refresh(second)).body;
        expect(outcome(await refresh(first))).to.equal(invalidGrant);
        expect(eventsOf('reused')).to.equal([]);
        expect([await get(third.access_token), (await refresh(third.refresh_token)).statusCode]).to.equal([200, 200]);
    });

    it('rule 10: a replaced token is answered again only while its grant is live', async () => {

        const { tokens, refresh, server } = await ruleServer();
        const { refresh_token: value } = await tokens();
        expect((await refresh(value)).statusCode).to.equal(200);
        await server.oauth2.grants.revokeSubject('alice');
        expect(outcome(await refresh(value))).to.equal(invalidGrant);
    });

    it('rule 10: a replaced token of another client is reuse, also within the window', async () => {

        const { tokens, refresh, get, eventsOf } = await ruleServer();
        const { refresh_token: value } = await tokens();
        const { body } = await refresh(value);
        expect(outcome(await refresh(value, 'other'))).to.equal(invalidGrant);
        expect(eventsOf('reused').map(({ client_id: id }) => id)).to.equal(['web']);
        expect([await get(body.access_token), outcome(await refresh(body.refresh_token))]).to.equal([401, invalidGrant]);
    });

    it('rule 10: a replaced token whose client authenticates another way is reuse, also within the window', async () => {

        const clients = changing();
        const { tokens, refresh, send, eventsOf } = await ruleServer({ clients });
        const { refresh_token: value } = await tokens();
        const { body } = await refresh(value);
        clients.set('web', { ...ruleClients[0], client_id: 'web', token_endpoint_auth_method: 'client_secret_post' });
        const byPost = async (token: unknown) => await send('/oauth2/token', { grant_type: 'refresh_token', refresh_token: String(token), client_id: 'web', client_secret: 'web-secret' }, null);
        expect(outcome(await byPost(value))).to.equal(invalidGrant);
        expect(eventsOf('reused')).to.have.length(1);
        expect(outcome(await byPost(body.refresh_token))).to.equal(invalidGrant);
    });

    it('rule 10: another scope within the window gets a fresh access token and the same successor', async () => {

        const { tokens, refresh, eventsOf } = await ruleServer();
        const { refresh_token: value } = await tokens();
        const first = (await refresh(value)).body;
        const narrow = (await refresh(value, 'web', { scope: 'email' })).body;
        expect(narrow).to.include({ scope: 'email', refresh_token: first.refresh_token });
        expect(narrow.access_token).to.not.equal(first.access_token);
        expect(eventsOf('rotated')).to.have.length(1);
        expect((await refresh(first.refresh_token)).body.scope).to.equal('openid email offline_access');
    });

    it('rule 10: another resource within the window gets a fresh access token for it and the same successor', async () => {

        const [api, files] = ['https://api.example.com', 'https://files.example.com'];
        const { signIn, redeem, refresh, authorizeUrl, browser, introspect } = await ruleServer({ configure: (hub) => hub.setResources({ [api]: { default: true }, [files]: {} }) });
        expect(authorizeUrl()).to.include('client_id=web');
        const user = browser();
        await signIn({}, { browser: user });
        const granted = await user.open(`${authorizeUrl()}&resource=${encodeURIComponent(api)}&resource=${encodeURIComponent(files)}`);
        const { location } = granted.payload.includes('name="decision"') ? await user.submit(granted, { decision: 'allow' }) : granted;
        const { refresh_token: value } = (await redeem(codeIn(location))).body;
        const first = (await refresh(value, 'web', { resource: api })).body;
        const second = (await refresh(value, 'web', { resource: files })).body;
        expect(second.refresh_token).to.equal(first.refresh_token);
        expect([(await introspect(first.access_token)).aud, (await introspect(second.access_token)).aud]).to.equal([api, files]);
    });

    it('rule 10: the stored reply dies with the window', async () => {

        const rotated: Readonly<Record<string, unknown>>[] = [];
        const { tokens, refresh } = await onStore({ rotate: (own, call) => {

            rotated.push({ ...Object(call) });
            return typeof own === 'function' ? own() as unknown : null;
        } });
        const { refresh_token: value } = await tokens();
        expect((await refresh(value)).statusCode).to.equal(200);
        const [{ tokens: written } = { tokens: null }] = rotated;
        const replies = Array.isArray(written) ? written.filter(({ kind }: { kind: unknown }) => kind === 'refresh_reply') : [];
        expect(replies).to.have.length(1);
        expect(Object(replies[0]).expiresAt).to.equal(testClock().now() + 10_000);
    });
});

describe('Proving and issuing: rule 11', () => {

    it('rule 11: a second use of a code by its own client, with all that belongs to it, ends what the first one got', async () => {

        const { code, redeem, refresh, get, eventsOf } = await ruleServer();
        const value = await code();
        const { body } = await redeem(value);
        expect(await get(body.access_token)).to.equal(200);
        expect(outcome(await redeem(value))).to.equal(invalidGrant);
        expect([await get(body.access_token), outcome(await refresh(body.refresh_token))]).to.equal([401, invalidGrant]);
        expect(eventsOf('reused')).to.have.length(1);
    });

    it('rule 11: a code that somebody found in a log is invalid_grant and logs nobody out: another client, another redirect URI, another verifier', async () => {

        const { code, redeem, get, eventsOf } = await ruleServer();
        const value = await code();
        const { body } = await redeem(value);
        for (const [clientId, changes] of [['other', {}], ['web', { redirect_uri: `${redirectUri}/` }], ['web', { code_verifier: 'x'.repeat(43) }], ['web', { code_verifier: null }]] as const) {
            expect(outcome(await redeem(value, clientId, changes))).to.equal(invalidGrant);
        }

        expect([await get(body.access_token), eventsOf('reused')]).to.equal([200, []]);
    });

    it('rule 11: a race for one code ends with one 200 at most, and no token of it lives', async () => {

        const { code, redeem, refresh, get, advance } = await onStore();
        const value = await code();
        const replies = await Promise.all(Array.from({ length: 20 }, () => redeem(value)));
        const winners = replies.filter(({ statusCode }) => statusCode === 200);
        expect(winners.length).to.be.at.most(1);
        advance(10);
        for (const { body } of winners) {
            expect([await get(body.access_token), outcome(await refresh(body.refresh_token))]).to.equal([401, invalidGrant]);
        }
    });

    it('rule 11: tokens are written under a grant only while it lives, however late its end comes', async () => {

        const state: { end: () => Promise<unknown> } = { end: () => Promise.resolve() };
        const { code, redeem, refresh, get, server } = await onStore({ addTokens: async (own) => {

            await state.end();
            return typeof own === 'function' ? await (own() as Promise<unknown>) : null;
        } }, (hub) => hub.setRevocationWindow(0));
        const value = await code();
        state.end = () => server.oauth2.grants.revokeSubject('alice');
        const { statusCode, body } = await redeem(value);
        expect(statusCode).to.equal(200);
        expect([await get(body.access_token), outcome(await refresh(body.refresh_token))]).to.equal([401, invalidGrant]);
    });

    it('rule 11: the trace of a used code is kept for 10 minutes after its minute', async () => {

        const { code, redeem, eventsOf, clock } = await ruleServer();
        const [noticed, forgotten] = [await code(), await code()];
        for (const value of [noticed, forgotten]) {
            expect((await redeem(value)).statusCode).to.equal(200);
        }

        clock.advance(659.999);
        expect(outcome(await redeem(noticed))).to.equal(invalidGrant);
        expect(eventsOf('reused')).to.have.length(1);
        clock.advance(0.001);
        expect(outcome(await redeem(forgotten))).to.equal(invalidGrant);
        expect(eventsOf('reused')).to.have.length(1);
    });
});

describe('Proving and issuing: rule 12', () => {

    const without = { code_challenge: null, code_challenge_method: null };

    it('rule 12: a confidential client is exempt from PKCE by its record, or by the hub\'s requirePkce(\'public\'), and by nothing else', async () => {

        const strict = await ruleServer();
        expect(outcomeOf(await strict.signIn({ ...without, client_id: 'web' }))).to.equal('invalid_request');
        expect(outcomeOf(await strict.signIn({ ...without, client_id: 'exempt' }))).to.equal('code');
        const lenient = await ruleServer({ configure: (hub) => hub.requirePkce('public') });
        const { location } = await lenient.signIn({ ...without, client_id: 'web' });
        expect((await lenient.redeem(codeIn(location), 'web', { code_verifier: null })).statusCode).to.equal(200);
    });

    it('rule 12: a public client is never exempt', async () => {

        const { signIn } = await ruleServer({ configure: (hub) => hub.requirePkce('public') });
        const page = await signIn({ ...without, client_id: 'spa', redirect_uri: 'https://spa.example.com/cb' });
        expect(outcomeOf(page)).to.equal('invalid_request');
        const record: ClientMetadata = { client_id: 'spa', token_endpoint_auth_method: 'none', redirect_uris: [redirectUri], require_pkce: false };
        expect(await refusalOf(quietServer(), AuthorizationServerBuilder.create().setClients([record]))).to.include('require_pkce cannot be false for a public client');
    });

    it('rule 12: a confidential client that registered itself is exempt under requirePkce(\'public\') too', async () => {

        const { registered, authorize } = await registrationServer((route) => route.allow('open'), (hub) => hub.requirePkce('public'));
        const { id } = await registered({ scope: 'openid' });
        const { location } = await authorize({ client_id: id, scope: 'openid', code_challenge: '', code_challenge_method: '' });
        expect(codeIn(location)).to.match(/^[\w-]{43,}$/);
    });

    it('rule 12: a challenge that was sent is enforced, whoever is exempt', async () => {

        const { code, redeem } = await ruleServer();
        const value = await code({ client_id: 'exempt' });
        for (const verifier of [null, '', 'x'.repeat(43)]) {
            expect(outcome(await redeem(value, 'exempt', { code_verifier: verifier }))).to.equal(invalidGrant);
        }

        expect((await redeem(value, 'exempt')).statusCode).to.equal(200);
    });

    it('rule 12: a missing verifier, and a verifier for a code without a challenge, are invalid_grant', async () => {

        const { code, redeem } = await ruleServer();
        expect(outcome(await redeem(await code(), 'web', { code_verifier: null }))).to.equal(invalidGrant);
        const value = await code({ ...without, client_id: 'exempt' });
        expect(outcome(await redeem(value, 'exempt', { code_verifier: codeVerifier }))).to.equal(invalidGrant);
        expect((await redeem(value, 'exempt', { code_verifier: null })).statusCode).to.equal(200);
    });

    it('rule 12: a missing challenge where one is required, plain, and a malformed one are invalid_request by redirect', async () => {

        const { signIn } = await ruleServer();
        const wrong: readonly (readonly [string, Readonly<Record<string, string | null>>])[] = [
            ['web', without], ['web', { code_challenge_method: 'plain' }], ['web', { code_challenge_method: null }], ['web', { code_challenge: 'short' }], ['web', { code_challenge: `${'a'.repeat(43)}=` }],
            ['exempt', { code_challenge_method: 'plain' }], ['exempt', { code_challenge: 'a'.repeat(44) }], ['exempt', { code_challenge: null }]
        ];
        for (const [clientId, changes] of wrong) {
            const { location } = await signIn({ ...changes, client_id: clientId });
            expect(location, JSON.stringify([clientId, changes])).to.startWith(`${redirectUri}?error=invalid_request&`);
        }
    });
});

describe('Proving and issuing: rule 13', () => {

    const native = 'http://127.0.0.1:5000/cb?a=1';
    const without = { code_challenge: null, code_challenge_method: null, client_id: 'exempt' };

    it('rule 13: a redirect_uri at the token endpoint equals that of the authorization request, port included', async () => {

        const { code, redeem } = await ruleServer();
        const value = await code({ client_id: 'cli', redirect_uri: native, scope: 'email' });
        for (const wrong of ['http://127.0.0.1:5001/cb?a=1', 'http://127.0.0.1/cb?a=1', 'http://localhost:5000/cb?a=1', 'HTTP://127.0.0.1:5000/cb?a=1', `${native}#`, 'x']) {
            expect(outcome(await redeem(value, 'cli', { redirect_uri: wrong })), wrong).to.equal(invalidGrant);
        }

        expect((await redeem(value, 'cli', { redirect_uri: native })).statusCode).to.equal(200);
    });

    it('rule 13: without a redirect_uri a code is accepted where PKCE was used', async () => {

        const { code, redeem } = await ruleServer();
        expect((await redeem(await code(), 'web', { redirect_uri: null })).statusCode).to.equal(200);
    });

    it('rule 13: without a redirect_uri it is invalid_grant where PKCE was not used and the authorization request had one', async () => {

        const { code, redeem } = await ruleServer();
        const named = await code(without);
        expect(outcome(await redeem(named, 'exempt', { redirect_uri: null, code_verifier: null }))).to.equal(invalidGrant);
        expect((await redeem(named, 'exempt', { code_verifier: null })).statusCode).to.equal(200);
        const unnamed = await code({ ...without, redirect_uri: null, scope: 'email' });
        expect((await redeem(unnamed, 'exempt', { redirect_uri: null, code_verifier: null })).statusCode).to.equal(200);
    });

    it('rule 13: at authorize a request with openid and without redirect_uri is a page', async () => {

        const { signIn } = await ruleServer();
        expect(outcomeOf(await signIn({ redirect_uri: null, scope: 'openid' }))).to.equal('page');
        expect(outcomeOf(await signIn({ redirect_uri: null, scope: 'email openid' }))).to.equal('page');
    });

    it('rule 13: without openid it may be left out where exactly one URI is registered and that one is not loopback', async () => {

        const loopback = { client_id: 'loopback', token_endpoint_auth_method: 'none', redirect_uris: ['http://127.0.0.1/cb'], scope: 'email' } as const;
        const two = { client_id: 'two', client_secret: 'two-secret', redirect_uris: [redirectUri, `${redirectUri}/2`], scope: 'email' };
        const { signIn } = await ruleServer({ clients: [...ruleClients, loopback, two] });
        const ask = async (clientId: string) => await signIn({ client_id: clientId, redirect_uri: null, scope: 'email' });
        expect((await ask('web')).location).to.startWith(`${redirectUri}?code=`);
        expect([outcomeOf(await ask('loopback')), outcomeOf(await ask('two')), outcomeOf(await ask('cli'))]).to.equal(['page', 'page', 'page']);
    });
});

describe('Proving and issuing: rule 14', () => {

    const attempts = [
        `${redirectUri}/`, `${redirectUri}?x=1`, `${redirectUri}#x`, redirectUri.toUpperCase(), redirectUri.replace('https', 'http'), redirectUri.replace('.com', '.com:443'), redirectUri.replace('app.', 'evil.app.'),
        redirectUri.replace('callback', 'callb%61ck'), redirectUri.replace('callback', 'x/../callback'), redirectUri.replace('//', '//user@'), redirectUri.replace('.com', '.com.'), redirectUri.replace('.com', '.com\\@evil.example'), ` ${redirectUri}`, `${redirectUri}\n`, '', 'x'
    ];

    it('rule 14: a redirect URI is compared letter by letter, and any other is a page', async () => {

        const { signIn } = await ruleServer();
        for (const wrong of attempts) {
            expect(outcomeOf(await signIn({ redirect_uri: wrong })), wrong).to.equal('page');
        }
    });

    it('rule 14: of a native client any port is accepted on http 127.0.0.1, [::1] and localhost, while host, path and query still match exactly', async () => {

        const { signIn } = await ruleServer();
        const ask = async (uri: string) => outcomeOf(await signIn({ client_id: 'cli', redirect_uri: uri, scope: 'email' }));
        for (const right of ['http://127.0.0.1/cb?a=1', 'http://127.0.0.1:1/cb?a=1', 'http://127.0.0.1:65535/cb?a=1', 'http://[::1]:4711/cb', 'http://localhost:4711/cb']) {
            expect(await ask(right), right).to.equal('code');
        }

        for (const wrong of ['http://127.0.0.1:4711/cb', 'http://127.0.0.1:4711/cb?a=2', 'http://127.0.0.1:4711/cb/?a=1', 'http://[::1]:4711/cb?a=1', 'http://localhost:4711/', 'http://127.0.0.2:4711/cb?a=1', 'http://127.0.0.1:65536/cb?a=1', 'http://127.0.0.1:0/cb?a=1', 'http://127.0.0.1:x/cb?a=1', 'https://127.0.0.1:4711/cb?a=1', 'http://127.0.0.1:80@evil.example/cb?a=1', 'http://localhost.evil.example:4711/cb', 'http://[0:0:0:0:0:0:0:1]:4711/cb']) {
            expect(await ask(wrong), wrong).to.equal('page');
        }
    });

    it('rule 14: a client is native if it says so, or says nothing, is public, and every URI of it is loopback or private-use', async () => {

        const uris = ['http://127.0.0.1:4711/cb'];
        const open = { token_endpoint_auth_method: 'none', scope: 'email' } as const;
        const clients: readonly ClientMetadata[] = [
            { ...open, client_id: 'native', application_type: 'native', redirect_uris: [...uris, 'https://app.example.com/cb'] },
            { client_id: 'confidential-native', client_secret: 's', scope: 'email', application_type: 'native', redirect_uris: uris },
            { ...open, client_id: 'silent', redirect_uris: [...uris, 'com.example.app:/cb'] },
            { ...open, client_id: 'web-type', application_type: 'web', redirect_uris: uris },
            { ...open, client_id: 'mixed', redirect_uris: [...uris, 'https://app.example.com/cb'] },
            { client_id: 'confidential', client_secret: 's', scope: 'email', redirect_uris: uris }
        ];
        const { signIn } = await ruleServer({ clients });
        const results = await Promise.all(clients.map(async ({ client_id: id }) => [id, outcomeOf(await signIn({ client_id: id, redirect_uri: 'http://127.0.0.1:9999/cb', scope: 'email' }))]));
        expect(Object.fromEntries(results)).to.equal({ 'native': 'code', 'confidential-native': 'code', 'silent': 'code', 'web-type': 'page', 'mixed': 'page', 'confidential': 'page' });
    });

    const register = async (uri: string) => await refusalOf(quietServer(), AuthorizationServerBuilder.create().setClients([{ client_id: 'app', token_endpoint_auth_method: 'none', redirect_uris: [uri] }]));

    it('rule 14: a scheme of an app\'s own contains a dot', async () => {

        expect(await register('cursor:/cb')).to.include('has a scheme without a dot');
        expect(await register('com.example.app:/cb')).to.equal('nothing was refused');
        const { signIn } = await ruleServer();
        expect((await signIn({ client_id: 'app', redirect_uri: 'com.example.app:/cb', scope: 'email' })).location).to.startWith('com.example.app:/cb?code=');
        expect(outcomeOf(await signIn({ client_id: 'app', redirect_uri: 'com.example.app:/cb/', scope: 'email' }))).to.equal('page');
    });

    it('rule 14: javascript, data, vbscript, file, blob and about are no scheme of a client, whoever lists them', async () => {

        for (const uri of ['javascript:alert(1)', 'JavaScript:alert(1)', 'data:text/html,x', 'vbscript:x', 'file:///etc/passwd', 'blob:https://app.example.com/x', 'about:blank']) {
            expect(await register(uri), uri).to.include('has a scheme that no client can have');
        }
    });
});
