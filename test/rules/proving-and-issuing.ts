import { expect } from '@hapi/code';
import type { Plugin } from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { AuthorizationServerBuilder, OAuth2CustomGrantBuilder, OAuth2TokenExchangeBuilder, type ClientMetadata } from '../../lib';
import { assertionType, signed } from '../fixture/assertion';
import { testClock } from '../fixture/clock';
import { accessTokenType, exchangeServer, exchangeType, shopApi, stockApi } from '../fixture/exchange-server';
import { codeVerifier, quietServer } from '../fixture/flows';
import { claimsOf, headerOf } from '../fixture/jwt';
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
        const count = (hub: AuthorizationServerBuilder) => hub.setSecrets(['a secret that both processes have']).onTokens(({ grantType }) => {

            runs += Number(grantType === 'refresh_token');
        });
        const { tokens, refresh, eventsOf, get, store, clock } = await onStore({}, count);
        const other = await ruleServer({ configure: (hub) => count(hub.setClock(clock.now).setStore(store)) });
        const { refresh_token: value } = await tokens();
        const replies = await Promise.all([refresh, other.refresh, refresh, other.refresh].map((race) => race(value)));
        const [first] = replies;
        expect(replies.map(({ statusCode }) => statusCode)).to.equal([200, 200, 200, 200]);
        expect(replies.every(({ body }) => body.refresh_token === first?.body.refresh_token && body.access_token === first?.body.access_token)).to.be.true();
        expect(runs).to.equal(2);                               // Handlers may run more than once for one refresh: in each process
        expect([...eventsOf('rotated'), ...other.eventsOf('rotated')]).to.have.length(1);          // Events do not
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
        const { signIn, redeem, refresh, introspect } = await ruleServer({ configure: (hub) => hub.setResources({ [api]: { default: true }, [files]: {} }) });
        const { refresh_token: value } = (await redeem(codeIn((await signIn({ resource: api, audience: files })).location))).body;
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
        await quietServer().register(AuthorizationServerBuilder.create().setClients([{ client_id: 'app', token_endpoint_auth_method: 'none', redirect_uris: ['com.example.app:/cb'] }]));
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

