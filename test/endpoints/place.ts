import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import type { RouteOptions, Server } from '@hapi/hapi';

import { devices, machines, quietServer, table, users } from '../fixture/flows';
import { provision } from '../fixture/provision';
import { refusalOf } from '../fixture/refusal';
import { assertFree, placeOf } from '../../lib/endpoints/place';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

/** What the server of a plugin registered like this says. */
const inside = async <T>(routes: { prefix: string; vhost?: string | string[] }, run: (server: Server) => T, outer = quietServer()): Promise<T> => {

    let result: T | undefined;
    await outer.register({ name: 'plugin', register: (server) => { result = run(server); } }, { routes });
    return result as T;
};

describe('A place', () => {

    it('is behind the prefix and on the virtual host of the plugin', async () => {

        expect(placeOf(quietServer(), '/token')).to.equal({ path: '/token', key: '* /token', vhosts: [undefined] });
        expect(await inside({ prefix: '/v1', vhost: 'a.example.com' }, (server) => placeOf(server, '/token'))).to.equal({ path: '/v1/token', key: 'a.example.com /v1/token', vhosts: ['a.example.com'] });
        expect(await inside({ prefix: '/v1', vhost: ['a', 'b'] }, (server) => placeOf(server, '/'))).to.equal({ path: '/v1', key: 'a,b /v1', vhosts: ['a', 'b'] });
        expect(placeOf(quietServer(), '/').path).to.equal('/');
    });

    it('is the same for two spellings where the app\'s router does not care', () => {

        expect(placeOf(quietServer({ router: { isCaseSensitive: false } }), '/Token').key).to.equal('* /token');
        expect(placeOf(quietServer(), '/Token').key).to.equal('* /Token');
    });

    const claim = { owner: 'Flow \'x\'', setter: 'setPath()' };
    const taken = (server: Server, path: string, options: { vhost?: string; method?: 'GET' | 'POST'; options?: RouteOptions } = {}) => {

        server.route({ method: 'GET', path, handler: () => 'mine', ...options });
        return server;
    };

    it('is refused when the app has taken it, in any spelling that hapi takes for the same', () => {

        const sentence = 'Flow \'x\' cannot serve GET /token: the app has a route there. Choose another path with setPath(), or move that route';
        expect(() => assertFree(taken(quietServer(), '/token'), { ...claim, path: '/token' })).to.throw(sentence);
        expect(() => assertFree(taken(quietServer({ router: { isCaseSensitive: false } }), '/TOKEN'), { ...claim, path: '/token' })).to.throw(sentence);
    });

    it('is free where the app only has a route that matches it as well', () => {

        expect(() => assertFree(taken(quietServer(), '/{any*}'), { ...claim, path: '/token' })).to.not.throw();
        expect(() => assertFree(taken(quietServer(), '/TOKEN'), { ...claim, path: '/token' })).to.not.throw();
    });

    it('is another one on a virtual host', async () => {

        const routes = { prefix: '/v1', vhost: ['a.example.com', 'b.example.com'] };
        const free = (server: Server) => () => assertFree(server, { ...claim, path: '/token' });
        expect(await inside(routes, free, taken(quietServer(), '/v1/token'))).to.not.throw();
        expect(await inside(routes, free, taken(quietServer(), '/v1/token', { vhost: 'b.example.com' }))).to.throw(/cannot serve GET \/v1\/token/);
        expect(free(taken(quietServer(), '/token', { vhost: 'b.example.com' }))).to.not.throw();
    });

    it('is refused for a path that is no one URL', async () => {

        for (const path of ['/{tenant}/token', '/token/{rest*}', 'token', '', '/token?x', '/to ken', '/tökен', '/%zz'] as `/${string}`[]) {
            const { server } = await provision([]);
            const sentence = `cannot serve ${path}: an endpoint has one URL, which its metadata advertises. Give setPath() a path that begins with / and has no parameters`;
            expect(await refusalOf(server, machines(path)), path).to.equal(`Flow 'oauth2-client-credentials' ${sentence}`);
            expect(await refusalOf(server, users().authorizationRoute((route) => route.setPath(path))), path).to.equal(`Flow 'oauth2-authorization-code' ${sentence}`);
            expect(await refusalOf(server, devices().authorizationRoute((route) => route.setVerificationPath(path))), path).to.include('Give setVerificationPath() a path');
            expect(await refusalOf(server, machines().jwksRoute((route) => route.setPath(path))), path).to.include('Give jwksRoute((route) => route.setPath(...)) a path');
        }

        const { server } = await provision([]);
        await expect(server.register(machines(), { routes: { prefix: '/{tenant}' } })).to.reject(Error, /^Flow 'oauth2-client-credentials' cannot serve \/{tenant}\/oauth2\/token:/);
        expect(table(server)).to.equal([]);
    });
});
