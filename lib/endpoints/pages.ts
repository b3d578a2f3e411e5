import type { Request, ResponseObject, ResponseToolkit } from '@hapi/hapi';

import { answerOf } from '../error';
import { builtInPages, type PageModels, type PageName } from '../pages/built-in';
import type { Page } from '../pages/layout';
import { chooseLocale } from '../pages/locale';
import { looksOf, type PageLanguage, type PageLook } from '../pages/look';
import type { OwnTexts } from '../pages/texts/languages';
import type { Theme } from '../pages/theme';
import { Form } from '../protocol/form';
import type { Render } from './form-page';

/** What an app's own page is rendered from: what the built-in one shows, and the language of the person. */
export type PageContext<N extends PageName> = PageModels[N] & PageLanguage;

/** Pages of the app's own, by the names of those they replace; `h.continue` shows the built-in one. */
export type PageRenderers = { readonly [N in PageName]?: Render<PageContext<N>> | undefined };

/** What the app has said about its pages. */
export interface PageSettings {
    readonly theme: Theme;
    /** By language. */
    readonly texts: Readonly<Record<string, OwnTexts>>;
    readonly renderers: PageRenderers;
}

/** How a page is answered. */
export interface ShowOptions {
    /** 200 when left out. */
    readonly statusCode?: number | undefined;
    /** `pages.look(request)` when left out. */
    readonly look?: PageLook | undefined;
}

/** The pages of one server: the built-in ones, in every language, and what the app has put in their place. */
export class Pages {

    readonly #looks: readonly [PageLook, ...PageLook[]];
    readonly #renderers: PageRenderers;
    readonly #spoken = new WeakMap<Request, string>();

    /** Throws a sentence that says what to change if the settings cannot be meant. */
    constructor({ theme, texts, renderers }: PageSettings) {

        this.#looks = looksOf(texts, theme);
        this.#renderers = checkedRenderers(renderers);
    }

    /** Says which languages this request is about, where what it takes up says so and not the request itself: all its pages, errors too, are in one of them. */
    speak(request: Request, uiLocales: string | undefined): void {

        if (uiLocales !== undefined) {
            this.#spoken.set(request, uiLocales);
        }
    }

    /** How to show a page to the person who sent this request. `uiLocales` of an authorization request that is remembered goes before the request's own. */
    look(request: Request, uiLocales: string | undefined = this.#spoken.get(request)): PageLook {

        const { query, payload, raw } = request;
        const name = 'ui_locales';
        return chooseLocale(this.#looks, uiLocales ?? Form.from(query).first(name) ?? Form.from(payload).first(name), raw.req.headers['accept-language']);
    }

    /** The built-in page. */
    builtIn<N extends PageName>(name: N, model: PageModels[N], look: PageLook): Page {

        return builtInPages[name](model, look);
    }

    /** The app's page, with the status if it has none of its own; `h.continue` where the app leaves it to us. */
    async own<N extends PageName>(name: N, model: PageModels[N], look: PageLook, statusCode: number, request: Request, h: ResponseToolkit): Promise<ResponseObject | symbol> {

        const render = this.#renderers[name];
        if (render === undefined) {
            return h.continue;
        }

        const { locale, dir, texts, scopes } = look;
        const answer: unknown = await answerOf(async () => await render({ ...model, locale, dir, texts, scopes }, request, h));
        if (typeof answer === 'symbol') {
            return answer;
        }

        if (typeof answer !== 'string' && (typeof answer !== 'object' || answer === null || answer instanceof Error)) {
            throw new Error(`setPages(): the renderer of the page '${name}' answered nothing that can be sent: return HTML, h.view(...) or another response, or h.continue for the built-in page`);
        }

        const response = h.response(answer);
        return response.statusCode ? response : response.code(statusCode);              // hapi leaves it null until somebody says it
    }

    /** Answers with a page: the app's, or the built-in one. */
    async show<N extends PageName>(name: N, model: PageModels[N], request: Request, h: ResponseToolkit, { statusCode = 200, look = this.look(request) }: ShowOptions = {}): Promise<ResponseObject | symbol> {

        const own = await this.own(name, model, look, statusCode, request, h);
        if (own !== h.continue) {
            return own;
        }

        const { html, policy } = this.builtIn(name, model, look);
        return h.response(html).code(statusCode).header('content-security-policy', policy);
    }
}

/** JavaScript may have said anything. */
const checkedRenderers = (renderers: PageRenderers): PageRenderers => {

    for (const [name, render] of Object.entries(renderers)) {
        if (!Object.hasOwn(builtInPages, name)) {
            throw new Error(`setPages(): there is no page '${name}'. The pages are ${Object.keys(builtInPages).join(', ')}`);
        }

        if (typeof render !== 'function') {
            throw new Error(`setPages(): ${name} takes a function (model, request, h)`);
        }
    }

    return renderers;
};
