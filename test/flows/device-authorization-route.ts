import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { devices, quietServer } from '../fixture/flows';
import { refusalOf } from '../fixture/refusal';
import { OAuth2DeviceAuthorizationBuilder, type DeviceAuthorizationRoute } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('The device authorization route', () => {

    it('has handlers of one level only', async () => {

        expect(await refusalOf(quietServer(), devices().authorizationRoute((route) => route.issueCode(({ defaultResponse }) => defaultResponse()))))
            .to.match(/^Flow 'oauth2-device-authorization' has both generateCode\(\) and issueCode\(\) in authorizationRoute\(\)/);
        const issuing = OAuth2DeviceAuthorizationBuilder.create().tokenRoute((route) => route.generateToken(() => null)).authorizationRoute((route) => route.issueCode(({ defaultResponse }) => defaultResponse()));
        expect(await refusalOf(quietServer(), issuing)).to.match(/has issueCode\(\) in authorizationRoute\(\)/);
        const silent = OAuth2DeviceAuthorizationBuilder.create().tokenRoute((route) => route.generateToken(() => null)).authorizationRoute((route) => route.verifyUserCode(() => null));
        expect(await refusalOf(quietServer(), silent)).to.match(/has no handler for its authorizationRoute\(\)/);
    });

    it('refuses its setters once the flow is registered', async () => {

        let late: DeviceAuthorizationRoute | undefined;
        const flow = devices().authorizationRoute((route) => { late = route; });
        await quietServer().register(flow);
        const sentence = (setter: string) => `Flow 'oauth2-device-authorization' is registered: call ${setter}() before server.register()`;
        expect(() => late?.generateCode(() => null)).to.throw(sentence('generateCode'));
        expect(() => late?.issueCode(() => ({ device_code: 'd', user_code: 'u' }))).to.throw(sentence('issueCode'));
        expect(() => late?.verifyUserCode(() => null)).to.throw(sentence('verifyUserCode'));
        expect(() => late?.setVerificationPath('/x')).to.throw(sentence('setVerificationPath'));
        expect(() => flow.authorizationRoute(() => undefined)).to.throw(sentence('authorizationRoute'));
    });
});
