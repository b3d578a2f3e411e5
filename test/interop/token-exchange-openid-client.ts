import Hapi from '@hapi/hapi';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as client from 'openid-client';

import { AuthorizationServerBuilder, MemoryStore, OAuth2ClientCredentialsBuilder, OAuth2TokenExchangeBuilder, OIDCAuthorizationCodeBuilder } from '../../lib';
import { accessTokenType, api, exchangeType, jwtType, shopApi, stockApi } from '../fixture/exchange-server';
import { claimsOf } from '../fixture/jwt';
import { signInAndDecide } from '../fixture/level-2-example';
import { staticKeys } from '../fixture/static-keys';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

const callback = 'https://app.example.com/callback';

describe('openid-client exchanges tokens', { timeout: 60_000 }, () => {

    let server: Hapi.Server;
    before(async () => {

        server = Hapi.server({ port: 0, host: 'localhost', debug: false });
        await server.register([
            AuthorizationServerBuilder.create()
                .setStore(new MemoryStore({ clock: Date.now }))
                .setJwksKeyStore(staticKeys())
                .setClients([
                    { client_id: 'web', client_secret: 'web-secret', redirect_uris: [callback], grant_types: ['authorization_code', 'refresh_token'], scope: 'openid offline_access orders:read' },
                    api('shop', [shopApi]), api('stock', [stockApi])
                ])
                .setResources({ [shopApi]: { default: true, scopes: { 'orders:read': 'Read orders' } }, [stockApi]: { scopes: { 'orders:read': 'Read orders' } } })
                .authenticateUser(({ username }) => username),
            OIDCAuthorizationCodeBuilder.create().setScopes({ openid: 'Know who you are' }),
            OAuth2ClientCredentialsBuilder.create(),
            OAuth2TokenExchangeBuilder.create().setPolicy(({ client: { id }, subject, resources }) =>
                (id === 'shop' && subject === 'ada' && resources.includes(stockApi) ? { actor: 'client', refreshToken: true } : null))
        ]);
        server.route({ method: 'GET', path: '/orders', options: { auth: { strategy: 'oauth2', access: { scope: ['orders:read'], entity: 'user' } } }, handler: ({ auth }) => auth.credentials.user?.id ?? '' });
        await server.start();
    });
    after(() => server.stop());

    const discover = (id: string) => client.discovery(new URL(`http://localhost:${server.info.port}`), id, {}, client.ClientSecretBasic(`${id}-secret`), { execute: [client.allowInsecureRequests] });

    const login = async (): Promise<string> => {

        const config = await discover('web');
        const checks = { pkceCodeVerifier: client.randomPKCECodeVerifier(), expectedState: client.randomState() };
        const url = client.buildAuthorizationUrl(config, {
            redirect_uri: callback, scope: 'openid offline_access orders:read', state: checks.expectedState,
            code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier), code_challenge_method: 'S256'
        });
        return (await client.authorizationCodeGrant(config, await signInAndDecide(url), checks)).access_token;
    };

    const refusal = async (promise: Promise<unknown>) => (await expect(promise).to.reject(client.ResponseBodyError)).error;

    it('for another service, which sees who acts for whom; refreshes, introspects and gives them back', async () => {

        const shop = await discover('shop');
        expect([...shop.serverMetadata().grant_types_supported ?? []]).to.include(exchangeType);
        const subject = await login();
        const { access_token: actor } = await client.clientCredentialsGrant(shop, { scope: 'orders:read', resource: shopApi });
        const tokens = await client.genericGrantRequest(shop, exchangeType, {
            subject_token: subject, subject_token_type: accessTokenType, actor_token: actor, actor_token_type: jwtType, requested_token_type: jwtType, resource: stockApi, scope: 'orders:read'
        });
        expect(tokens.issued_token_type === jwtType).to.be.true();
        expect(tokens.scope).to.equal('orders:read');
        expect(claimsOf(tokens.access_token)).to.include({ sub: 'ada', client_id: 'shop', aud: stockApi, act: { sub: 'shop', client_id: 'shop' } });
        const stock = await discover('stock');
        expect<object>({ ...await client.tokenIntrospection(stock, tokens.access_token) }).to.include({ active: true, sub: 'ada', client_id: 'shop' });
        const refreshed = await client.refreshTokenGrant(shop, tokens.refresh_token ?? '');
        expect(claimsOf(refreshed.access_token).aud).to.equal(stockApi);
        await client.tokenRevocation(shop, refreshed.access_token);
        expect((await client.tokenIntrospection(stock, tokens.access_token)).active).to.be.false();
        expect((await client.fetchProtectedResource(await discover('web'), subject, new URL(`http://localhost:${server.info.port}/orders`), 'GET')).status).to.equal(200);
    });

    it('and is told why not', async () => {

        const [shop, stock, subject] = [await discover('shop'), await discover('stock'), await login()];
        const ask = (config: client.Configuration, more: Readonly<Record<string, string>> = {}) => client.genericGrantRequest(config, exchangeType, { subject_token: subject, subject_token_type: accessTokenType, ...more });
        expect(await refusal(ask(shop))).to.equal('invalid_request');                       // The policy
        expect(await refusal(ask(stock, { resource: stockApi }))).to.equal('invalid_request');      // A token for the shop is not the stock's to exchange
        expect(await refusal(ask(shop, { resource: 'https://evil.example.com' }))).to.equal('invalid_target');
        expect(await refusal(ask(shop, { resource: stockApi, scope: 'everything' }))).to.equal('invalid_scope');
    });
});
