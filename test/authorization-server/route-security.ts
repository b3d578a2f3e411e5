import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { securityOf } from '../../lib/authorization-server/route-security';
import { hubOf } from '../../lib/testing/hub';
import { OAuth2ClientCredentialsBuilder, type AuthorizationServerBuilder } from '../../lib';
import { provision } from '../fixture/provision';
import { clients, device, login } from '../fixture/registered-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const [oidc, tv, machine] = ['oidc-authorization-code', 'oauth2-device-authorization', 'oauth2-client-credentials'] as const;

/** What a route with these auth settings is said to need. */
const bench = async (flows = [login(), device(), OAuth2ClientCredentialsBuilder.create()], configure: (hub: AuthorizationServerBuilder) => unknown = (hub) => hub.setResources({ 'https://api.example.com': { scopes: { read: 'Read', write: 'Write' }, strategy: 'api' } })) => {

    const { server } = await provision(flows, (hub) => {

        hub.setClients([...clients, { client_id: 'm', client_secret: 's', grant_types: ['client_credentials'] }]);
        configure(hub);
    });
    server.auth.scheme('other', () => ({ authenticate: (_request, h) => h.authenticated({ credentials: {} }) }));
    server.auth.strategy('session', 'other');
    return (auth: object | string | false | undefined) => {

        const path = `/a${server.table().length}`;
        server.route({ method: 'GET', path, options: auth === undefined ? {} : { auth }, handler: () => null });
        return securityOf(server.match('get', path)?.settings.auth, hubOf(server));
    };
};

describe('securityOf()', () => {

    it('says the scopes, of the flows whose tokens the strategy takes', async () => {

        const needs = await bench();
        expect(needs({ strategy: oidc, access: { scope: ['read'] } })).to.equal([{ [oidc]: ['read'] }]);
        expect(needs({ strategy: 'oauth2', access: { scope: ['read'] } })).to.equal([{ [oidc]: ['read'] }, { [tv]: [] }, { [machine]: ['read'] }]);
        expect(needs('api')).to.equal([{ [oidc]: [] }, { [tv]: [] }, { [machine]: [] }]);
        expect(needs({ strategies: [oidc, 'session'] })).to.equal([{ [oidc]: [] }]);
    });

    it('says what of several scopes is enough, and what of several rules', async () => {

        const needs = await bench();
        expect(needs({ strategy: oidc, access: { scope: ['read', 'write'] } })).to.equal([{ [oidc]: ['read'] }, { [oidc]: ['write'] }]);
        expect(needs({ strategy: oidc, access: { scope: ['+read', '+write', '!email'] } })).to.equal([{ [oidc]: ['read', 'write'] }]);
        expect(needs({ strategy: oidc, access: { scope: ['+read', 'write', 'email'] } })).to.equal([{ [oidc]: ['read', 'write'] }, { [oidc]: ['read', 'email'] }]);
        expect(needs({ strategy: oidc, access: [{ scope: 'read' }, { scope: ['email', 'read'] }] })).to.equal([{ [oidc]: ['read'] }, { [oidc]: ['email'] }]);
        expect(needs({ strategy: oidc, access: { scope: ['{params.a}'] } })).to.equal([{ [oidc]: [] }]);
    });

    it('names no flow that cannot give what is needed', async () => {

        const needs = await bench();
        expect(needs({ strategy: 'oauth2', access: { entity: 'user' } })).to.equal([{ [oidc]: [] }, { [tv]: [] }]);
        expect(needs({ strategy: 'oauth2', access: { entity: 'app' } })).to.equal([{ [machine]: [] }]);
        expect(needs({ strategy: 'oauth2', access: { scope: 'openid' } })).to.equal([{ [oidc]: ['openid'] }]);
        const open = await bench([OAuth2ClientCredentialsBuilder.create()], () => undefined);
        expect(open({ strategy: machine, access: { scope: 'anything' } })).to.equal([{ [machine]: ['anything'] }]);
    });

    it('says that a token may be left out', async () => {

        const needs = await bench();
        for (const mode of ['optional', 'try']) {
            expect(needs({ strategy: oidc, mode })).to.equal([{ [oidc]: [] }, {}]);
        }
    });

    it('says nothing of routes that are not ours', async () => {

        const needs = await bench();
        expect([needs('session'), needs(false), needs(undefined), needs({ strategy: 'session', mode: 'try' })]).to.equal([[], [], [], []]);
    });
});