describe('Proving and issuing: rule 15', () => {

    const scopeOf = async (changes: Readonly<Record<string, string | null>>, bench: Awaited<ReturnType<typeof ruleServer>>) => {

        const page = await bench.signIn(changes);
        const value = outcomeOf(page);
        return value === 'code' ? String((await bench.redeem(codeIn(page.location), String(changes.client_id ?? 'web'))).body.scope) : value;
    };

    it('rule 15: at authorize a request with openid loses its unknown scopes', async () => {

        const bench = await ruleServer();
        expect(await scopeOf({ scope: 'openid nonsense email __proto__' }, bench)).to.equal('openid email');
    });

    it('rule 15: an unknown scope is invalid_scope without openid, and at every other endpoint', async () => {

        const bench = await ruleServer();
        expect(await scopeOf({ scope: 'email nonsense' }, bench)).to.equal('invalid_scope');
        expect((await bench.machine({ scope: 'email nonsense' })).body.error).to.equal('invalid_scope');
        for (const scope of ['email nonsense', 'openid email nonsense']) {
            expect((await bench.send('/oauth2/device_authorization', { scope }, 'tv')).body.error, scope).to.equal('invalid_scope');
        }

        const { refresh_token: value } = await bench.tokens();
        expect((await bench.refresh(value, 'web', { scope: 'openid nonsense' })).body.error).to.equal('invalid_scope');
    });

    it('rule 15: a known scope that the client may not have is invalid_scope', async () => {

        const bench = await ruleServer();
        for (const scope of ['openid', 'openid email', 'email openid nonsense']) {
            expect(await scopeOf({ client_id: 'plain', scope }, bench), scope).to.equal('invalid_scope');
        }
    });

    it('rule 15: without scope the client gets its registered one, and without one it is invalid_scope', async () => {

        const bench = await ruleServer();
        expect(await scopeOf({ client_id: 'plain', scope: null }, bench)).to.equal('email');
        expect((await bench.machine()).body.scope).to.equal('email');
        expect(await scopeOf({ client_id: 'any', scope: null }, bench)).to.equal('invalid_scope');
        expect(await scopeOf({ client_id: 'any', scope: '' }, bench)).to.equal('invalid_scope');
    });

    it('rule 15: a request without openid to the OpenID builder is plain OAuth: no ID token, no nonce to answer', async () => {

        const { tokens, server } = await ruleServer();
        const body = await tokens({ client_id: 'plain', scope: 'email' });
        expect(body).to.include({ scope: 'email', token_type: 'Bearer' });
        expect(body.id_token).to.be.undefined();
        expect((await server.inject({ url: '/oauth2/userinfo', headers: { authorization: `Bearer ${String(body.access_token)}` } })).statusCode).to.equal(403);
    });

    it('rule 15: offline_access is dropped, and no error, for a client without refresh_token and where no consent is shown', async () => {

        expect(await scopeOf({ client_id: 'once' }, await ruleServer())).to.equal('openid email');
        const never = await ruleServer({ configure: (hub) => hub.setConsent('none') });
        const body = await never.tokens();
        expect([body.scope, body.refresh_token]).to.equal(['openid email', undefined]);
        const { body: polled } = await never.send('/oauth2/device_authorization', { scope: 'email offline_access' }, 'radio');
        expect(polled.device_code).to.be.a.string();
        expect((await never.machine({ scope: 'email offline_access' })).body.scope).to.equal('email');
    });

    it('rule 15: offline_access is granted where consent is shown, where it is implicit for the operator\'s own client, and where it was remembered with it', async () => {

        const shown = await ruleServer();
        const browser = shown.browser();
        expect(codeIn((await shown.signIn({}, { browser })).location)).to.not.equal('');
        const again = await browser.open(shown.authorizeUrl());
        expect((await shown.redeem(codeIn(again.location))).body.scope).to.equal('openid email offline_access');
        const clients = [{ ...ruleClients[0], client_id: 'web', first_party: true }];
        const implicit = await ruleServer({ clients, configure: (hub) => hub.setConsent('implicit') });
        const user = implicit.browser();
        const unasked = await user.submit(await user.open(implicit.authorizeUrl()), { username: 'alice', password: 'right' });
        expect((await implicit.redeem(codeIn(unasked.location))).body.scope).to.equal('openid email offline_access');
    });

    it('rule 15: a refresh token is issued if the client has refresh_token and the granted scope lacks openid or has offline_access', async () => {

        const { tokens } = await ruleServer();
        const isRefreshable = async (changes: Readonly<Record<string, string>>) => (await tokens(changes)).refresh_token !== undefined;
        expect([await isRefreshable({ scope: 'email' }), await isRefreshable({ scope: 'openid email' }), await isRefreshable({ scope: 'openid offline_access' }), await isRefreshable({ client_id: 'once', scope: 'email' })]).to.equal([true, false, true, false]);
    });

    it('rule 15: a narrower scope at refresh shapes that access token only; the grant and the new refresh token keep theirs', async () => {

        const { tokens, refresh, server } = await ruleServer();
        const { refresh_token: value } = await tokens();
        const narrow = (await refresh(value, 'web', { scope: 'email' })).body;
        expect([narrow.scope, claimsOf(narrow.access_token).scope]).to.equal(['email', 'email']);
        expect((await server.oauth2.grants.list({ subject: 'alice' })).items.map(({ scopes }) => scopes)).to.equal([['openid', 'email', 'offline_access']]);
        expect((await refresh(narrow.refresh_token)).body.scope).to.equal('openid email offline_access');
    });
});

