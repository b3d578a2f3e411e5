import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import type { Server } from '@hapi/hapi';

import { machines, people, quietServer, users } from '../fixture/flows';
import { basic, form, provision } from '../fixture/provision';
import { login, registeredServer } from '../fixture/registered-server';
import { AuthorizationServerBuilder } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const day = 24 * 60 * 60;

const kids = async (server: Server) => {

    const { result } = await server.inject<{ keys: { kid: string; alg: string }[] }>('/oauth2/keys');
    return result?.keys.filter(({ alg }) => alg === 'ES256').map(({ kid }) => kid) ?? [];
};

const token = async (server: Server) => await server.inject(form('/oauth2/token', { grant_type: 'client_credentials' }, { authorization: basic('m', 's') }));

describe('The authorization server', () => {

    it('is at localhost and the port that hapi listens on, as soon as that is known', async () => {

        const server = quietServer();
        await server.register(machines());
        expect(server.oauth2.issuer).to.equal('http://localhost');
        await server.start();
        expect(server.oauth2.issuer).to.equal(`http://localhost:${server.info.port}`);
        await server.stop();

        const fixed = quietServer({ port: 4711 });
        await fixed.register(machines());
        expect(fixed.oauth2.issuer).to.equal('http://localhost:4711');

        const socket = quietServer({ host: undefined, port: '/tmp/never-opened.sock' });
        await socket.register(machines());
        expect(socket.oauth2.issuer).to.equal('http://localhost');
    });

    it('says in its URLs that hapi speaks TLS', async () => {

        const server = quietServer({ tls: {} });
        await server.register(machines());
        expect(server.oauth2.issuer).to.equal('https://localhost');
    });

    it('shares one key set among flows that agree about it', async () => {

        const flow = (name: string, path: `/${string}`) => machines(path).strategyName(name).jwksRoute((route) => route.setPath('/jwks'));
        const { server } = await provision([flow('one', '/one'), flow('two', '/two')]);
        expect((await server.inject('/jwks')).statusCode).to.equal(200);
    });

    it('replaces its keys after 90 days, publishing the next ten minutes ahead and the last until its tokens have expired', async () => {

        const { server, clock } = await provision([machines(), users().setTokenTTL(7200)]);
        const [first = ''] = await kids(server);

        clock.advance(90 * day - 601);
        expect(await kids(server)).to.equal([first]);
        clock.advance(61);
        const both = await kids(server);
        expect(both).to.have.length(2);
        expect(both[0]).to.equal(first);
        clock.advance(540 + 7200);
        expect(await kids(server)).to.equal(both);
        clock.advance(61);
        expect(await kids(server)).to.equal(both.slice(1));
    });

    it('replaces its keys as it was told', async () => {

        const { server, clock } = await provision([machines()], (hub) => hub.setJwksRotatorOptions({ intervalMs: 3_600_000, leadMs: 120_000 }).setPublicKeyExpiry(1200));
        const [first = ''] = await kids(server);

        clock.advance(3600 - 121);
        expect(await kids(server)).to.equal([first]);
        clock.advance(61);
        expect(await kids(server)).to.have.length(2);
        clock.advance(60 + 1200);
        expect(await kids(server)).to.include(first);
        clock.advance(61);
        expect(await kids(server)).to.not.include(first);
    });

    it('publishes a next key halfway where keys live for less than twenty minutes', async () => {

        const { server, clock } = await provision([machines()], (hub) => hub.setJwksRotatorOptions({ intervalMs: 600_000 }));
        expect(await kids(server)).to.have.length(1);
        clock.advance(299);
        expect(await kids(server)).to.have.length(1);
        clock.advance(61);
        expect(await kids(server)).to.have.length(2);
    });

    it('makes a key for each algorithm that its flows sign with, when it starts', async () => {

        const { server } = await provision([machines(), users().setAccessTokenAlgorithm('EdDSA'), people().tokenRoute((route) => route.setPath('/openid')).authorizationRoute((route) => route.setPath('/openid/authorize')).setIdTokenAlgorithm('ES384')]);
        const { result } = await server.inject<{ keys: { alg: string }[] }>('/oauth2/keys');
        expect(result?.keys.map(({ alg }) => alg).sort()).to.equal(['ES256', 'ES384', 'EdDSA', 'RS256']);
        await server.initialize();
        await server.stop();
    });

    it('is a 500 without a word about the store when that fails while it runs', async () => {

        const { server } = await provision([machines()]);
        expect((await token(server)).statusCode).to.equal(200);
        const failing = await provision([machines()], (hub) => hub.setJwksKeyStore({ list: () => Promise.reject(new Error('10.0.0.7 refused')), putIfAbsent: () => true, put: () => undefined, delete: () => undefined }));
        const { statusCode, payload } = await token(failing.server);
        expect(statusCode).to.equal(500);
        expect(payload).to.equal('{"error":"server_error","error_description":"The server could not answer this request"}');
    });

    it('does not start with a session strategy that sends users who have not signed in nowhere', async () => {

        const { server } = await registeredServer([login()], (hub) => hub.setSessionStrategy('app'));
        await expect(server.initialize()).to.reject('setSessionStrategy() needs setLoginUrl(): users without a session are sent there to sign in');
        const { server: complete } = await registeredServer([login()], (hub) => hub.setSessionStrategy('app').setLoginUrl('/login'));
        await complete.initialize();
        await complete.stop();
    });

    it('lets each flow speak for the server where the hub is silent', async () => {

        const server = quietServer();
        await server.register([AuthorizationServerBuilder.create(), machines().jwksRoute((route) => route.setPath('/own-keys'))]);
        expect((await server.inject('/own-keys')).statusCode).to.equal(200);
    });
});
