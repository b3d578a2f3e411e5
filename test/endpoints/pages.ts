import { badRequest } from '@hapi/boom';
import { expect } from '@hapi/code';
import type Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { Pages, type PageRenderers } from '../../lib/endpoints/pages';
import { authorizeQuery, people } from '../fixture/flows';
import { form, provision } from '../fixture/provision';
import { AuthorizationServerBuilder, type PageContext } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const path = `/oauth2/authorize?${authorizeQuery()}`;
const wrong = form(path, { username: 'alice', password: 'wrong' });
const broken = '/oauth2/authorize';
const protection = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' };

const withPages = async (renderers: PageRenderers) => {

    const { server } = await provision([people()], (hub) => hub.setPages(renderers));
    const events: Hapi.RequestEvent[] = [];
    server.events.on('request', (_request, event) => {

        events.push(event);
    });
    return { server, events };
};

const refusals = (events: readonly Hapi.RequestEvent[]) => events.filter(({ tags }) => tags.includes('refused')).map(({ data }): unknown => Reflect.get(Object(data), 'reference'));

describe('The pages of a server', () => {

    it('speak the language of the request, the client\'s wish first; errors too', async () => {

        const { server } = await provision([people()]);
        const lang = async (request: string | Hapi.ServerInjectOptions) => /<html lang="(\w+)"/.exec((await server.inject(request)).payload)?.[1];
        const german = { 'accept-language': 'de-CH, en;q=0.5' };
        expect(await lang({ url: path, headers: german })).to.equal('de');
        expect(await lang({ url: `${path}&ui_locales=xx%20es`, headers: german })).to.equal('es');
        expect(await lang(form('/oauth2/authorize', `${authorizeQuery()}&ui_locales=fr`, german))).to.equal('fr');
        expect(await lang({ url: broken, headers: german })).to.equal('de');
        expect(await lang({ url: `${path}&ui_locales=fr&ui_locales=de` })).to.equal('fr');
        expect(await lang(path)).to.equal('en');
        expect((await server.inject({ ...wrong, headers: { ...wrong.headers, ...german } })).payload).to.contain('Der Benutzername oder das Passwort ist falsch');
    });

    it('let a remembered request say the language', async () => {

        const { server } = await provision([people()]);
        const pages = new Pages({ theme: {}, texts: {}, renderers: {} });
        const seen: string[] = [];
        server.route({ method: 'GET', path: '/x', handler: (request) => {

            seen.push(pages.look(request, 'fr').locale, pages.look(request).locale);
            return '';
        } });
        await server.inject({ url: '/x?ui_locales=de', headers: { 'accept-language': 'es' } });
        expect(seen).to.equal(['fr', 'de']);
    });

    it('have the theme and the texts of the hub', async () => {

        const { server } = await provision([people()], (hub) => hub.setTheme({ accent: '#ffcc00', productName: 'Acme' }).setTexts('it', { signInTitle: 'Accedi' }).setTexts('it', { password: 'Parola', scopes: { a: 'b' } }));
        const { payload } = await server.inject({ url: path, headers: { 'accept-language': 'it' } });
        expect(payload).to.contain('--oauth2-accent:#ffcc00').and.contain('<h1>Accedi</h1>').and.contain('>Parola</label>').and.contain('<header><p>Acme</p></header>');
    });
});