describe('Proving and issuing: rule 16', () => {

    const [api, files] = ['https://API.example.com', 'https://files.example.com/v1'];
    const resources = { [api]: { default: true, scopes: { 'api:read': 'Read', 'both': 'Both' } }, [files]: { strategy: 'files', scopes: { 'files:read': 'Read files', 'both': 'Both' } } };
    const scope = 'openid email offline_access api:read files:read both';
    const clients: readonly ClientMetadata[] = [{ ...ruleClients[0], client_id: 'web', scope }, { client_id: 'machine', client_secret: 'machine-secret', grant_types: ['client_credentials'], scope: 'email api:read files:read both' }];
    const audiences = async (configure: (hub: AuthorizationServerBuilder) => unknown = (hub) => hub.setResources(resources)) => {

        const bench = await ruleServer({ clients, configure });
        const aud = async (changes: Readonly<Record<string, string | null>>) => {

            const { body } = await bench.machine(changes);
            return body.error ?? claimsOf(body.access_token).aud;
        };

        return { ...bench, aud };
    };

    it('rule 16: aud is the requested resource, else the one that owns the requested scopes, else the default, else the issuer', async () => {

        const { aud } = await audiences();
        expect(await aud({ scope: 'files:read', resource: files })).to.equal(files);
        expect(await aud({ scope: 'files:read' })).to.equal(files);
        expect(await aud({ scope: 'email' })).to.equal(api);
        expect(await aud({ scope: 'both' })).to.equal(api);
        const plain = await audiences(() => undefined);
        expect(await plain.aud({ scope: 'email' })).to.equal('http://localhost');
        const undecided = await audiences((hub) => hub.setResources({ [api]: {}, [files]: {} }));
        expect(await undecided.aud({ scope: 'email' })).to.equal('http://localhost');
    });

    it('rule 16: scopes of two resources without resource are invalid_scope', async () => {

        const { aud, signIn } = await audiences();
        expect(await aud({ scope: 'api:read files:read' })).to.equal('invalid_scope');
        expect(outcomeOf(await signIn({ scope: 'openid api:read files:read' }))).to.equal('invalid_scope');
    });

    it('rule 16: a token carries only OpenID\'s scopes and those of its own resources', async () => {

        const { aud, signIn, redeem, refresh } = await audiences();
        expect(await aud({ scope: 'api:read', resource: files })).to.equal('invalid_scope');
        const { location } = await signIn({ scope, resource: api, audience: files });
        const one = (await redeem(codeIn(location), 'web', { resource: files })).body;
        expect([claimsOf(one.access_token).aud, claimsOf(one.access_token).scope]).to.equal([files, 'openid email offline_access files:read both']);
        const other = (await refresh(one.refresh_token, 'web', { resource: api })).body;
        expect([claimsOf(other.access_token).aud, claimsOf(other.access_token).scope]).to.equal([api, 'openid email offline_access api:read both']);
    });

    it('rule 16: aud is always in the spelling of setResources', async () => {

        const { aud } = await audiences();
        for (const spelling of ['https://api.example.com', 'https://api.EXAMPLE.com/', 'HTTPS://api.example.com']) {
            expect(await aud({ scope: 'api:read', resource: spelling }), spelling).to.equal(api);
        }

        expect(await aud({ scope: 'files:read', resource: 'https://FILES.example.com/v1' })).to.equal(files);
        expect(await aud({ scope: 'files:read', resource: 'https://files.example.com/V1' })).to.equal('invalid_target');
    });

    it('rule 16: the strategy oauth2 accepts one audience: the issuer, or the default resource, which a single one is', async () => {

        const { machine, get } = await audiences();
        const status = async (parameters: Readonly<Record<string, string>>, bench = { machine, get }) => await bench.get((await bench.machine(parameters)).body.access_token);
        expect([await status({ scope: 'api:read' }), await status({ scope: 'files:read' }), await status({ scope: 'email', resource: 'http://localhost' })]).to.equal([200, 401, 401]);
        const plain = await audiences(() => undefined);
        expect(await status({ scope: 'email' }, plain)).to.equal(200);
        const single = await audiences((hub) => hub.setResources({ [files]: {} }));
        expect([await status({ scope: 'email' }, single), await status({ scope: 'email', resource: 'http://localhost' }, single)]).to.equal([200, 401]);
    });

    it('rule 16: UserInfo accepts a live access token of whichever audience whose scope has openid', async () => {

        const { signIn, redeem, server } = await audiences();
        const userinfo = async (changes: Readonly<Record<string, string>>) => {

            const { body } = await redeem(codeIn((await signIn(changes)).location));
            return (await server.inject({ url: '/oauth2/userinfo', headers: { authorization: `Bearer ${String(body.access_token)}` } })).statusCode;
        };

        expect([await userinfo({ scope: 'openid files:read' }), await userinfo({ scope: 'openid api:read' }), await userinfo({ scope: 'files:read' })]).to.equal([200, 200, 403]);
    });
});

