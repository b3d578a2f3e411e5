import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { quietServer } from '../fixture/flows';
import { AuthorizationServerBuilder } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('The setters of pages', () => {

    it('throw once the hub is registered', async () => {

        const hub = AuthorizationServerBuilder.create();
        await quietServer().register(hub);
        const late = (setter: string) => `The AuthorizationServerBuilder is registered: call ${setter}() before server.register()`;
        expect(() => hub.setTheme({})).to.throw(late('setTheme'));
        expect(() => hub.setTexts('it', {})).to.throw(late('setTexts'));
        expect(() => hub.setPages({})).to.throw(late('setPages'));
    });

    it('are checked when the hub is registered', async () => {

        const register = async (configure: (hub: AuthorizationServerBuilder) => AuthorizationServerBuilder) => await quietServer().register(configure(AuthorizationServerBuilder.create()));
        await expect(register((hub) => hub.setTheme({ accent: 'red}' }))).to.reject(/^setTheme/);
        await expect(register((hub) => hub.setTexts('', {}))).to.reject(/^setTexts/);
        await expect(register((hub) => hub.setPages(Object({ nothing: 1 })))).to.reject(/^setPages/);
    });
});
