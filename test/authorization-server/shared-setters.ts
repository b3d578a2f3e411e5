import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { machines, quietServer } from '../fixture/flows';
import { staticKeys } from '../fixture/static-keys';
import { AuthorizationServerBuilder, OIDCAuthorizationCodeBuilder, type JwksRoute } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('The setters of what a server has once', () => {

    it('are on the hub and on flows alike, and return what they are called on', () => {

        for (const builder of [AuthorizationServerBuilder.create(), machines(), OIDCAuthorizationCodeBuilder.create()]) {
            expect(builder.setJwksKeyStore(staticKeys()).setPublicKeyExpiry(3600).setJwksRotatorOptions({}).jwksRoute(() => undefined)
                .setClaims(() => null).setScopeClaims({}).setAcrValues(['urn:a']).setPairwiseSalt('s').userinfoRoute(() => undefined)
                .logoutRoute(() => undefined).accountRoute(() => undefined).onLogout(() => undefined)).to.shallow.equal(builder);
        }
    });

    it('throw once their builder is registered, those of the key route as well', async () => {

        let route: JwksRoute | undefined;
        const flow = machines().jwksRoute((jwks) => { route = jwks; });
        const server = quietServer();
        await server.register(flow);
        const late = (setter: string) => `Flow 'oauth2-client-credentials' is registered: call ${setter}() before server.register()`;
        expect(() => flow.setJwksKeyStore(staticKeys())).to.throw(late('setJwksKeyStore'));
        expect(() => flow.setPublicKeyExpiry(1)).to.throw(late('setPublicKeyExpiry'));
        expect(() => flow.setJwksRotatorOptions({})).to.throw(late('setJwksRotatorOptions'));
        expect(() => flow.jwksRoute(() => undefined)).to.throw(late('jwksRoute'));
        expect(() => flow.setClaims(() => null)).to.throw(late('setClaims'));
        expect(() => flow.setScopeClaims({})).to.throw(late('setScopeClaims'));
        expect(() => flow.setAcrValues([])).to.throw(late('setAcrValues'));
        expect(() => flow.setPairwiseSalt('s')).to.throw(late('setPairwiseSalt'));
        expect(() => flow.userinfoRoute(() => undefined)).to.throw(late('userinfoRoute'));
        expect(() => flow.logoutRoute(() => undefined)).to.throw(late('logoutRoute'));
        expect(() => flow.accountRoute(() => undefined)).to.throw(late('accountRoute'));
        expect(() => flow.onLogout(() => undefined)).to.throw(late('onLogout'));
        expect(() => route?.setPath('/x')).to.throw(late('setPath'));
        expect(() => route?.setOptions({})).to.throw(late('setOptions'));
    });

    it('merge members of the metadata over several calls', async () => {

        const server = quietServer();
        await server.register([AuthorizationServerBuilder.create().additionalConfiguration({ a: 1, b: 1 }).additionalConfiguration({ b: 2 }), machines()]);
        expect((await server.inject('/.well-known/oauth-authorization-server')).result).to.include({ a: 1, b: 2 });
    });
});
