import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { machines } from '../fixture/flows';
import { form, provision } from '../fixture/provision';
import { corsOptions } from '../../lib/endpoints/options';
import { OAuth2ClientCredentialsBuilder } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('CORS', () => {

    it('is for every origin, for none, or for a list; never with credentials', () => {

        const headers = { credentials: false, additionalHeaders: ['dpop', 'mcp-protocol-version'], additionalExposedHeaders: ['dpop-nonce', 'retry-after'] };
        expect(corsOptions(true)).to.equal({ origin: 'ignore', ...headers });
        expect(corsOptions(false)).to.be.false();
        expect(corsOptions(['https://app.example.com'])).to.equal({ origin: ['https://app.example.com'], ...headers });
    });

    it('may be set for one route', async () => {

        const flow = OAuth2ClientCredentialsBuilder.create().tokenRoute((route) => route.setOptions({ cors: { origin: ['https://one.example.com'] } }).generateToken(() => null));
        const { server } = await provision([flow]);

        const origin = async (path: string) => (await server.inject(form(path, '', { origin: 'https://two.example.com' }))).headers['access-control-allow-origin'];
        expect(await origin('/oauth2/token')).to.be.undefined();
        expect(await origin('/oauth2/keys')).to.equal('*');
    });

    it('is answered in a preflight for the origins of a list only', async () => {

        const { server } = await provision([machines()], (hub) => hub.setCors(['https://app.example.com']));
        const preflight = async (origin: string) => (await server.inject({ method: 'OPTIONS', url: '/oauth2/token', headers: { origin, 'access-control-request-method': 'POST' } })).headers['access-control-allow-origin'];
        expect(await preflight('https://app.example.com')).to.equal('https://app.example.com');
        expect(await preflight('https://evil.example.com')).to.be.undefined();
    });
});
