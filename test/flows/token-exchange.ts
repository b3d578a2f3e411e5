import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { epoch } from '../fixture/clock';
import { accessTokenType, api, exchangeServer, exchangeType, jwtType, shopApi, stockApi, vaultApi } from '../fixture/exchange-server';
import { quietServer } from '../fixture/flows';
import { claimsOf } from '../fixture/jwt';
import { basic, form, provision } from '../fixture/provision';
import { refusalOf } from '../fixture/refusal';
import { AuthorizationServerBuilder, OAuth2Error, OAuth2TokenExchangeBuilder, type ExchangePolicy, type ExchangePolicyContext } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const seconds = epoch / 1000;

describe('OAuth2TokenExchangeBuilder', () => {

    it('is called oauth2-token-exchange, and at level 1 hands over what was sent', async () => {

        const flow = OAuth2TokenExchangeBuilder.create().tokenRoute((route) => route.generateToken(({ subjectToken, subjectTokenType, actorToken, actorTokenType, requestedTokenType, audience, resource, scope, clientId }) =>
            ({ access_token: [clientId, subjectToken, subjectTokenType, actorToken, actorTokenType, requestedTokenType, audience, resource, scope].join(' ') })));
        const { server } = await provision([flow]);
        expect(flow.name).to.equal('oauth2-token-exchange');
        const { result } = await server.inject(form('/oauth2/token', `grant_type=${exchangeType}&subject_token=s&subject_token_type=st&actor_token=a&actor_token_type=at&requested_token_type=rt&audience=x&audience=y&resource=z&scope=w`, { authorization: basic('shop', 's') }));
        expect(result).to.equal({ access_token: 'shop s st a at rt x,y z w', token_type: 'Bearer' });
        expect((await server.inject(form('/oauth2/token', { grant_type: exchangeType, subject_token: 's' }, { authorization: basic('shop', 's') }))).result).to.include({ error: 'invalid_request' });
    });

    it('rule 19: is refused at level 2 without a policy, and with one that never runs or is no function', async () => {

        const hub = () => AuthorizationServerBuilder.create().setClients([api('shop', [shopApi])]);
        const server = quietServer();
        await server.register(hub());
        expect(await refusalOf(server, OAuth2TokenExchangeBuilder.create())).to.equal('Flow \'oauth2-token-exchange\' has no policy, and nobody but the app knows which client may act for its users where: call setPolicy((ctx, request) => ...)');
        const plain = OAuth2TokenExchangeBuilder.create();
        Reflect.apply(Reflect.get(plain, 'setPolicy') as () => unknown, plain, ['yes']);
        expect(await refusalOf(server, plain)).to.equal('Flow \'oauth2-token-exchange\' has a setPolicy() that is no function: give it (ctx, request) => ({ scopes, resources, actor, refreshToken })');
        const both = OAuth2TokenExchangeBuilder.create().setPolicy(() => ({})).tokenRoute((route) => route.generateToken(() => null));
        expect(await refusalOf(server, both)).to.equal('Flow \'oauth2-token-exchange\' has a setPolicy() that would never run, because its generateToken() proves and decides: keep one of them');
        expect(server.match('post', '/oauth2/token')).to.be.null();
        const registered = OAuth2TokenExchangeBuilder.create().setPolicy(() => ({}));
        await server.register(registered);
        expect(() => registered.setPolicy(() => null)).to.throw(/before server.register/);
    });

    it('exchanges a user\'s token for one of its own, which the metadata announces', async () => {

        const { server, user, exchangeAs, get, events } = await exchangeServer();
        const { token, grant } = await user();
        const { statusCode, body } = await exchangeAs('shop', token);
        expect(statusCode).to.equal(200);
        const { access_token: access, ...reply } = body;
        expect(reply).to.equal({ issued_token_type: accessTokenType, token_type: 'Bearer', expires_in: 3600, scope: 'openid offline_access orders:read orders:write' });
        const claims = claimsOf(access);
        expect(claims).to.include({ sub: 'alice', client_id: 'shop', aud: shopApi, grant_id: grant.id, flow: 'oauth2-token-exchange', exp: seconds + 3600 }).and.not.include('act');
        expect(await get(access)).to.equal(200);
        expect(events.find(({ tag, data }) => tag === 'issued' && data.client_id === 'shop')?.data).to.include({ grant_type: exchangeType, subject: 'alice', grant_id: grant.id, exchange_id: claims.exchange_id, issued: ['access_token'] });
        const { result } = await server.inject<{ grant_types_supported: string[] }>('/.well-known/oauth-authorization-server');
        expect(result?.grant_types_supported).to.include(exchangeType);
    });

    it('gives the scopes and the resource that are asked for, of those the token has and the client may have', async () => {

        const { user, exchangeAs } = await exchangeServer();
        const { token } = await user();
        const { body } = await exchangeAs('shop', token, { resource: stockApi, scope: 'orders:read' });
        expect(body).to.include({ scope: 'orders:read' });
        expect(claimsOf(body.access_token).aud).to.equal(stockApi);
        expect((await exchangeAs('shop', token, { audience: 'HTTPS://stock.example.com/' })).body.scope).to.equal('openid offline_access orders:read');
        expect((await exchangeAs('narrow', token)).body.scope).to.equal('orders:read');
        const { user: one, exchangeAs: exchange } = await exchangeServer(undefined, { flow: (flow) => flow.setScopes({ openid: 'Who you are' }) });
        expect((await exchange('shop', (await one()).token)).body.scope).to.equal('openid orders:read orders:write');
    });

    it('gives a token without scope for one that has none', async () => {

        const { user, exchangeAs } = await exchangeServer();
        const { statusCode, body } = await exchangeAs('shop', (await user({ scopes: [] })).token);
        expect(statusCode).to.equal(200);
        expect(body).to.not.include('scope');
    });

    it('attack: takes no member of a decision that does not exist, and no decision that leaves no scope', async () => {

        for (const answer of [{ scope: ['orders:read'] }, { foo: 1 }, { error: null }, 'yes', { actor: 'me' }, { refreshToken: 1 }, { scopes: 'a' }]) {
            const { user, exchangeAs, reason } = await exchangeServer(() => JSON.parse(JSON.stringify(answer)));
            expect((await exchangeAs('shop', (await user()).token)).statusCode).to.equal(500);
            expect(reason()).to.equal('server_error');
        }

        for (const scopes of [[], ['admin']]) {
            const { user, exchangeAs, reason } = await exchangeServer(() => ({ scopes }));
            expect((await exchangeAs('shop', (await user()).token)).body).to.include({ error: 'invalid_scope' }).and.not.include('access_token');
            expect(reason()).to.equal('no_scope_left');
        }

        const { user, exchangeAs } = await exchangeServer(() => ({ scopes: undefined, error: undefined }));
        expect((await exchangeAs('shop', (await user()).token)).statusCode).to.equal(200);
    });

    it('lets the new token live no longer than the old one', async () => {

        const { user, exchangeAs, clock } = await exchangeServer();
        const { token } = await user();
        clock.advance(3000);
        const { body } = await exchangeAs('shop', token);
        expect(body.expires_in).to.equal(600);
        expect(claimsOf(body.access_token).exp).to.equal(seconds + 3600);
        const { user: one, exchangeAs: exchange } = await exchangeServer(undefined, { flow: (flow) => flow.setTokenTTL(60) });
        expect((await exchange('shop', (await one()).token)).body.expires_in).to.equal(60);
    });

    it('gives the types that are asked for: an access token of the resource\'s format, or a JWT where that is one', async () => {

        const { user, exchangeAs, reason } = await exchangeServer();
        const { token } = await user();
        const { body } = await exchangeAs('shop', token, { requested_token_type: jwtType, subject_token_type: jwtType });
        expect(body.issued_token_type).to.equal(jwtType);
        expect(claimsOf(body.access_token).sub).to.equal('alice');
        const opaque = await exchangeAs('shop', token, { requested_token_type: accessTokenType, resource: vaultApi });
        expect(opaque.body.access_token).to.match(/^a[\w-]{65}$/);
        expect((await exchangeAs('shop', token, { requested_token_type: jwtType, resource: vaultApi })).body).to.include({ error: 'invalid_request' });
        expect(reason()).to.equal('unsupported_token_type');
        expect((await exchangeServer(undefined, { flow: (flow) => flow.setAccessTokenFormat('opaque') }).then(async (other) => other.exchangeAs('shop', (await other.user()).token, { requested_token_type: jwtType }))).statusCode).to.equal(400);
    });

    it('exchanges opaque tokens as well, but not as JWTs', async () => {

        const { user, exchangeAs, get, revoke, reason } = await exchangeServer(undefined, { login: (people) => people.setAccessTokenFormat('opaque'), flow: (flow) => flow.setAccessTokenFormat('opaque') });
        const { token } = await user();
        expect(token).to.match(/^a/);
        const { body } = await exchangeAs('shop', token);
        expect(await get(body.access_token)).to.equal(200);
        expect((await exchangeAs('shop', token, { subject_token_type: jwtType })).body).to.include({ error: 'invalid_request', error_description: 'The subject_token is not valid' });
        expect(reason()).to.equal('subject_token_unknown');
        await revoke('shop', body.access_token);
        expect(await get(body.access_token)).to.equal(401);
        expect(await get(token)).to.equal(200);
    });
});

