import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { accessTokenType, api, exchangeServer, exchangeType, shopApi, stockApi } from '../fixture/exchange-server';
import { claimsOf } from '../fixture/jwt';
import { clients } from '../fixture/level-2';
import type { ExchangePolicy, OAuth2TokenExchangeBuilder } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const refreshing: ExchangePolicy = () => ({ refreshToken: true, actor: 'client' });
const opaque = (flow: OAuth2TokenExchangeBuilder) => flow.setAccessTokenFormat('opaque');

for (const [format, flow] of Object.entries({ jwt: (it: OAuth2TokenExchangeBuilder) => it, opaque })) {
    describe(`Exchanged tokens, ${format}`, () => {

        it('open routes, and die with the user\'s grant', async () => {

            const { user, exchangeAs, get, store, refreshAs, introspect } = await exchangeServer(refreshing, { flow });
            const { token, grant } = await user();
            const { body } = await exchangeAs('shop', token);
            expect(await get(body.access_token)).to.equal(200);
            await store.revokeGrant(grant.id);
            expect(await get(body.access_token)).to.equal(401);
            expect(await introspect('shop', body.access_token)).to.equal({ active: false });
            expect(await introspect('shop', body.refresh_token)).to.equal({ active: false });
            expect((await refreshAs('shop', body.refresh_token)).body).to.include({ error: 'invalid_grant' });
        });

        it('are their client\'s to look at, and their resource\'s', async () => {

            const { user, exchangeAs, introspect } = await exchangeServer(refreshing, { flow });
            const { body } = await exchangeAs('shop', (await user()).token, { resource: stockApi, scope: 'orders:read' });
            const seen = await introspect('shop', body.access_token);
            expect(seen).to.include({ active: true, sub: 'alice', client_id: 'shop', aud: stockApi, scope: 'orders:read', act: { sub: 'shop', client_id: 'shop' } });
            expect(seen).to.not.include('exchange_id').and.not.include('grant_id').and.not.include('flow');
            expect(await introspect('stock', body.access_token)).to.include({ active: true });
            expect(await introspect('shop', body.refresh_token)).to.include({ active: true, client_id: 'shop', scope: 'orders:read', aud: [stockApi] });
            for (const [clientId, token] of [['stranger', body.access_token], ['web', body.access_token], ['stock', body.refresh_token], ['web', body.refresh_token]] as const) {
                expect(await introspect(clientId, token)).to.equal({ active: false });
            }
        });

        it('are a use of the user\'s grant, when they are got and when they are refreshed', async () => {

            const { user, exchangeAs, refreshAs, server, clock } = await exchangeServer(refreshing, { flow });
            const { token, grant } = await user();
            const lastUsedAt = async () => (await server.oauth2.grants.find(grant.id))?.lastUsedAt;
            const began = Number(await lastUsedAt());
            clock.advance(60);
            const { body } = await exchangeAs('shop', token);
            expect(await lastUsedAt()).to.equal(began + 60);
            clock.advance(60);
            await refreshAs('shop', body.refresh_token);
            expect(await lastUsedAt()).to.equal(began + 120);
        });

        it('end alone when their client revokes one: the user stays signed in', async () => {

            for (const which of ['access_token', 'refresh_token'] as const) {
                const { user, exchangeAs, get, revoke, introspect, refreshAs, refresh, events, store } = await exchangeServer(refreshing, { flow });
                const signedIn = await user();
                const { body } = await exchangeAs('shop', signedIn.token);
                const { body: other } = await exchangeAs('shop', signedIn.token);
                for (const clientId of ['web', 'stock', 'stranger']) {
                    await revoke(clientId, body[which]);
                }

                expect(await get(body.access_token)).to.equal(200);
                await revoke('shop', body[which]);
                await revoke('shop', body[which]);
                expect(await get(body.access_token)).to.equal(401);
                expect(await introspect('shop', body.access_token)).to.equal({ active: false });
                expect(await introspect('shop', body.refresh_token)).to.equal({ active: false });
                expect((await refreshAs('shop', body.refresh_token)).body).to.include({ error: 'invalid_grant' });
                expect((await exchangeAs('shop', String(body.access_token))).body).to.include({ error: 'invalid_request' });
                expect(await get(signedIn.token)).to.equal(200);
                expect(await get(other.access_token)).to.equal(200);
                expect(await store.findGrant(signedIn.grant.id)).to.not.be.null();
                expect((await refresh(signedIn.refresh)).statusCode).to.equal(200);
                const revoked = events.filter(({ tag }) => tag === 'revoked');
                expect(revoked).to.have.length(1);
                expect(revoked[0]?.data).to.include({ what: which, grant_id: signedIn.grant.id, client_id: 'shop' });
                expect(revoked[0]?.data.exchange_id).to.match(/^[\w-]{22}$/);
            }
        });
    });
}

