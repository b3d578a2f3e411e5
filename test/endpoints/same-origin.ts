import { expect } from '@hapi/code';
import Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { assertSameOrigin } from '../../lib/endpoints/same-origin';
import { authorizeQuery, users } from '../fixture/flows';
import { form, provision } from '../fixture/provision';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const entry = { username: 'alice', password: 'correct' };

/** The status of the user's form, sent with these headers to a server of this issuer. */
const submit = async (headers: Readonly<Record<string, string>>) => {

    const { server } = await provision([users()], (hub) => hub.setIssuer('https://auth.example.com/tenant').allowDevelopmentDefaults());
    return (await server.inject(form(`/oauth2/authorize?${authorizeQuery()}`, entry, headers))).statusCode;
};

describe('A form', () => {

    it('is taken from our own page, as the browser says in Sec-Fetch-Site', async () => {

        expect(await submit({ 'sec-fetch-site': 'same-origin' })).to.equal(303);
        expect(await submit({ 'sec-fetch-site': 'none' })).to.equal(303);
    });

    it('is refused from any other, whatever else the request says', async () => {

        for (const site of ['cross-site', 'same-site', 'Same-Origin', '', 'same-origin, cross-site']) {
            expect(await submit({ 'sec-fetch-site': site, origin: 'https://auth.example.com', host: 'auth.example.com' }), site).to.equal(403);
        }
    });

    it('is taken, from a browser without that header, by its Origin: the issuer\'s or the one of this request', async () => {

        expect(await submit({ origin: 'https://auth.example.com' })).to.equal(303);
        expect(await submit({ origin: 'http://10.0.0.7:8080', host: '10.0.0.7:8080' })).to.equal(303);
    });

    it('is refused from any other Origin, also from one that hides', async () => {

        for (const origin of ['https://evil.example.com', 'http://auth.example.com', 'https://auth.example.com:8443', 'https://auth.example.com.evil.com', 'null', '', 'auth.example.com']) {
            expect(await submit({ origin, host: 'backend' }), origin).to.equal(403);
        }
    });

    it('is taken without an Origin that says something only if it has a token of its own', async () => {

        const server = Hapi.server({ debug: false });
        const handler = (hasToken: boolean) => (request: Hapi.Request) => {

            assertSameOrigin(request, 'https://auth.example.com', { hasToken });
            return 'taken';
        };

        server.route([{ method: 'POST', path: '/true', handler: handler(true) }, { method: 'POST', path: '/false', handler: handler(false) }]);
        const isTaken = async (headers: Readonly<Record<string, string>>, hasToken: boolean) => (await server.inject({ method: 'POST', url: `/${hasToken}`, headers: { host: 'backend', ...headers } })).payload === 'taken';
        expect(await isTaken({ origin: 'null' }, false)).to.be.false();
        expect(await isTaken({ origin: 'null' }, true)).to.be.true();
        for (const headers of [{ origin: 'null', 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example.com' }]) {
            expect(await isTaken(headers, true)).to.be.false();
        }
    });

    it('is taken from what is no browser, which cannot be made to act for somebody', async () => {

        expect(await submit({})).to.equal(303);
    });
});
