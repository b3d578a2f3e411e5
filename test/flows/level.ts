import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { level1, levelOf } from '../../lib/flows/level';
import { users } from '../fixture/flows';
import { provision } from '../fixture/provision';
import { refusalOf } from '../fixture/refusal';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const names = { owner: 'Flow \'x\'', route: 'authorizationRoute', generate: 'generateCode', issue: 'issueCode' } as const;
const generate = () => 'generated';
const issue = () => 'issued';

describe('The level of a route', () => {

    it('is 1 when its handler proves', () => {

        expect(level1({ generate, issue: undefined }, names)).to.shallow.equal(generate);
    });

    it('is refused when it is both', () => {

        expect(() => level1({ generate, issue }, names)).to.throw('Flow \'x\' has both generateCode() and issueCode() in authorizationRoute(): either your handler proves or the framework does, so keep one of them');
    });

    it('is refused when it is 2, which needs registered clients', () => {

        expect(() => level1({ generate: undefined, issue }, names)).to.throw('Flow \'x\' has issueCode() in authorizationRoute(), which runs after the framework has proven client and grant and needs registered clients and a store of grants. This server has neither: verify them yourself in authorizationRoute((route) => route.generateCode(...))');
    });

    it('is refused when the handler is no function', () => {

        expect(() => level1({ generate: 'x', issue: undefined }, names)).to.throw('Flow \'x\' has a generateCode() in authorizationRoute() that is no function: call authorizationRoute((route) => route.generateCode(...))');
    });

    it('is refused when there is no handler', () => {

        expect(() => level1({ generate: undefined, issue: undefined }, names)).to.throw('Flow \'x\' has no handler for its authorizationRoute(), and nothing can be issued without one where no clients are registered: put the AuthorizationServerBuilder with setClients() first in server.register([...]), or call authorizationRoute((route) => route.generateCode(...))');
    });
});

describe('The level of a flow', () => {

    const names = { owner: 'Flow \'x\'', route: 'refreshTokenRoute', generate: 'generateToken', issue: 'issueTokens' } as const;
    const proving = { generate, issue: undefined, names: { ...names, route: 'tokenRoute' } as const };

    it('is 2 where clients are registered and no handler proves, else 1', () => {

        expect(levelOf([{ generate: undefined, issue: undefined, names }], true)).to.equal(2);
        expect(levelOf([{ generate: undefined, issue, names }], true)).to.equal(2);
        expect(levelOf([proving], true)).to.equal(1);
        expect(levelOf([{ generate: undefined, issue, names }], false)).to.equal(1);
        expect(levelOf([proving, { generate: undefined, issue, names }], false)).to.equal(1);
    });

    it('attack: is not mixed: what one route proves another could not redeem', async () => {

        const end = 'in refreshTokenRoute(): call refreshTokenRoute((route) => route.generateToken(...)), or leave out every generateToken() so that the framework proves';
        expect(() => levelOf([proving, { generate: undefined, issue, names }], true)).to.throw(`Flow 'x' has generateToken() in tokenRoute(), so its handlers prove, but issueTokens() ${end}`);
        expect(() => levelOf([{ generate: undefined, issue: undefined, names }, proving], true)).to.throw(`Flow 'x' has generateToken() in tokenRoute(), so its handlers prove, but no handler ${end}`);

        const { server } = await provision([], (hub) => hub.setClients([]));
        expect(await refusalOf(server, users().refreshTokenRoute((route) => route.issueTokens(({ defaultResponse }) => defaultResponse()))))
            .to.startWith('Flow \'oauth2-authorization-code\' has generateToken() in tokenRoute(), so its handlers prove, but issueTokens() in refreshTokenRoute()');
    });
});
