import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { InterruptedSignIn, interrupt, showInterruptedSignIn } from '../../lib/endpoints/interrupted';
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
        { method: 'GET', path: '/ended', handler: (request, h) => interrupt(pages, { refused: 'the_reason', clientId: 'web', reason: 'used', restart: undefined, uiLocales: String(request.query.locale) }, request, h) },
        { method: 'GET', path: '/fine', handler: () => 'fine' }
    ]);
    return server;
};

describe('interrupt()', () => {

    it('is a page in the language of the person, with the number of its one event', async () => {

        for (const [locale, title] of [['en', 'This page was used already'], ['fr', 'Cette page a déjà été utilisée'], ['de', 'Diese Seite wurde schon benutzt'], ['es', 'Esta página ya se ha usado']]) {
            const server = bench();
            const events: unknown[] = [];
            server.events.on({ name: 'request', channels: 'app' }, (_request, { tags, data }) => events.push([tags, data]));
            const { statusCode, payload } = await server.inject(`/ended?locale=${String(locale)}`);
            const reference = /<strong><code>([^<]{8})<\/code><\/strong>/.exec(payload)?.[1];
            expect([statusCode, /<h1>([^<]*)/.exec(payload)?.[1]]).to.equal([400, title]);
            expect(reference).to.match(/^[2-9B-DF-HJ-NP-TV-XZ]{8}$/);
            expect(events).to.equal([[['oauth', 'refused'], { reason: 'the_reason', error: 'invalid_request', client_id: 'web', reference }]]);
        }
    });
});

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
