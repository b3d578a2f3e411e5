import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { level1 } from '../../lib/flows/level';

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

    it('is refused when there is no handler', () => {

        expect(() => level1({ generate: undefined, issue: undefined }, names)).to.throw('Flow \'x\' has no handler for its authorizationRoute(), and nothing can be issued without one where no clients are registered: call authorizationRoute((route) => route.generateCode(...))');
    });
});
