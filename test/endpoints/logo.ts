import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import type { Client } from '../../lib/clients/client';
import { ClientLogos } from '../../lib/clients/client-logos';
import { logoEndpoint, logoOf, logoPath } from '../../lib/endpoints/logo';
import { OAuth2Error } from '../../lib/error';
import { testClock } from '../fixture/clock';
import { quietServer } from '../fixture/flows';
import { pictured, pictures } from '../fixture/logos';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const logoUri = 'https://client.example/logo';
const clientOf = (id: string, metadata: Partial<Client['metadata']> = {}, more: Partial<Client> = {}): Client => ({ id, metadata: { client_id: id, ...metadata }, ...more });

/** A server that has logos alone. */
const logoServer = (clients: readonly Client[], changes: Partial<Parameters<typeof logoEndpoint>[0]> = {}) => {

    const server = quietServer();
    const asked: string[] = [];
    const { now, advance } = testClock();
    const logos = new ClientLogos({ clock: now, fetch: (uri) => {

        asked.push(uri);
        return Promise.resolve(uri === logoUri ? pictured(pictures.png) : pictured(Buffer.from('<svg/>'), { contentType: 'image/png' }));
    } });
    server.route(logoEndpoint({ path: '/authorize', options: {}, logos, findClient: (id) => Promise.resolve(clients.find((client) => client.id === id) ?? null), ...changes }));
    const get = (clientId: string) => server.inject(`/authorize/logo?client_id=${encodeURIComponent(clientId)}`);
    return { server, asked, advance, get };
};

describe('logoOf()', () => {

    it('is beside the pages, for a client that has one and was checked', () => {

        expect(logoPath('/oauth2/authorize')).to.equal('/oauth2/authorize/logo');
        expect(logoOf('/a', clientOf('x y&"<', { logo_uri: logoUri }))).to.equal('/a/logo?client_id=x%20y%26%22%3C');
        expect(logoOf('/a', clientOf('x'))).to.be.undefined();
        expect(logoOf('/a', clientOf('x', { logo_uri: logoUri }, { unverified: true }))).to.be.undefined();
    });
});

describe('The logo of a client', () => {

    it('is served as the picture that it is, to this server\'s pages alone, and nobody takes it for a page', async () => {

        const { server, get, asked } = logoServer([clientOf('web', { logo_uri: logoUri })]);
        const { statusCode, headers, rawPayload } = await get('web');
        expect([statusCode, rawPayload]).to.equal([200, pictures.png]);
        expect(headers).to.include({
            'content-type': 'image/png', 'cache-control': 'public, max-age=300', 'x-content-type-options': 'nosniff',
            'content-security-policy': 'default-src \'none\'; sandbox', 'cross-origin-resource-policy': 'same-origin'
        });
        expect(headers['access-control-allow-origin']).to.be.undefined();
        expect((await server.inject({ method: 'HEAD', url: '/authorize/logo?client_id=web' })).statusCode).to.equal(200);
        expect((await server.inject({ method: 'POST', url: '/authorize/logo?client_id=web' })).headers.allow).to.equal('GET');
        expect(asked).to.equal([logoUri]);
    });

    it('attack: is the same 404 without a word whatever is missing, so that nobody learns which clients there are', async () => {

        const clients = [clientOf('plain'), clientOf('broken', { logo_uri: 'https://client.example/svg' }), clientOf('stranger', { logo_uri: logoUri }, { unverified: true })];
        const { server, get, asked } = logoServer(clients);
        const answers = [...await Promise.all(['plain', 'broken', 'stranger', 'nobody', '', '__proto__', '\0', '../../etc/passwd', '%2e%2e', '☃', 'x'.repeat(5000), '"><script>'].map(get)),
            await server.inject('/authorize/logo'), await server.inject('/authorize/logo?client_id=plain&client_id=stranger'), await server.inject('/authorize/logo?client_id=%ff')];
        const told = answers.map(({ statusCode, payload, headers: { date, ...headers } }) => JSON.stringify([statusCode, payload, headers, typeof date]));
        expect(new Set(told).size).to.equal(1);
        expect(answers[0]).to.include({ statusCode: 404, payload: '' });
        expect(answers[0]?.headers).to.include({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
        expect(asked).to.equal(['https://client.example/svg']);
    });

    it('says nothing of why where the clients cannot be read', async () => {

        const { get } = logoServer([], { findClient: () => Promise.reject(new OAuth2Error('temporarily_unavailable', 'Try again later', { reason: 'store_unreachable' })) });
        const { statusCode, payload } = await get('web');
        expect([statusCode, JSON.parse(payload)]).to.equal([503, { error: 'temporarily_unavailable', error_description: 'Try again later' }]);
    });
});
