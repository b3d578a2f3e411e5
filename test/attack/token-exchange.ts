import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { clientKeys } from '../fixture/client-keys';
import { epoch } from '../fixture/clock';
import { accessTokenType, api, exchangeServer, exchangeType, jwtType, shopApi, stockApi } from '../fixture/exchange-server';
import { codeVerifier, quietServer } from '../fixture/flows';
import { claimsOf } from '../fixture/jwt';
import { clients, secrets } from '../fixture/level-2';
import { basic, form } from '../fixture/provision';
import { refusalOf } from '../fixture/refusal';
import { ToyProofToken, toyProof } from '../fixture/toy-proof-token';
import { AuthorizationServerBuilder, OAuth2TokenExchangeBuilder, type AuthorizationServerBuilder as Hub, type ClientMetadata, type ExchangeDecision } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const invalidSubject = { error: 'invalid_request', error_description: 'The subject_token is not valid' };
const invalidActor = { error: 'invalid_request', error_description: 'The actor_token is not valid' };

/** A server whose policy must not be reached. */
const closed = () => exchangeServer(() => {

    throw new Error('The policy was asked about what is not proven');
});

describe('attack: token exchange', () => {

    it('refuses tokens that are neither the client\'s nor for a resource of it', async () => {

        const { user, exchangeAs, own, reason } = await closed();
        const { token } = await user();
        for (const [clientId, subject] of [['stranger', token], ['stock', token], ['stranger', await own('shop')]] as const) {
            expect((await exchangeAs(clientId, subject)).body).to.equal(invalidSubject);
            expect(reason()).to.equal('subject_token_of_another_client');
        }

        const actor = { actor_token: await own('stranger', { resource: stockApi }), actor_token_type: accessTokenType };
        expect((await exchangeAs('shop', token, actor)).body).to.equal(invalidActor);
        expect(reason()).to.equal('actor_token_of_another_client');
    });

    it('refuses dead grants, expired tokens, and tokens that somebody made up', async () => {

        const { user, exchangeAs, own, store, clock, reason } = await closed();
        const { token, grant, refresh, idToken } = await user();
        const [head = '', body = ''] = token.split('.');
        const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url');
        for (const forged of ['x', 'a.b.c', `${head}.${body}.`, `${none}.${body}.`, `${token}x`, `a${grant.id}${'A'.repeat(43)}`, refresh, idToken]) {
            expect((await exchangeAs('shop', forged)).body, forged).to.equal(invalidSubject);
            expect(reason()).to.equal('subject_token_unknown');
            expect((await exchangeAs('shop', token, { actor_token: forged, actor_token_type: accessTokenType })).body).to.equal(invalidActor);
            expect(reason()).to.equal('actor_token_unknown');
        }

        const actor = await own('shop');
        await store.revokeGrant(String(claimsOf(actor).grant_id));
        expect((await exchangeAs('shop', token, { actor_token: actor, actor_token_type: accessTokenType })).body).to.equal(invalidActor);
        await store.revokeGrant(grant.id);
        expect((await exchangeAs('shop', token)).body).to.equal(invalidSubject);
        const { token: old } = await user();
        clock.advance(3600);
        expect((await exchangeAs('shop', old)).body).to.equal(invalidSubject);
    });

    it('takes an ID token or a refresh token for no access token, whatever its type is said to be', async () => {

        const { user, exchangeAs, reason } = await closed();
        const { idToken, refresh, token } = await user();
        for (const [value, type] of [[idToken, 'id_token'], [refresh, 'refresh_token'], [idToken, 'saml2'], [token, 'id_token']] as const) {
            const { body } = await exchangeAs('shop', value, { subject_token_type: `urn:ietf:params:oauth:token-type:${type}` });
            expect(body).to.include({ error: 'invalid_request', error_description: 'The subject_token_type is not supported: only access_token and jwt are' });
            expect(reason()).to.equal('unsupported_token_type');
        }

        for (const type of [accessTokenType, jwtType]) {
            expect((await exchangeAs('shop', idToken, { subject_token_type: type })).body).to.equal(invalidSubject);
        }
    });

    it('refuses parameters that contradict or are missing, and types it does not issue', async () => {

        const { user, exchangeAs, own } = await closed();
        const { token } = await user();
        const actor = await own('shop');
        const wrong: readonly Readonly<Record<string, string>>[] = [
            { actor_token: actor }, { actor_token_type: accessTokenType }, { subject_token: '' }, { subject_token_type: '' },
            { actor_token: actor, actor_token_type: 'urn:ietf:params:oauth:token-type:id_token' },
            { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }, { requested_token_type: 'access_token' }
        ];
        for (const parameters of wrong) {
            expect((await exchangeAs('shop', token, parameters)).body, JSON.stringify(parameters)).to.include({ error: 'invalid_request' });
        }

        expect((await exchangeAs('shop', token, { resource: 'https://evil.example.com' })).body).to.include({ error: 'invalid_target' });
        expect((await exchangeAs('shop', token, { audience: 'shop' })).body).to.include({ error: 'invalid_target' });
    });

    it('never gives more scope than the subject token has, or the client may have', async () => {

        const { user, exchangeAs } = await exchangeServer();
        const { token } = await user({ scopes: ['orders:read'] });
        const wrong: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
            ['shop', { scope: 'orders:write' }], ['shop', { scope: 'orders:read orders:write' }], ['shop', { scope: 'openid' }], ['shop', { scope: 'stock:read', resource: stockApi }], ['shop', { scope: '"' }]
        ];
        for (const [clientId, parameters] of wrong) {
            expect((await exchangeAs(clientId, token, parameters)).body, JSON.stringify(parameters)).to.include({ error: 'invalid_scope' });
        }

        const { token: writing } = await user({ scopes: ['orders:write'] });
        expect((await exchangeAs('narrow', writing)).body).to.include({ error: 'invalid_scope' });
        expect((await exchangeAs('shop', writing, { resource: stockApi })).body).to.include({ error: 'invalid_scope' });
        const { token: both } = await user();
        expect((await exchangeAs('narrow', both, { scope: 'orders:write' })).body).to.include({ error: 'invalid_scope' });
    });

    it('lets nobody act but the one whom may_act names', async () => {

        const only = (mayAct: unknown) => async (clientId: string, withActor = false) => {

            const { user, exchangeAs, own, reason } = await exchangeServer(undefined, {
                hub: (hub: Hub) => hub.onTokens(({ grantType, accessToken }) => {

                    Object.assign(accessToken.claims, grantType === 'authorization_code' ? { may_act: mayAct } : {});
                })
            });
            const { token } = await user();
            const more = withActor ? { actor_token: await own('stranger', { resource: shopApi }), actor_token_type: accessTokenType } : {};
            const { statusCode, body } = await exchangeAs(clientId, token, more);
            if (statusCode !== 200) {
                expect(body).to.equal(invalidSubject);
                expect(reason()).to.equal('subject_token_may_not_act');
            }

            return statusCode;
        };

        expect(await only({ client_id: 'shop' })('shop')).to.equal(200);
        expect(await only({ client_id: 'shop' })('narrow')).to.equal(400);
        expect(await only({ client_id: 'shop' })('shop', true)).to.equal(400);
        expect(await only({ sub: 'stranger' })('shop', true)).to.equal(200);
        expect(await only({ sub: 'shop', iss: 'http://localhost' })('shop')).to.equal(200);
        expect(await only({ sub: 'shop', iss: 'https://evil.example.com' })('shop')).to.equal(400);
        for (const nobody of [{}, 'shop', ['shop'], null, { iss: 'http://localhost' }, { sub: ['shop'] }]) {
            expect(await only(nobody)('shop'), JSON.stringify(nobody)).to.equal(400);
        }
    });

    it('does not shake off may_act by exchanging: only the policy says who else may act', async () => {

        const named = { client_id: 'shop' };
        const acting = async (decision: ExchangeDecision) => {

            const { user, exchangeAs, refreshAs, reason } = await exchangeServer(({ client }) => (client.id === 'shop' ? { refreshToken: true, ...decision } : {}), {
                hub: (hub: Hub) => hub.onTokens(({ grantType, accessToken }) => {

                    Object.assign(accessToken.claims, grantType === 'authorization_code' ? { may_act: named } : grantType === exchangeType && decision.mayAct !== null ? { may_act: { client_id: 'narrow', forged: true } } : {});
                })
            });
            const { body: first } = await exchangeAs('shop', (await user()).token);
            const { body: next } = await refreshAs('shop', first.refresh_token);
            const claims = [claimsOf(first.access_token).may_act, claimsOf(next.access_token).may_act];
            expect(claims[1]).to.equal(claims[0]);
            const { statusCode } = await exchangeAs('narrow', String(next.access_token));
            const { statusCode: own } = await exchangeAs('shop', String(next.access_token));
            if (statusCode !== 200) {
                expect([(await exchangeAs('narrow', String(first.access_token))).body, reason()]).to.equal([invalidSubject, 'subject_token_may_not_act']);
            }

            return [claims[0], statusCode, own];
        };

        expect(await acting({})).to.equal([named, 400, 200]);
        expect(await acting({ actor: 'client' })).to.equal([named, 400, 200]);
        expect(await acting({ mayAct: { client_id: 'narrow' } })).to.equal([{ client_id: 'narrow' }, 200, 400]);
        expect(await acting({ mayAct: {} })).to.equal([{}, 400, 400]);
        expect(await acting({ mayAct: null })).to.equal([undefined, 200, 200]);
    });

    it('needs the key that a token is bound to', async () => {

        const proof = async (key: typeof clientKeys.es256) => ({ toy: await toyProof(key, { htm: 'POST', htu: 'http://localhost/oauth2/token', iat: epoch / 1000 }) });
        const { exchangeAs, openCode, server, own, reason } = await exchangeServer(undefined, { login: (people) => people.setTokenType(new ToyProofToken()), flow: (flow) => flow.setTokenType(new ToyProofToken()) });
        const { value } = await openCode({ scopes: ['orders:read'], resources: [shopApi] });
        const redeem = form('/oauth2/token', { grant_type: 'authorization_code', code: value, code_verifier: codeVerifier }, { authorization: basic('web', secrets.web), ...await proof(clientKeys.es256) });
        const { access_token: token = '' } = JSON.parse((await server.inject(redeem)).payload) as Record<string, string>;
        expect(claimsOf(token).cnf).to.be.an.object();
        expect((await exchangeAs('shop', token, {}, await proof(clientKeys.otherEs256))).body).to.equal(invalidSubject);
        expect(reason()).to.equal('subject_token_of_another_key');
        expect((await exchangeAs('shop', await own('shop'), { actor_token: token, actor_token_type: accessTokenType }, await proof(clientKeys.otherEs256))).body).to.equal(invalidActor);
        expect(reason()).to.equal('actor_token_of_another_key');
        const { statusCode, body } = await exchangeAs('shop', token, {}, await proof(clientKeys.es256));
        expect(statusCode).to.equal(200);
        expect(claimsOf(body.access_token).cnf).to.equal(claimsOf(token).cnf);
    });

    it('needs a key also where the exchange itself asks for none', async () => {

        const { exchangeAs, openCode, server, reason } = await exchangeServer(undefined, { login: (people) => people.setTokenType(new ToyProofToken()) });
        const { value } = await openCode({ scopes: ['orders:read'], resources: [shopApi] });
        const toy = await toyProof(clientKeys.es256, { htm: 'POST', htu: 'http://localhost/oauth2/token', iat: epoch / 1000 });
        const redeem = form('/oauth2/token', { grant_type: 'authorization_code', code: value, code_verifier: codeVerifier }, { authorization: basic('web', secrets.web), toy });
        const { access_token: token = '' } = JSON.parse((await server.inject(redeem)).payload) as Record<string, string>;
        expect((await exchangeAs('shop', token)).body).to.equal(invalidSubject);
        expect(reason()).to.equal('subject_token_of_another_key');
    });

    it('rule 17: takes no token that stands for a client, and none of a user with the id of the client', async () => {

        const { user, exchangeAs, own, reason } = await closed();
        for (const token of [await own('shop'), await own('stranger'), (await user({ subject: 'shop' })).token]) {
            expect((await exchangeAs('shop', token)).body).to.equal(invalidSubject);
            expect(reason()).to.equal('subject_is_client');
        }
    });

    it('serves confidential clients only, with their own credentials, and those that are registered for it', async () => {

        const { user, exchangeAs, token: ask, reason } = await closed();
        const { token } = await user();
        const parameters = { grant_type: exchangeType, subject_token: token, subject_token_type: accessTokenType };
        expect((await ask({ ...parameters, client_id: 'spa' }, undefined)).body).to.include({ error: 'unauthorized_client' });
        expect((await ask({ ...parameters, client_id: 'shop' }, undefined)).statusCode).to.equal(401);
        expect((await exchangeAs('shop', token, {}, { authorization: basic('shop', 'a guess') })).statusCode).to.equal(401);
        expect(reason()).to.equal('client_secret_wrong');
        expect((await exchangeAs('machine', token, {}, { authorization: basic('machine', secrets.machine) })).body).to.include({ error: 'unauthorized_client' });
        expect(() => AuthorizationServerBuilder.create().setClients([{ client_id: 'public', token_endpoint_auth_method: 'none', grant_types: [exchangeType] }]).register(quietServer())).to.throw(/has to prove who it is/);
        const open = OAuth2TokenExchangeBuilder.create().addClientAuthenticationMethod('none').tokenRoute((route) => route.generateToken(() => null));
        expect(await refusalOf(quietServer(), open)).to.match(/accepts the client authentication method 'none'/);
    });

    it('ends a circle of clients that exchange for each other', async () => {

        const { user, exchangeAs, reason } = await exchangeServer(() => ({ actor: 'client' }));
        let { token } = await user();
        for (let i = 0; i < 10; ++i) {
            const { body } = await exchangeAs('shop', token);
            token = String(body.access_token);
        }

        expect((await exchangeAs('shop', token)).body).to.include({ error: 'invalid_request' });
        expect(reason()).to.equal('too_many_actors');
    });

    it('issues nothing when the grant ends while the policy thinks', async () => {

        const ended: { grantId: string; end?: (id: string) => Promise<boolean> } = { grantId: '' };
        const { user, exchangeAs, store, reason } = await exchangeServer(async ({ subjectToken }) => {

            await ended.end?.(subjectToken.grant.id);
            return {};
        });
        ended.end = async (id) => await store.revokeGrant(id);
        expect((await exchangeAs('shop', (await user()).token)).body).to.equal(invalidSubject);
        expect(reason()).to.equal('subject_token_grant_revoked');
    });

    it('keeps no grant alive for longer than refresh tokens of it may live, however often it is exchanged anew', async () => {

        const { user, exchangeAs, refreshAs, clock } = await exchangeServer(() => ({ refreshToken: true }));
        const day = 86_400;
        let { body } = await exchangeAs('shop', (await user()).token);
        for (let i = 0; i < 8; ++i) {
            clock.advance(10 * day);
            ({ body } = await refreshAs('shop', body.refresh_token));
            ({ body } = await exchangeAs('shop', String(body.access_token)));
        }

        clock.advance(10 * day - 1);
        const { body: last } = await refreshAs('shop', body.refresh_token);
        clock.advance(1);
        expect((await refreshAs('shop', last.refresh_token)).body.error).to.equal('invalid_grant');
        const { statusCode, body: late } = await exchangeAs('shop', String(last.access_token));
        expect(statusCode).to.equal(200);
        expect(late.refresh_token).to.be.undefined();
    });

    it('takes no token of a client that is gone, and leaves no token of one that exchanged', async () => {

        const known = new Map<string, ClientMetadata>();
        const { user, exchangeAs, get, introspect, reason } = await exchangeServer(() => ({}), {
            hub: (hub) => {

                for (const client of [...clients, api('shop', [shopApi]), api('stock', [shopApi])]) {
                    known.set(client.client_id, client);
                }

                hub.setClients(known);
            }
        });
        const { token } = await user();
        const { body: { access_token: exchanged } } = await exchangeAs('shop', token);
        expect(await get(exchanged)).to.equal(200);
        expect((await introspect('stock', exchanged)).active).to.be.true();
        known.delete('shop');
        expect((await introspect('stock', exchanged)).active).to.be.false();
        expect(await get(exchanged)).to.equal(401);
        expect((await exchangeAs('stock', String(exchanged))).body).to.equal(invalidSubject);

        known.delete('web');
        expect((await exchangeAs('stock', token)).body).to.equal(invalidSubject);
        expect(reason()).to.equal('subject_token_unknown');
    });
});
