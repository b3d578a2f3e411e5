import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { AuthorizationServerBuilder, type ClientMetadata } from '../../lib';
import { quietServer } from '../fixture/flows';
import { clients, device, login, registeredServer, webAuthorization } from '../fixture/registered-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const metadataOf = async (records: readonly ClientMetadata[] = clients, configure: (hub: AuthorizationServerBuilder) => unknown = () => undefined) => {

    const { server } = await registeredServer([login()], (hub) => configure(hub.setClients(records)));
    return Object.fromEntries(Object.entries(JSON.parse((await server.inject('/.well-known/openid-configuration')).payload) ?? {}));
};

const hubOf = () => AuthorizationServerBuilder.create().setClients(clients);

describe('Introspection and revocation', () => {

    it('are served to registered clients, and to nobody where there are none', async () => {

        const { server, post } = await registeredServer([login()]);
        expect((await post('/oauth2/introspect', { token: 'x' }, webAuthorization)).body).to.equal({ active: false });
        expect((await post('/oauth2/revoke', { token: 'x' }, webAuthorization)).statusCode).to.equal(200);
        expect((await post('/oauth2/introspect', { token: 'x' })).statusCode).to.equal(400);
        expect((await server.inject('/oauth2/introspect')).statusCode).to.equal(405);
        const without = quietServer();
        await without.register(AuthorizationServerBuilder.create());
        expect((await without.inject({ method: 'POST', url: '/oauth2/introspect' })).statusCode).to.equal(404);
        expect((await without.inject({ method: 'POST', url: '/oauth2/revoke' })).statusCode).to.equal(404);
    });

    it('are advertised with the methods of the clients, introspection without those that prove nothing', async () => {

        expect(await metadataOf()).to.include({
            introspection_endpoint: 'http://localhost/oauth2/introspect',
            introspection_endpoint_auth_methods_supported: ['client_secret_basic'],
            revocation_endpoint: 'http://localhost/oauth2/revoke',
            revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'none']
        });
        const { introspection_endpoint_auth_signing_alg_values_supported: algorithms } = await metadataOf([
            { client_id: 'signs', client_secret: 'x'.repeat(64), token_endpoint_auth_method: 'client_secret_jwt', redirect_uris: ['https://app.example.com/callback'] }
        ]);
        expect(algorithms).to.equal(['HS256', 'HS384', 'HS512']);
    });

    it('are where their routes say, with the options of the app', async () => {

        const { introspection_endpoint: introspection, revocation_endpoint: revocation } = await metadataOf(clients, (hub) => hub
            .introspectionRoute((route) => route.setPath('/introspect').setOptions({ tags: ['mine'] }))
            .revocationRoute((route) => route.setPath('/revoke')));
        expect([introspection, revocation]).to.equal(['http://localhost/introspect', 'http://localhost/revoke']);
    });

    it('are refused at a place that is taken, or at one place for both', async () => {

        const taken = quietServer();
        taken.route({ method: 'POST', path: '/oauth2/revoke', handler: () => 'app' });
        await expect(taken.register(hubOf())).to.reject('The AuthorizationServerBuilder cannot serve POST /oauth2/revoke: the app has a route there. Choose another path with revocationRoute((route) => route.setPath(...)), or move that route');
        const other = quietServer();
        other.route({ method: 'POST', path: '/oauth2/introspect', handler: () => 'app' });
        await expect(other.register(hubOf())).to.reject(/introspectionRoute/);
        await expect(quietServer().register(hubOf().introspectionRoute((route) => route.setPath('/oauth2/revoke')))).to.reject('The AuthorizationServerBuilder serves introspection and revocation at /oauth2/revoke: give one of them another path with setPath()');
    });

    it('cannot be moved once they are served', async () => {

        const hub = hubOf();
        await quietServer().register(hub);
        expect(() => hub.introspectionRoute(() => undefined)).to.throw(/before server.register/);
        expect(() => hub.revocationRoute(() => undefined)).to.throw(/before server.register/);
    });

    it('say in an event which token ended which grant', async () => {

        const { events, authorize, redeem, post } = await registeredServer([login(), device()]);
        const { body } = await redeem((await authorize()).location);
        await post('/oauth2/revoke', { token: String(body.refresh_token) }, webAuthorization);
        const [revoked] = events.filter(({ tags }) => tags.includes('revoked'));
        expect(revoked?.data).to.include({ what: 'refresh_token', client_id: 'web' });
        expect((await post('/oauth2/introspect', { token: String(body.access_token) }, webAuthorization)).body).to.equal({ active: false });
    });
});
