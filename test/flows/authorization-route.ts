import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { quietServer, users } from '../fixture/flows';
import { refusalOf } from '../fixture/refusal';
import { OAuth2AuthorizationCodeBuilder, type AuthorizationRoute } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('The authorization route', () => {

    it('has handlers of one level only', async () => {

        expect(await refusalOf(quietServer(), users().authorizationRoute((route) => route.issueCode(({ defaultResponse }) => defaultResponse()))))
            .to.match(/^Flow 'oauth2-authorization-code' has both generateCode\(\) and issueCode\(\) in authorizationRoute\(\)/);
        const issuing = OAuth2AuthorizationCodeBuilder.create().tokenRoute((route) => route.generateToken(() => null)).authorizationRoute((route) => route.issueCode(({ defaultResponse }) => defaultResponse()));
        expect(await refusalOf(quietServer(), issuing)).to.match(/has issueCode\(\) in authorizationRoute\(\), .* verify them yourself in authorizationRoute\(\(route\) => route\.generateCode\(\.\.\.\)\)/);
        const silent = OAuth2AuthorizationCodeBuilder.create().tokenRoute((route) => route.generateToken(() => null)).authorizationRoute(() => undefined);
        expect(await refusalOf(quietServer(), silent)).to.match(/has no handler for its authorizationRoute\(\)/);
    });

    it('refuses its setters once the flow is registered', async () => {

        let late: AuthorizationRoute | undefined;
        const flow = users().authorizationRoute((route) => { late = route; });
        await quietServer().register(flow);
        const sentence = (setter: string) => `Flow 'oauth2-authorization-code' is registered: call ${setter}() before server.register()`;
        expect(() => late?.generateCode(() => null)).to.throw(sentence('generateCode'));
        expect(() => late?.issueCode(() => ({ code: 'c' }))).to.throw(sentence('issueCode'));
        expect(() => flow.authorizationRoute(() => undefined)).to.throw(sentence('authorizationRoute'));
    });
});
