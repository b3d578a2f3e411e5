import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { AuthorizationServerBuilder } from '../../lib';
import { pluginName } from '../../lib/authorization-server/plugin-name';
import { quietServer } from '../fixture/flows';
import { refusalOf } from '../fixture/refusal';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

/** What plain JavaScript may give. */
const anything = <T>(value: unknown) => value as T;

const hub = () => AuthorizationServerBuilder.create();

const trustedBy = async (built: AuthorizationServerBuilder) => {

    const server = quietServer();
    await server.register(built);
    return server.plugins[pluginName].authorizationServer.trusted;
};

describe('The strategies of a hub', () => {

    it('remember 10,000 verified tokens, as many as the hub says, or none', async () => {

        expect((await trustedBy(hub())).mostVerified).to.equal(10_000);
        expect((await trustedBy(hub().setVerifiedTokenCache(1))).mostVerified).to.equal(1);
        expect((await trustedBy(hub().setVerifiedTokenCache(false))).mostVerified).to.equal(0);
    });

    it('always ask a store in the process, unless they are told to ask none', async () => {

        expect((await trustedBy(hub())).windowMs).to.equal(0);
        expect((await trustedBy(hub().setRevocationWindow(3600))).windowMs).to.equal(0);
        expect((await trustedBy(hub().setRevocationWindow(false))).windowMs).to.be.null();
    });

    it('are refused what cannot be meant', async () => {

        for (const window of [-1, 3601, NaN, anything<number>('5'), anything<number>(true), anything<number>(null)]) {
            expect(await refusalOf(quietServer(), hub().setRevocationWindow(window))).to.equal('setRevocationWindow() takes 0 to 3600 seconds, or false to never ask the store about a signed token');
        }

        for (const tokens of [0, -1, 1.5, NaN, Infinity, 1_000_001, anything<number>('5'), anything<number>(true)]) {
            expect(await refusalOf(quietServer(), hub().setVerifiedTokenCache(tokens))).to.equal('setVerifiedTokenCache() takes a number of tokens, 1 to 1000000, or false to check each signature anew');
        }
    });

    it('are set before the hub is registered', async () => {

        const built = hub();
        await quietServer().register(built);
        expect(() => built.setRevocationWindow(0)).to.throw('The AuthorizationServerBuilder is registered: call setRevocationWindow() before server.register()');
        expect(() => built.setVerifiedTokenCache(false)).to.throw('The AuthorizationServerBuilder is registered: call setVerifiedTokenCache() before server.register()');
    });
});
