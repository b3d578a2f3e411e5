import { directionOf } from './locale';
import { languagesOf, type Language, type OwnTexts } from './texts/languages';
import { checkTheme, styleOf, type Style, type Theme } from './theme';

/** The language that a page speaks. */
export interface PageLanguage extends Language {
    /** For the attribute `dir`. */
    readonly dir: 'ltr' | 'rtl';
}

/** How a page looks and speaks. */
export interface PageLook extends PageLanguage {
    readonly style: Style;
    /** Stands above the page. */
    readonly productName: string | undefined;
}

/** The looks of a server's pages: one for each language, English first, all with one style. Throws a sentence if texts or theme cannot be meant. */
export const looksOf = (texts: Readonly<Record<string, OwnTexts>>, theme: Theme): readonly [PageLook, ...PageLook[]] => {

    checkTheme(theme);
    const style = styleOf(theme);
    const lookOf = (language: Language): PageLook => ({ ...language, dir: directionOf(language.locale), style, productName: theme.productName });
    const [english, ...others] = languagesOf(texts);
    return [lookOf(english), ...others.map(lookOf)];
};