describe('Proving and issuing: rule 17', () => {

    it('rule 17: a client-credentials token has the client as sub, and no user stands behind it at a route', async () => {

        const { machine, credentials } = await ruleServer();
        const { access_token: token } = (await machine()).body;
        expect(claimsOf(token)).to.include({ sub: 'machine', client_id: 'machine' });
        const { user, app, scope } = await credentials(token);
        expect([user, app, scope]).to.equal([undefined, { id: 'machine' }, ['email']]);
    });

    it('rule 17: a person\'s token names the user, the client and an array of scopes at a route', async () => {

        const { tokens, credentials } = await ruleServer();
        const { user, app, scope } = await credentials((await tokens()).access_token);
        expect([user, app, scope]).to.equal([{ id: 'alice' }, { id: 'web' }, ['openid', 'email', 'offline_access']]);
    });

    it('rule 17: a sign-in whose subject is the client\'s id is refused, at authorize and at the page for devices', async () => {

        const { signIn, send, browser } = await ruleServer();
        expect(outcomeOf(await signIn({}, { username: 'web' }))).to.equal('access_denied');
        expect(outcomeOf(await signIn({}, { username: 'other' }))).to.equal('code');
        const { body } = await send('/oauth2/device_authorization', {}, 'tv');
        const user = browser();
        const page = await user.submit(await user.open('/oauth2/device'), { user_code: String(body.user_code), username: 'tv', password: 'right' });
        expect(page.payload).to.not.include('name="decision"');
        expect(page.statusCode).to.be.above(399);
    });

    it('rule 17: an exchange for a subject that is the client\'s id is refused', async () => {

        const { user, exchangeAs, reason } = await exchangeServer();
        expect((await exchangeAs('shop', (await user({ subject: 'shop' })).token)).body.error).to.equal('invalid_request');
        expect(reason()).to.equal('subject_is_client');
    });

    it('rule 17: the server makes up the ids of clients that register themselves', async () => {

        const { register } = await registrationServer();
        const { statusCode, body } = await register({ redirect_uris: [redirectUri], client_id: 'alice' });
        expect(statusCode).to.equal(201);
        expect(body.client_id).to.be.a.string().and.to.not.equal('alice');
    });
});

