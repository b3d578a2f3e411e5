import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { testClock } from '../fixture/clock';
import { devices, people, quietServer, users } from '../fixture/flows';
import { claimsOf } from '../fixture/jwt';
import { foreignStore, proving, secrets } from '../fixture/level-2';
import { basic, form, provision } from '../fixture/provision';
import { refusalOf } from '../fixture/refusal';
import { OAuth2AuthorizationCodeBuilder, OIDCAuthorizationCodeBuilder } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const refresh = { grant_type: 'refresh_token', client_id: 'spa', refresh_token: 'the-refresh-token' };

describe('A flow whose tokens can be refreshed', () => {

    it('serves them where it serves its tokens, by its own handler', async () => {

        const flow = users().refreshTokenRoute((route) => route.generateToken(({ refreshToken, scope, grantType, clientId }) => ({ access_token: [grantType, clientId, refreshToken, scope].join(' ') })));
        const { server } = await provision([flow]);
        expect((await server.inject(form('/oauth2/token', { ...refresh, scope: 'a' }))).result).to.equal({ access_token: 'refresh_token spa the-refresh-token a', token_type: 'Bearer' });
        expect((await server.inject(form('/oauth2/token', { grant_type: 'refresh_token', client_id: 'spa' }))).result).to.include({ error: 'invalid_request' });
    });

    it('serves them at the path of their own route', async () => {

        const { server } = await provision([users().refreshTokenRoute((route) => route.setPath('/refresh').generateToken(() => ({ access_token: 'r' })))]);
        expect((await server.inject(form('/refresh', refresh))).statusCode).to.equal(200);
        expect((await server.inject(form('/oauth2/token', refresh))).result).to.include({ error: 'unsupported_grant_type' });
    });

    it('does not serve them without a route for it', async () => {

        const { server } = await provision([users()]);
        expect((await server.inject(form('/oauth2/token', refresh))).result).to.include({ error: 'unsupported_grant_type' });
    });

    it('may be one of several, each under a path of its own', async () => {

        const { server } = await provision([users().refreshTokenRoute((route) => route.generateToken(() => ({ access_token: 'one' })))]);
        expect(await refusalOf(server, devices().refreshTokenRoute((route) => route.generateToken(() => null))))
            .to.equal('Flow \'oauth2-device-authorization\' and flow \'oauth2-authorization-code\' both serve grant_type \'refresh_token\' at /oauth2/token: give one of them another path with setPath(), since no grant says whose refresh token it is');
        await server.register(devices().refreshTokenRoute((route) => route.setPath('/device/refresh').generateToken(() => ({ access_token: 'two' }))));
        expect((await server.inject(form('/oauth2/token', refresh))).result).to.include({ access_token: 'one' });
        expect((await server.inject(form('/device/refresh', refresh))).result).to.include({ access_token: 'two' });
    });

    it('needs a handler of level 1', async () => {

        expect(await refusalOf(quietServer(), people().refreshTokenRoute(() => undefined))).to.equal('Flow \'oidc-authorization-code\' has no handler for its refreshTokenRoute(), and nothing can be issued without one where no clients are registered: put the AuthorizationServerBuilder with setClients() first in server.register([...]), or call refreshTokenRoute((route) => route.generateToken(...))');
        expect(await refusalOf(quietServer(), people().refreshTokenRoute((route) => route.issueTokens(({ defaultResponse }) => defaultResponse())))).to.match(/has issueTokens\(\) in refreshTokenRoute\(\)/);
    });
});

