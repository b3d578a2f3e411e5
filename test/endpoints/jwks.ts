import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { machines, people } from '../fixture/flows';
import { provision } from '../fixture/provision';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('The key set', () => {

    it('holds the public half of every key in use, for five minutes', async () => {

        const { server } = await provision([people()]);

        const { result, headers } = await server.inject<{ keys: Record<string, unknown>[] }>('/oauth2/keys');
        expect(headers['cache-control']).to.equal('public, max-age=300');
        expect(headers['content-type']).to.equal('application/json; charset=utf-8');
        expect(headers.pragma).to.be.undefined();
        expect(result?.keys.map((key) => Object.keys(key).sort())).to.equal([['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'], ['alg', 'e', 'kid', 'kty', 'n', 'use']]);
    });

    it('is where jwksRoute() says, with its options', async () => {

        const { server } = await provision([machines().jwksRoute((route) => route.setPath('/keys.json').setOptions({ tags: ['api'], description: 'Our keys' }))]);

        expect((await server.inject('/keys.json')).statusCode).to.equal(200);
        expect((await server.inject('/oauth2/keys')).statusCode).to.equal(404);
        expect(server.lookup('x')).to.be.null();
        expect(server.match('get', '/keys.json')?.settings).to.include({ tags: ['api'], description: 'Our keys' });
        const { result } = await server.inject<{ jwks_uri: string }>('/.well-known/oauth-authorization-server');
        expect(result?.jwks_uri).to.match(/\/keys\.json$/);
    });

    it('is at the hub\'s path for all flows', async () => {

        const { server } = await provision([machines(), people()], (hub) => hub.jwksRoute((route) => route.setPath('/jwks')));

        expect((await server.inject('/jwks')).statusCode).to.equal(200);
    });

    it('answers a key store that fails like every endpoint', async () => {

        const { server } = await provision([machines()]);
        const failing = { list: () => Promise.reject(new Error('10.0.0.7 refused')), putIfAbsent: () => true, put: () => undefined, delete: () => undefined };
        const { server: other } = await provision([machines()], (hub) => hub.setJwksKeyStore(failing));

        expect((await server.inject('/oauth2/keys')).statusCode).to.equal(200);
        const { statusCode, result, headers } = await other.inject('/oauth2/keys');
        expect(statusCode).to.equal(500);
        expect(result).to.equal({ error: 'server_error', error_description: 'The server could not answer this request' });
        expect(headers['cache-control']).to.equal('no-store');
    });
});