describe('setPages()', () => {

    it('gives a page of the app\'s own everything that the built-in one shows, and keeps status and headers', async () => {

        const seen: PageContext<'signIn'>[] = [];
        const { server } = await withPages({ signIn: (model) => {

            seen.push(model);
            return `<p>${model.texts.password}</p>`;
        } });
        const first = await server.inject({ url: path, headers: { 'accept-language': 'fr' } });
        expect([first.statusCode, first.payload]).to.equal([200, '<p>Mot de passe</p>']);
        expect(first.headers).to.include({ ...protection, 'content-security-policy': 'base-uri \'none\'; frame-ancestors \'none\'' });
        expect((await server.inject(wrong)).statusCode).to.equal(400);
        expect(seen[0]).to.include({ locale: 'fr', dir: 'ltr', action: `?${authorizeQuery()}`, hidden: [], usernameField: 'username', errorMessage: undefined });
        expect(seen[1]?.errorMessage).to.equal('The username or the password is wrong');
    });

    it('takes what a hapi handler may answer, and leaves a status that was set', async () => {

        expect((await (await withPages({ signIn: (_model, _request, h) => h.response('mine').code(418).header('content-security-policy', 'img-src *') })).server.inject(wrong)).statusCode).to.equal(418);
        const { server } = await withPages({ signIn: (_model, _request, h) => h.response('mine') });
        expect([(await server.inject(wrong)).statusCode, (await server.inject(path)).statusCode]).to.equal([400, 200]);
        const elsewhere = await (await withPages({ signIn: (_model, _request, h) => h.redirect('/login') })).server.inject(path);
        expect([elsewhere.statusCode, elsewhere.headers.location]).to.equal([303, '/login']);
        expect((await (await withPages({ signIn: async (_model, _request, h) => await Promise.resolve(h.continue) })).server.inject(path)).payload).to.contain('<h1>Sign in</h1>');
    });

    it('comes after the renderers of a route', async () => {

        const flow = people();
        flow.authorizationRoute((route) => route.setPOSTErrorRenderer(() => 'route').setGETResponseRenderer((_ctx, _request, h) => h.continue));
        const { server } = await provision([flow], (hub) => hub.setPages({ signIn: () => 'hub' }));
        expect([(await server.inject(path)).payload, (await server.inject(wrong)).payload]).to.equal(['hub', 'route']);
    });

    it('makes a page of an error that nobody could send, or of a renderer that throws, and says nothing of it', async () => {

        const throwing = (): never => {

            throw badRequest('hunter2');
        };

        for (const signIn of [throwing, () => undefined, () => null, () => 7, () => new Error('hunter2')]) {
            const { server } = await withPages({ signIn: signIn as unknown as () => string });
            const { statusCode, payload } = await server.inject(path);
            expect(statusCode).to.equal(500);
            expect(payload).to.contain('<code>server_error</code>').and.not.contain('hunter2');
        }
    });

    it('is refused at registration for what is no page', () => {

        const register = (renderers: object) => () => new Pages({ theme: {}, texts: {}, renderers });
        expect(register({ login: () => '' })).to.throw(/^setPages\(\): there is no page 'login'\. The pages are signIn, chooseAccount, consent, /);
        expect(register({ toString: () => '' })).to.throw(/^setPages\(\): there is no page 'toString'/);
        expect(register({ signIn: '<p>' })).to.throw('setPages(): signIn takes a function (model, request, h)');
        expect(AuthorizationServerBuilder.create().setPages({}).setPages({ signIn: () => '' }).setTheme({}).setTexts('it', {}).name).to.equal('hapi-oauth2-flows');
    });
});

describe('The page of an error', () => {

    it('has a number that the log knows, another one each time', async () => {

        const { server, events } = await withPages({});
        const shown = [(await server.inject(broken)).payload, (await server.inject(broken)).payload].map((html) => /<strong><code>(\w+)<\/code>/.exec(html)?.[1]);
        expect(refusals(events)).to.equal(shown);
        expect(shown[0]).to.match(/^\w{8}$/).and.not.equal(shown[1]);
    });

    it('may be the app\'s own, with the same status, headers and number', async () => {

        const { server, events } = await withPages({ error: ({ code, reference, texts, description }) => `${code} ${reference} ${texts.errorTitle} ${String(description)}` });
        const { statusCode, headers, payload } = await server.inject({ method: 'PUT', url: path });
        expect(statusCode).to.equal(405);
        expect(headers).to.include({ ...protection, allow: 'GET, POST' });
        expect(payload).to.match(/^invalid_request \w{8} This did not work This endpoint takes GET, POST only/).and.contain(String(refusals(events)[0]));
    });

    it('says nothing of what was thrown, which the log has, though hapi logs no failure that an app has answered', async () => {

        const { server, events } = await withPages({ error: ({ description }) => String(description), signIn: () => {

            throw new Error('hunter2');
        } });
        const { statusCode, payload } = await server.inject(path);
        expect([statusCode, payload]).to.equal([500, 'undefined']);
        expect(events.filter(({ tags }) => tags.includes('oauth') && tags.includes('error')).map(({ error }) => error instanceof Error && error.message)).to.equal(['hunter2']);
    });

    it('is the built-in one where the app leaves it to us, or fails once more', async () => {

        const failing = [(_model: unknown, _request: unknown, h: Hapi.ResponseToolkit) => h.continue, () => {

            throw new Error('hunter2');
        }, () => {

            throw Object(7);
        }];
        for (const error of failing) {
            const { server } = await withPages({ error });
            const { statusCode, payload } = await server.inject(broken);
            expect(statusCode).to.equal(400);
            expect(payload).to.contain('<h1>This did not work</h1>').and.not.contain('hunter2');
        }
    });
});