describe('A policy', () => {

    it('is told everything that was proven, and decides with the request at hand', async () => {

        const seen: ExchangePolicyContext[] = [];
        const { user, own, exchangeAs } = await exchangeServer((ctx, { headers }) => {

            seen.push(ctx);
            ctx.log(['app'], ctx.uuid());
            return headers['x-no'] === undefined ? {} : { error: 'access_denied', error_description: ctx.error('access_denied', `Not at ${ctx.clock()}`).message };
        });
        const { token, grant } = await user();
        const actor = await own('shop');
        expect((await exchangeAs('shop', token, { actor_token: actor, actor_token_type: accessTokenType, resource: stockApi, scope: 'orders:read' })).statusCode).to.equal(200);
        const [{ client, subject, subjectToken, actorToken, scopes, resources, requestedTokenType } = {}] = seen;
        expect({ id: client?.id, subject, scopes, resources, requestedTokenType }).to.equal({ id: 'shop', subject: 'alice', scopes: ['orders:read'], resources: [stockApi], requestedTokenType: accessTokenType });
        expect(subjectToken).to.include({ type: 'access_token', value: token, grant, subject: 'alice', clientId: 'web', issuedAt: seconds, expiresAt: seconds + 3600, active: true, resources: [shopApi], scopes: grant.scopes });
        expect(subjectToken?.claims).to.include({ sub: 'alice', client_id: 'web' });
        expect(actorToken).to.include({ value: actor, subject: null, clientId: 'shop', scopes: ['orders:read'] });
        expect((await exchangeAs('shop', token, {}, { 'x-no': '1' })).body).to.equal({ error: 'access_denied', error_description: `Not at ${epoch}` });
        expect(seen[1]?.actorToken).to.be.null();
    });

    it('narrows scopes and resources, and never widens them', async () => {

        const { user, exchangeAs, reason } = await exchangeServer((ctx) => {

            Object.assign(ctx.scopes, ['admin']);
            Object.assign(ctx.subjectToken.claims, { exp: 9e9, act: { sub: 'forged' } });
            return ctx.client.id === 'shop' ? { scopes: ['orders:read', 'admin'], resources: [shopApi, vaultApi] } : { resources: [vaultApi] };
        });
        const { token } = await user();
        const { body } = await exchangeAs('shop', token);
        expect(body).to.include({ scope: 'orders:read', expires_in: 3600 });
        expect(claimsOf(body.access_token)).to.include({ aud: shopApi }).and.not.include('act');
        expect((await exchangeAs('narrow', token)).body).to.include({ error: 'invalid_target' });
        expect(reason()).to.equal('resource_refused_by_policy');
    });

    it('refuses with null, with nothing, with an error it returns or throws', async () => {

        const refusals: readonly (readonly [ExchangePolicy, string, string])[] = [
            [() => null, 'invalid_request', 'refused_by_policy'],
            [() => ({ error: 'invalid_target' }), 'invalid_target', 'handler_refused'],
            [() => {

                throw new OAuth2Error('access_denied', 'No', { reason: 'not_today' });
            }, 'access_denied', 'not_today']
        ];
        for (const [policy, error, why] of refusals) {
            const { user, exchangeAs, reason } = await exchangeServer(policy);
            const { statusCode, body } = await exchangeAs('shop', (await user()).token);
            expect({ statusCode, error: body.error, reason: reason() }).to.equal({ statusCode: 400, error, reason: why });
        }
    });

    it('allows nothing with an answer that is no decision', async () => {

        const answers: readonly unknown[] = [true, 'yes', 1, { error: 'nope' }, { scopes: 'orders:read' }, { resources: 'all' }, { actor: 'me' }, { refreshToken: 1 }, { mayAct: 'stock' }, { mayAct: ['stock'] }];
        for (const answer of [undefined, ...answers]) {
            const flow = (exchange: OAuth2TokenExchangeBuilder) => {

                Reflect.apply(Reflect.get(exchange, 'setPolicy') as () => unknown, exchange, [() => answer]);
                return exchange;
            };

            const { user, exchangeAs } = await exchangeServer(undefined, { flow });
            const { statusCode, body } = await exchangeAs('shop', (await user()).token);
            expect(statusCode, String(answer)).to.equal(answer === undefined ? 400 : 500);
            expect(body).to.not.include('access_token');
        }
    });

    it('says who acts: the actor token, else the client if the policy says so, and before them who acted before', async () => {

        const { user, own, exchangeAs } = await exchangeServer(({ client }) => (client.id === 'stock' ? { actor: 'client' } : {}));
        const { token } = await user();
        const first = await exchangeAs('shop', token, { actor_token: await own('shop'), actor_token_type: accessTokenType, resource: stockApi });
        expect(claimsOf(first.body.access_token).act).to.equal({ sub: 'shop', client_id: 'shop' });
        const second = await exchangeAs('stock', String(first.body.access_token));
        expect(claimsOf(second.body.access_token)).to.include({ sub: 'alice', client_id: 'stock', act: { sub: 'stock', client_id: 'stock', act: { sub: 'shop', client_id: 'shop' } } });
        const { body } = await exchangeAs('shop', String(first.body.access_token));                  // As the user: who acted before is not forgotten
        expect(claimsOf(body.access_token).act).to.equal({ sub: 'shop', client_id: 'shop' });
    });
});