describe('The refresh token of an exchange', () => {

    it('is there only if the policy says so, the client may refresh, and the user agreed that it outlives the session', async () => {

        const { user, exchangeAs } = await exchangeServer();
        expect((await exchangeAs('shop', (await user()).token)).body).to.not.include('refresh_token');
        const { user: other, exchangeAs: exchange } = await exchangeServer(refreshing, { hub: (hub) => hub.setClients([...clients, api('shop', [shopApi]), api('short', [shopApi], { grant_types: [exchangeType] })]) });
        expect((await exchange('short', (await other({ scopes: ['orders:read'] })).token)).body).to.include({ token_type: 'Bearer' }).and.not.include('refresh_token');
        expect((await exchange('shop', (await other({ scopes: ['openid', 'orders:read'] })).token)).body).to.not.include('refresh_token');
        expect((await exchange('shop', (await other({ scopes: ['orders:read'] })).token)).body.refresh_token).to.be.a.string();
    });

    it('gives tokens of the exchange, and no more of the grant, also when the subject token is long gone', async () => {

        const { user, exchangeAs, refreshAs, get, clock } = await exchangeServer(({ scopes }) => ({ refreshToken: true, actor: 'client', scopes: scopes.filter((name) => name !== 'orders:write') }));
        const { token, grant } = await user();
        const { body: first } = await exchangeAs('shop', token);
        clock.advance(86_400);
        const { body } = await refreshAs('shop', first.refresh_token);
        expect(body).to.include({ scope: 'openid offline_access orders:read', expires_in: 3600 }).and.not.include('issued_token_type');
        expect(claimsOf(body.access_token)).to.include({ sub: 'alice', client_id: 'shop', aud: shopApi, grant_id: grant.id, exchange_id: claimsOf(first.access_token).exchange_id, act: { sub: 'shop', client_id: 'shop' }, flow: 'oauth2-token-exchange' });
        expect(await get(body.access_token)).to.equal(200);
        expect((await refreshAs('shop', body.refresh_token, { scope: 'orders:write' })).body).to.include({ error: 'invalid_scope' });
        expect((await refreshAs('shop', body.refresh_token, { resource: stockApi })).body).to.include({ error: 'invalid_target' });
        const { body: last } = await refreshAs('shop', body.refresh_token);
        expect(last.refresh_token).to.be.a.string().and.not.equal(body.refresh_token);
    });

    it('attack: opens nothing for another client, nor the user\'s for this one', async () => {

        const { user, exchangeAs, refreshAs, refresh } = await exchangeServer(refreshing);
        const { token, refresh: users } = await user();
        const { body } = await exchangeAs('shop', token);
        for (const clientId of ['stock', 'stranger']) {
            expect((await refreshAs(clientId, body.refresh_token)).body).to.include({ error: 'invalid_grant' });
        }

        expect((await refresh(body.refresh_token)).body).to.include({ error: 'invalid_grant' });
        expect((await refreshAs('shop', users)).body).to.include({ error: 'invalid_grant' });
        expect((await refreshAs('shop', body.refresh_token)).statusCode).to.equal(200);
    });

    it('answers a repeated request alike, and ends the exchange alone when it comes back later', async () => {

        const { user, exchangeAs, refreshAs, get, clock, events } = await exchangeServer(refreshing);
        const { token, grant } = await user();
        const { body: first } = await exchangeAs('shop', token);
        const { body } = await refreshAs('shop', first.refresh_token);
        expect((await refreshAs('shop', first.refresh_token)).body.refresh_token).to.equal(body.refresh_token);
        clock.advance(11);
        expect((await refreshAs('shop', first.refresh_token)).body).to.include({ error: 'invalid_grant' });
        expect(events.find(({ tag }) => tag === 'reused')?.data).to.equal({ what: 'refresh_token', grant_id: grant.id, client_id: 'shop', subject: 'alice' });
        expect(await get(body.access_token)).to.equal(401);
        expect((await refreshAs('shop', body.refresh_token)).body).to.include({ error: 'invalid_grant' });
        expect(await get(token)).to.equal(200);
    });

    it('attack: of a client\'s own token gives no more than the exchange did', async () => {

        const { user, post } = await exchangeServer(({ scopes }) => ({ refreshToken: true, scopes: scopes.filter((name) => name === 'orders:read') }), {
            hub: (hub) => hub.setClients(clients.map((client) => ({ ...client, grant_types: [...client.grant_types ?? [], ...client.client_id === 'web' ? [exchangeType] : []] })))
        });
        const { token } = await user();
        const { body } = await post('/oauth2/token', 'web', { grant_type: exchangeType, subject_token: token, subject_token_type: accessTokenType });
        const { body: refreshed } = await post('/oauth2/token', 'web', { grant_type: 'refresh_token', refresh_token: String(body.refresh_token) });
        expect(refreshed.scope).to.equal('orders:read');
        expect((await post('/oauth2/token', 'web', { grant_type: 'refresh_token', refresh_token: String(refreshed.refresh_token), scope: 'orders:write' })).body).to.include({ error: 'invalid_scope' });
    });
});

describe('A protected route', () => {

    it('asks for the exchange of a signed token, unless it asks for nothing', async () => {

        const { user, exchangeAs, revoke, get } = await exchangeServer(undefined, { hub: (hub) => hub.setRevocationWindow(false) });
        const { body } = await exchangeAs('shop', (await user()).token, { requested_token_type: accessTokenType });
        await revoke('shop', body.access_token);
        expect(await get(body.access_token)).to.equal(200);
    });
});