describe('Proving and issuing: rule 18', () => {

    it('rule 18: an access token is at+jwt and an ID token is JWT, signed with different keys', async () => {

        const { tokens } = await ruleServer();
        const { access_token: access, id_token: id } = await tokens();
        expect([headerOf(access).typ, headerOf(id).typ]).to.equal(['at+jwt', 'JWT']);
        expect(headerOf(access).kid).to.not.equal(headerOf(id).kid);
        expect(claimsOf(id)).to.include(['exp', 'iat', 'aud']);
        expect(claimsOf(id).events).to.be.undefined();
    });

    it('rule 18: what this server signed under another typ or for another purpose opens no route, is active nowhere and tells nothing of the user', async () => {

        const { tokens, server, get, introspect } = await ruleServer();
        const { access_token: access, id_token: id } = await tokens();
        const { keys } = server.plugins['hapi-oauth2-flows'].authorizationServer;
        const sign = async (typ: string, purpose: 'access_token' | 'id_token' = 'access_token') => (await keys.sign(purpose, 'ES256', typ, claimsOf(access))).token;
        expect(await get(await sign('at+jwt'))).to.equal(200);
        keys.use('id_token', 'ES256');
        const others = [id, await sign('at+jwt', 'id_token'), await Promise.all(['JWT', 'logout+jwt', 'dpop+jwt', 'token-introspection+jwt', 'oauth-authz-req+jwt', 'client-authentication+jwt', 'AT+JWS', ''].map(async (typ) => await sign(typ)))].flat();
        for (const token of others) {
            const { statusCode } = await server.inject({ url: '/oauth2/userinfo', headers: { authorization: `Bearer ${String(token)}` } });
            expect([await get(token), (await introspect(token)).active, statusCode], JSON.stringify(headerOf(token))).to.equal([401, false, 401]);
        }
    });

    it('rule 18: an id_token_hint is an ID token: neither an access token, nor a logout token, nor one of another typ is one', async () => {

        const { tokens, server, signIn, browser } = await ruleServer();
        const { access_token: access, id_token: id } = await tokens();
        const { keys } = server.plugins['hapi-oauth2-flows'].authorizationServer;
        const { alg } = headerOf(id);
        const sign = async (typ: string, claims: object = {}) => (await keys.sign('id_token', String(alg), typ, { ...claimsOf(id), ...claims })).token;
        const ask = async (hint: unknown) => outcomeOf(await signIn({ id_token_hint: String(hint) }, { browser: browser() }));
        expect([await ask(id), await ask(await sign('JWT'))]).to.equal(['code', 'code']);
        for (const hint of [access, await sign('at+jwt'), await sign('logout+jwt'), await sign('JWT', { events: {} }), await sign('JWT', { iss: 'https://evil.example.com' }), 'x', 'a.b.c']) {
            expect(await ask(hint), String(hint)).to.equal('invalid_request');
        }
    });

    it('rule 18: an assertion is client-authentication+jwt or has no typ, and no token of this server is one', async () => {

        const secret = 'a secret of thirty-two octets!!!';
        const clients = [...ruleClients, { client_id: 'hmac', client_secret: secret, token_endpoint_auth_method: 'client_secret_jwt', grant_types: ['client_credentials'], scope: 'email' } as const];
        const { send, clock, tokens } = await ruleServer({ clients });
        let count = 0;
        const authenticate = async (assertion: string) => (await send('/oauth2/token', { grant_type: 'client_credentials', client_assertion: assertion, client_assertion_type: assertionType }, null)).statusCode;
        const make = async (typ: string | undefined) => await signed({ alg: 'HS256', ...typ !== undefined && { typ } }, { iss: 'hmac', sub: 'hmac', aud: 'http://localhost', iat: clock.now() / 1000, exp: clock.now() / 1000 + 60, jti: `jti-${++count}` }, secret);
        expect([await authenticate(await make(undefined)), await authenticate(await make('client-authentication+jwt'))]).to.equal([200, 200]);
        for (const typ of ['at+jwt', 'dpop+jwt', 'logout+jwt', 'token-introspection+jwt', 'oauth-authz-req+jwt', '']) {
            expect(await authenticate(await make(typ)), typ).to.equal(401);
        }

        const { access_token: access, id_token: id } = await tokens();
        expect([await authenticate(String(access)), await authenticate(String(id))]).to.equal([401, 401]);
    });

    it('rule 18: neither a hook nor a handler sets typ, iss, iat, exp or jti', async () => {

        const forged = { typ: 'JWT', iss: 'https://evil.example.com', iat: 1, jti: 'mine' };
        const flow = login().tokenRoute((route) => route.issueTokens(async ({ getDefaultAccessTokenData, accessTokenIssuer, getDefaultIdTokenData, idTokenIssuer }) => ({
            access_token: await accessTokenIssuer.issue({ ...getDefaultAccessTokenData(), ...forged }),
            id_token: await idTokenIssuer.issue(Object.assign(getDefaultIdTokenData() ?? { sub: '', aud: '', exp: 0 }, forged, { events: {} }))
        })));
        for (const flows of [[flow], [login()]]) {
            const { tokens, clock } = await ruleServer({ flows, configure: (hub) => hub.onTokens(({ accessToken, idToken }) => {

                Object.assign(accessToken.claims, { ...forged, exp: 9_999_999_999 });
                Object.assign(idToken.claims, { ...forged, exp: 9_999_999_999, events: {} });
            }) });
            const body = await tokens();
            for (const token of [body.access_token, body.id_token]) {
                expect(headerOf(token).typ).to.equal(token === body.id_token ? 'JWT' : 'at+jwt');
                expect(claimsOf(token)).to.include({ iss: 'http://localhost', iat: clock.now() / 1000, exp: clock.now() / 1000 + 3600 });
                expect([claimsOf(token).jti === 'mine', claimsOf(token).typ, claimsOf(token).events]).to.equal([false, undefined, undefined]);
            }
        }
    });
});

