import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { devices, quietServer, users } from '../fixture/flows';
import type { AuthorizationRoute, DeviceAuthorizationRoute } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('The settings of a page', () => {

    it('return the route, and throw once the flow is registered', async () => {

        let authorization: AuthorizationRoute | undefined;
        let device: DeviceAuthorizationRoute | undefined;
        const flows = [users().authorizationRoute((route) => { authorization = route; }), devices().authorizationRoute((route) => { device = route; })];
        for (const route of [authorization, device]) {
            expect(route?.setUsernameField('u').setPasswordField('p').setGETResponseRenderer(() => 'x').setPOSTErrorRenderer(() => 'x').finalizeAuthorization(() => 'x').setOptions({})).to.shallow.equal(route);
        }

        await quietServer().register(flows);
        for (const [route, name] of [[authorization, 'oauth2-authorization-code'], [device, 'oauth2-device-authorization']] as const) {
            const late = (setter: string) => `Flow '${name}' is registered: call ${setter}() before server.register()`;
            expect(() => route?.setUsernameField('u')).to.throw(late('setUsernameField'));
            expect(() => route?.setPasswordField('p')).to.throw(late('setPasswordField'));
            expect(() => route?.setGETResponseRenderer(() => 'x')).to.throw(late('setGETResponseRenderer'));
            expect(() => route?.setPOSTErrorRenderer(() => 'x')).to.throw(late('setPOSTErrorRenderer'));
            expect(() => route?.finalizeAuthorization(() => 'x')).to.throw(late('finalizeAuthorization'));
            expect(() => route?.setPath('/x')).to.throw(late('setPath'));
            expect(() => route?.setOptions({})).to.throw(late('setOptions'));
        }
    });
});
