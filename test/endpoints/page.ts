import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { authorizeQuery, people } from '../fixture/flows';
import { form, provision } from '../fixture/provision';
import { OAuth2Error } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const path = `/oauth2/authorize?${authorizeQuery()}`;
const protection = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' };

describe('A page', () => {

    it('is protected, whether it went well, wrong or elsewhere', async () => {

        const { server } = await provision([people()]);
        const entry = { username: 'alice', password: 'correct' };
        const replies = [
            [200, await server.inject(path)], [400, await server.inject('/oauth2/authorize')], [303, await server.inject(form(path, entry))],
            [400, await server.inject(form(path, {}))], [405, await server.inject({ method: 'DELETE', url: path })],
            [413, await server.inject(form(path, 'x'.repeat(65_537)))], [400, await server.inject({ ...form(path, '{}'), headers: { 'content-type': 'application/json' } })]
        ] as const;
        for (const [status, { statusCode, headers }] of replies) {
            expect(statusCode).to.equal(status);
            expect(headers, String(status)).to.include(protection);
            const policy = String(headers['content-security-policy']);
            expect(policy).to.include('base-uri \'none\'').and.include('frame-ancestors \'none\'').and.not.include('form-action');
            if (status !== 303) {
                expect(policy).to.match(/^default-src 'none'; style-src 'sha256-/);
                expect(headers['content-type']).to.equal('text/html; charset=utf-8');
            }
        }

        expect(replies[4][1].headers.allow).to.equal('GET, POST');
    });

    it('of an error names its code and its description, escaped', async () => {

        const { server } = await provision([people()]);
        server.ext('onPreHandler', () => {

            throw new OAuth2Error('access_denied', '<b>Not</b> you');
        });
        const { statusCode, payload } = await server.inject(path);
        expect(statusCode).to.equal(400);
        expect(payload).to.include('<code>access_denied</code>').and.include('&lt;b&gt;Not').and.not.include('<b>');
    });

    it('is a Boom for the app\'s onPreResponse, which may show its own', async () => {

        const { server } = await provision([people()]);
        const seen: unknown[] = [];
        server.ext('onPreResponse', ({ response }, h) => {

            if (!('isBoom' in response)) {
                return h.continue;
            }

            seen.push([response instanceof OAuth2Error && response.code, response.output.statusCode]);
            return h.response('<p>mine</p>').code(response.output.statusCode);
        });
        const { statusCode, payload } = await server.inject('/oauth2/authorize');
        expect(statusCode).to.equal(400);
        expect(payload).to.equal('<p>mine</p>');
        expect(seen).to.equal([['invalid_request', 400]]);
    });

    it('refuses every other method', async () => {

        const { server } = await provision([people()]);
        for (const method of ['PUT', 'PATCH', 'DELETE'] as const) {
            const { statusCode, headers } = await server.inject({ method, url: path, payload: 'x' });
            expect(statusCode).to.equal(405);
            expect(headers.allow).to.equal('GET, POST');
        }
    });
});