describe('A flow whose refresh tokens the framework proves', () => {

    const proven = () => OIDCAuthorizationCodeBuilder.create();

    it('refreshes without being told: access, refresh and ID token anew', async () => {

        const { openRefresh, refresh } = await proving([proven()]);
        const { value, grant } = await openRefresh();
        const { statusCode, body } = await refresh(value, { scope: 'openid email' });
        expect(statusCode).to.equal(200);
        expect(body).to.include({ scope: 'openid email', expires_in: 3600 });
        expect(claimsOf(body.access_token)).to.include({ sub: 'alice', grant_id: grant.id, scope: 'openid email' });
        expect(claimsOf(body.id_token)).to.include({ sub: 'alice', aud: 'web' });
        expect((await refresh(body.refresh_token)).body).to.include({ scope: 'openid email offline_access' });
        expect((await refresh(value, { scope: 'admin' })).body).to.include({ error: 'invalid_scope' });
    });

    it('shares a path with another flow: each token is served by the flow of its grant', async () => {

        const one = proven().strategyName('one').refreshTokenRoute((route) => route.issueTokens(async ({ defaultResponse }) => ({ ...await defaultResponse(), by: 'one' })));
        const two = OAuth2AuthorizationCodeBuilder.create().strategyName('two').authorizationRoute((route) => route.setPath('/login')).tokenRoute((route) => route.setPath('/two')).refreshTokenRoute((route) => route.setPath('/oauth2/token').issueTokens(async ({ defaultResponse }) => ({ ...await defaultResponse(), by: 'two' })));
        const { openRefresh, refresh, token } = await proving([one, two]);
        const ofTwo = await openRefresh({ flow: 'two' });
        expect((await refresh((await openRefresh({ flow: 'one' })).value)).body).to.include({ by: 'one' });
        expect((await refresh(ofTwo.value)).body).to.include({ by: 'two' }).and.not.include('id_token');
        expect((await refresh((await openRefresh({ flow: 'three' })).value)).body).to.include({ error: 'invalid_grant' });
        expect((await refresh('nonsense')).body).to.include({ error: 'invalid_grant' });
        expect((await token({ grant_type: 'refresh_token' }, basic('web', secrets.web))).body).to.include({ error: 'invalid_request' });
    });

    it('shares no path with a flow whose handler proves', async () => {

        const { server } = await proving([proven()]);
        const own = OAuth2AuthorizationCodeBuilder.create().tokenRoute((route) => route.setPath('/own').generateToken(() => null)).refreshTokenRoute((route) => route.setPath('/oauth2/token').generateToken(() => null));
        expect(await refusalOf(server, own)).to.match(/both serve grant_type 'refresh_token' at \/oauth2\/token: give one of them another path with setPath\(\), since no grant says whose refresh token it is$/);
    });

    it('counts guesses as failures, but not a scope that is too wide, nor a store that is away', async () => {

        let isAway = false;
        const { store } = foreignStore(testClock().now, { revokeGrant: () => (isAway ? Promise.reject(new Error('no route to the store')) : undefined) });
        const { openRefresh, refresh, clock } = await proving([proven()], (hub) => hub.setStore(store).setRateLimit({ refresh: { failures: 2, seconds: 60 } }));
        const { value } = await openRefresh();
        for (let i = 0; i < 3; ++i) {
            expect((await refresh(value, { scope: 'admin' })).body).to.include({ error: 'invalid_scope' });
        }

        expect((await refresh(value)).statusCode).to.equal(200);
        clock.advance(10);
        isAway = true;
        for (let i = 0; i < 3; ++i) {
            expect((await refresh(value)).statusCode).to.equal(500);
        }

        isAway = false;
        expect([(await refresh(value)).statusCode, (await refresh(value)).statusCode, (await refresh(value)).statusCode]).to.equal([400, 400, 429]);
    });

    it('attack: serves no token to another client, with another method or as another kind', async () => {

        const { openRefresh, openCode, refresh, token, store } = await proving([proven()]);
        const { value, grant } = await openRefresh();
        expect((await token({ grant_type: 'refresh_token', refresh_token: value, client_id: 'spa' }, undefined)).body).to.include({ error: 'invalid_grant' });
        expect((await refresh((await openCode()).value)).body).to.include({ error: 'invalid_grant' });
        expect(await store.findGrant(grant.id)).to.not.be.null();
        expect((await refresh(value)).statusCode).to.equal(200);
    });

    it('attack: ends a grant whose replaced token comes back after the grace window', async () => {

        const { openRefresh, refresh, clock, store, get } = await proving([proven()]);
        const { value, grant } = await openRefresh();
        const { body } = await refresh(value);
        clock.advance(9.999);
        expect((await refresh(value)).body).to.include({ refresh_token: body.refresh_token, access_token: body.access_token, expires_in: 3591 });
        const other = await refresh(value, { scope: 'email' });
        expect(other.body).to.include({ refresh_token: body.refresh_token, scope: 'email' });
        clock.advance(0.001);
        expect((await refresh(value)).body).to.include({ error: 'invalid_grant' });
        expect(await store.findGrant(grant.id)).to.be.null();
        expect(await get(body.access_token)).to.equal(401);
    });
});
