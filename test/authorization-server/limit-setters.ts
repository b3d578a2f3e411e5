import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { AuthorizationServerBuilder } from '../../lib';
import { pluginName } from '../../lib/authorization-server/plugin-name';
import { quietServer } from '../fixture/flows';
import { refusalOf } from '../fixture/refusal';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const hub = () => AuthorizationServerBuilder.create();

const addressOf = async (built: AuthorizationServerBuilder, headers: Readonly<Record<string, string>>) => {

    const server = quietServer();
    await server.register(built);
    const { request } = await server.inject({ url: '/', remoteAddress: '10.0.0.1', headers });
    return server.plugins[pluginName].authorizationServer.limits.addressOf(request);
};

describe('The limits of a hub', () => {

    it('trust no proxy, or those that are listed', async () => {

        const headers = { 'x-forwarded-for': '203.0.113.8', forwarded: 'for=203.0.113.9' };
        expect(await addressOf(hub(), headers)).to.equal('10.0.0.1');
        expect(await addressOf(hub().setTrustedProxies([]), headers)).to.equal('10.0.0.1');
        expect(await addressOf(hub().setTrustedProxies(['10.0.0.0/8']), headers)).to.equal('203.0.113.8');
        expect(await addressOf(hub().setTrustedProxies(['10.0.0.0/8'], { header: 'forwarded' }), headers)).to.equal('203.0.113.9');
    });

    it('are refused at registration when they cannot be meant', async () => {

        expect(await refusalOf(quietServer(), hub().setTrustedProxies(['localhost']))).to.match(/^setTrustedProxies\(\) takes a list of addresses .*: 'localhost' is neither$/);
        expect(await refusalOf(quietServer(), hub().setTrustedProxies(['0.0.0.0/0']))).to.match(/^setTrustedProxies\(\): '0.0.0.0\/0' trusts everybody/);
        expect(await refusalOf(quietServer(), hub().setRateLimit({ signIn: { failures: 0, seconds: 1 } }))).to.match(/^setRateLimit\(\): signIn is false or/);
    });

    it('are set before the hub is registered', async () => {

        const built = hub();
        await quietServer().register(built);
        expect(() => built.setTrustedProxies([])).to.throw('The AuthorizationServerBuilder is registered: call setTrustedProxies() before server.register()');
        expect(() => built.setRateLimit(false)).to.throw('The AuthorizationServerBuilder is registered: call setRateLimit() before server.register()');
    });
});