describe('Proving and issuing: rule 19', () => {

    it('rule 19: token exchange and grant types of the app\'s own are refused at start without a policy function', async () => {

        const refusal = async (flow: Plugin<void>) => {

            const server = quietServer();
            await server.register(AuthorizationServerBuilder.create().setClients(ruleClients));
            return await refusalOf(server, flow);
        };

        expect(await refusal(OAuth2TokenExchangeBuilder.create())).to.include('has no policy');
        expect(await refusal(OAuth2CustomGrantBuilder.create('urn:example:link'))).to.include('setPolicy');
    });

    it('rule 19: only a confidential client exchanges, with its own credentials', async () => {

        const { user, exchangeAs, token: ask } = await exchangeServer();
        const { token } = await user();
        const parameters = { grant_type: exchangeType, subject_token: token, subject_token_type: accessTokenType };
        expect((await ask({ ...parameters, client_id: 'spa' }, undefined)).body.error).to.equal('unauthorized_client');
        expect((await ask({ ...parameters, client_id: 'shop' }, undefined)).body.error).to.equal('invalid_client');
        expect((await exchangeAs('shop', token)).statusCode).to.equal(200);
    });

    it('rule 19: the subject token is verified by typ, issuer and live grant before the policy runs', async () => {

        let asked = 0;
        const { user, exchangeAs, store, server } = await exchangeServer(() => {

            ++asked;
            return {};
        });
        const { token, idToken, refresh, grant } = await user();
        const { keys } = server.plugins['hapi-oauth2-flows'].authorizationServer;
        const foreign = (await keys.sign('access_token', 'ES256', 'at+jwt', { ...claimsOf(token), iss: 'https://evil.example.com' })).token;
        const typed = (await keys.sign('access_token', 'ES256', 'JWT', claimsOf(token))).token;
        for (const wrong of [idToken, refresh, foreign, typed, `${token}x`, 'x']) {
            expect((await exchangeAs('shop', wrong)).body.error).to.equal('invalid_request');
        }

        await store.revokeGrant(grant.id);
        expect((await exchangeAs('shop', token)).body.error).to.equal('invalid_request');
        expect(asked).to.equal(0);
    });

    it('rule 19: the subject token was issued to this client, or has a resource of this client in aud', async () => {

        const { user, exchangeAs } = await exchangeServer();
        const { token } = await user();
        expect([(await exchangeAs('stranger', token)).statusCode, (await exchangeAs('stock', token)).statusCode]).to.equal([400, 400]);
        const { body } = await exchangeAs('shop', token, { resource: stockApi });
        expect((await exchangeAs('stock', String(body.access_token))).statusCode).to.equal(200);
        expect((await exchangeAs('shop', String(body.access_token))).statusCode).to.equal(200);
    });

    it('rule 19: may_act is honoured', async () => {

        const { user, exchangeAs } = await exchangeServer(undefined, { hub: (hub) => hub.onTokens(({ grantType, accessToken }) => {

            Object.assign(accessToken.claims, grantType === 'authorization_code' ? { may_act: { client_id: 'shop' } } : {});
        }) });
        const { token } = await user();
        expect([(await exchangeAs('shop', token)).statusCode, (await exchangeAs('narrow', token)).statusCode]).to.equal([200, 400]);
    });

    it('rule 19: after the policy scope is never wider than the subject token\'s, exp never later, and the grant the same', async () => {

        const { user, exchangeAs, clock } = await exchangeServer(() => ({ scopes: ['orders:read', 'orders:write', 'openid', 'stock:read', 'admin'], resources: [shopApi, stockApi] }));
        const { token } = await user({ scopes: ['orders:read'] });
        clock.advance(3000);
        const { body } = await exchangeAs('shop', token);
        expect([body.scope, body.expires_in]).to.equal(['orders:read', 600]);
        expect(claimsOf(body.access_token)).to.include({ exp: claimsOf(token).exp, grant_id: claimsOf(token).grant_id, aud: shopApi });
    });

    it('rule 19: a refresh token comes only if the policy says so', async () => {

        for (const [decision, expected] of [[{}, 'undefined'], [{ refreshToken: false }, 'undefined'], [{ refreshToken: true }, 'string']] as const) {
            const { user, exchangeAs } = await exchangeServer(() => decision);
            expect(typeof (await exchangeAs('shop', (await user()).token)).body.refresh_token).to.equal(expected);
        }
    });
});
