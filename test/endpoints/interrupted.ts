import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { InterruptedSignIn, showInterruptedSignIn } from '../../lib/endpoints/interrupted';
import { Pages, type PageRenderers } from '../../lib/endpoints/pages';
import { quietServer } from '../fixture/flows';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const bench = (renderers: PageRenderers = {}) => {

    const server = quietServer();
    const pages = new Pages({ theme: {}, texts: {}, renderers });
    server.ext('onPreResponse', (request, h) => (request.response instanceof InterruptedSignIn ? showInterruptedSignIn(pages, request.response, request, h) : h.continue));
    server.route([
        { method: 'GET', path: '/', handler: () => Promise.reject(new InterruptedSignIn('Nothing waits', { reason: 'expired', restart: '/again', uiLocales: 'fr' })) },
        { method: 'GET', path: '/fine', handler: () => 'fine' }
    ]);
    return server;
};

describe('A sign-in that is interrupted', () => {

    it('is a page, and no other answer is', async () => {

        const { statusCode, payload, headers } = await bench().inject('/');
        expect([statusCode, headers['cache-control'], headers['x-content-type-options']]).to.equal([400, 'no-store', 'nosniff']);
        expect(payload).to.include('<html lang="fr"').and.include('href="/again"');
        expect((await bench().inject('/fine')).payload).to.equal('fine');
    });

    it('is the app\'s page, which may answer by itself', async () => {

        expect((await bench({ interrupted: ({ reason, reference }) => `${reason} ${String(reference?.length)}` }).inject('/')).payload).to.equal('expired 8');
        const own = await bench({ interrupted: (_model, { raw: { res } }, h) => {

            res.end('by itself');
            return h.abandon;
        } }).inject('/');
        expect(own.payload).to.equal('by itself');
    });
});