describe('issueTokens of a token exchange', () => {

    it('gets the tokens that were presented', async () => {

        const seen: unknown[] = [];
        const { user, own, exchangeAs } = await exchangeServer(() => ({ mayAct: { client_id: 'shop' } }), {
            flow: (flow) => flow.tokenRoute((route) => route.issueTokens(async ({ presented, actor, act, mayAct, subject, requestedTokenType, grant, client, getDefaultRefreshTokenData, defaultResponse }) => {

                seen.push(Object.keys(presented), presented.clientId, actor?.clientId ?? null, act, mayAct, subject, requestedTokenType, grant.clientId, client.id, getDefaultRefreshTokenData());
                return { ...await defaultResponse(), plan: 'gold' };
            }))
        });
        const { token } = await user();
        const { body } = await exchangeAs('shop', token, { actor_token: await own('shop'), actor_token_type: accessTokenType });
        expect(body).to.include({ plan: 'gold', issued_token_type: accessTokenType });
        await exchangeAs('shop', token);
        const keys = ['type', 'value', 'grant', 'subject', 'issuedAt', 'expiresAt', 'active', 'clientId', 'claims', 'scopes', 'resources'];
        expect(seen).to.equal([
            keys, 'web', 'shop', { sub: 'shop', client_id: 'shop' }, { client_id: 'shop' }, 'alice', accessTokenType, 'web', 'shop', null,
            keys, 'web', null, null, { client_id: 'shop' }, 'alice', accessTokenType, 'web', 'shop', null
        ]);
    });

    it('attack: cannot write the chain, outlive the subject token, or give a refresh token that the policy did not allow', async () => {

        const handlers = {
            act: { act: { sub: 'forged' }, exchange_id: 'forged', may_act: { sub: 'stock' } },
            exp: { exp: seconds + 3601 },
            sub: { sub: 'bob' },
            scope: { scope: 'stock:read' }
        };
        for (const [name, change] of Object.entries(handlers)) {
            const { user, exchangeAs, clock } = await exchangeServer(undefined, {
                flow: (flow) => flow.tokenRoute((route) => route.issueTokens(async ({ getDefaultAccessTokenData, accessTokenIssuer }) => ({ access_token: await accessTokenIssuer.issue({ ...getDefaultAccessTokenData(), ...change }) })))
            });
            const { token } = await user();
            clock.advance(600);                                     // The subject token has 50 minutes left, a new one would have 60
            const { statusCode, body } = await exchangeAs('shop', token);
            expect(statusCode, name).to.equal(name === 'act' ? 200 : 500);
            if (name === 'act') {
                const claims = claimsOf(body.access_token);
                expect(claims).to.include({ may_act: { sub: 'stock' } }).and.not.include('act');
                expect(claims.exchange_id).to.not.equal('forged');
            }
        }

        const { user, exchangeAs } = await exchangeServer(undefined, {
            flow: (flow) => flow.tokenRoute((route) => route.issueTokens(async ({ defaultResponse, refreshTokenIssuer }) => ({ ...await defaultResponse(), refresh_token: await refreshTokenIssuer.issue({ exp: seconds + 60 }) })))
        });
        expect((await exchangeAs('shop', (await user()).token)).body).to.include({ error: 'server_error' });
    });

    it('says the type of what it issued also for a token of the app\'s own', async () => {

        const { user, exchangeAs } = await exchangeServer(undefined, { flow: (flow) => flow.tokenRoute((route) => route.issueTokens(() => ({ access_token: 'own' }))) });
        expect((await exchangeAs('shop', (await user()).token)).body).to.equal({ access_token: 'own', token_type: 'Bearer', issued_token_type: accessTokenType });
    });

    it('comes after onTokens, which adds claims and narrows', async () => {

        const { user, exchangeAs } = await exchangeServer(undefined, {
            hub: (hub) => hub.onTokens(({ grantType, accessToken, narrowScope, subject }) => {

                if (grantType === exchangeType) {
                    Object.assign(accessToken.claims, { may_act: { client_id: 'stock' }, act: { sub: 'forged' }, for: subject });
                    narrowScope(['orders:read']);
                }
            })
        });
        const { body } = await exchangeAs('shop', (await user()).token);
        expect(claimsOf(body.access_token)).to.include({ scope: 'orders:read', may_act: { client_id: 'stock' }, for: 'alice' }).and.not.include('act');
    });
});
