import type { PageRenderers, PageSettings } from '../endpoints/pages';
import type { OwnTexts } from '../pages/texts/languages';
import type { Theme } from '../pages/theme';
import { SharedSetters } from './shared-setters';

/** The hub's setters for the pages that people see. */
export abstract class PageSetters extends SharedSetters {

    #theme: Theme = {};
    #texts: Readonly<Record<string, OwnTexts>> = {};
    #renderers: PageRenderers = {};

    /** @internal */
    protected get pageSettings(): PageSettings {

        return { theme: this.#theme, texts: this.#texts, renderers: this.#renderers };
    }

    /**
     * Colours, corners, font and product name of the built-in pages.
     *
     * Registration is refused for a value that is no such thing, and for colours that people cannot tell apart (WCAG 2.2 §1.4.3).
     *
     * @example
     * hub.setTheme({ accent: '#0b57d0', radius: '8px', productName: 'Acme', dark: { accent: '#a8c7fa' } })
     */
    setTheme(theme: Theme): this {

        this.guard('setTheme');
        this.#theme = { ...theme };
        return this;
    }

    /**
     * Adds a language to the built-in pages by a plain object, or says some things differently: what is left out stays, in a new language in English.
     *
     * People read the language of `ui_locales`, else that of their browser. Registration is refused for a text that the pages do not have.
     *
     * @example
     * hub.setTexts('it', { signInTitle: 'Accedi', scopes: { 'reports:read': 'Leggere i tuoi rapporti' } })
     */
    setTexts(locale: string, texts: OwnTexts): this {

        this.guard('setTexts');
        const { [locale]: before = {} } = this.#texts;
        this.#texts = { ...this.#texts, [locale]: { ...before, ...texts, scopes: { ...before.scopes, ...texts.scopes } } };
        return this;
    }

    /**
     * Puts pages of the app's own in the place of built-in ones, by name: each function answers what a hapi handler may, such as `h.view(...)`.
     *
     * The renderers of a route, such as `setGETResponseRenderer`, go before them; `h.continue` shows the built-in page.
     */
    setPages(pages: PageRenderers): this {

        this.guard('setPages');
        this.#renderers = { ...this.#renderers, ...pages };
        return this;
    }
}
