import { de } from './de';
import { en } from './en';
import { es } from './es';
import { fr } from './fr';

/** Everything the built-in pages say, in one language; `{names}` in a text are filled in. */
export type PageTexts = Readonly<Record<keyof typeof en, string>>;

/** Texts of an app's own: what is left out is said as before, in a new language in English. `scopes` says in words what a scope allows. */
export interface OwnTexts extends Readonly<Partial<PageTexts>> {
    readonly scopes?: Readonly<Record<string, string>> | undefined;
}

/** A language of the pages. */
export interface Language {
    /** A tag of BCP 47, for the attribute `lang`. */
    readonly locale: string;
    readonly texts: PageTexts;
    /** What scopes allow, in the app's words. */
    readonly scopes: Readonly<Record<string, string>>;
}

const builtIn: Readonly<Record<string, PageTexts>> = { en, fr, de, es };

const placesOf = (text: string): readonly string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);

/** The languages of the pages, English first: those that are built in, and over them the app's own. Throws a sentence for texts that are not ones of these pages. */
export const languagesOf = (own: Readonly<Record<string, OwnTexts>>): readonly [Language, ...Language[]] => {

    const added = new Map(Object.entries(own).map(([locale, texts]) => [checkedTag(locale, texts), texts]));
    const languageOf = (locale: string): Language => {

        const { scopes = {}, ...texts } = added.get(locale) ?? {};
        return { locale, texts: { ...builtIn[locale] ?? en, ...texts }, scopes };
    };

    const others = new Set([...Object.keys(builtIn), ...added.keys()].filter((locale) => locale !== 'en'));
    return [languageOf('en'), ...[...others].map(languageOf)];
};

/** The language's tag as it is written (BCP 47); throws a sentence if that is none, or the texts are not ones of these pages. */
const checkedTag = (locale: string, { scopes = {}, ...texts }: OwnTexts): string => {

    const tag = canonical(locale);
    const problem = tag === undefined ? 'a language is a tag such as \'it\' or \'pt-BR\' (BCP 47)' :
        [...Object.entries(scopes).map(problemOfScope), ...Object.entries(texts).map(problemOfText)].find((found) => found !== undefined);
    if (tag === undefined || problem !== undefined) {
        throw new Error(`setTexts('${locale}'): ${String(problem)}`);
    }

    return tag;
};

const problemOfScope = ([scope, text]: readonly [string, unknown]): string | undefined => (isText(text) ? undefined : `scopes says in words what the scope '${scope}' allows`);

const problemOfText = ([name, text]: readonly [string, unknown]): string | undefined => {

    if (!isTextName(name)) {
        return `there is no text '${name}'. The names are those of the type PageTexts, and scopes`;
    }

    if (!isText(text)) {
        return `${name} is a text`;
    }

    const places = placesOf(en[name]);
    const wrong = placesOf(text).find((place) => !places.includes(place));
    return wrong === undefined ? undefined : `nothing fills in {${wrong}} of ${name}${places.length === 0 ? '' : `, which has ${places.map((place) => `{${place}}`).join(', ')}`}`;
};

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const isTextName = (name: string): name is keyof PageTexts => Object.hasOwn(en, name);

const canonical = (locale: string): string | undefined => {

    try {
        return Intl.getCanonicalLocales(locale)[0];
    }
    catch {
        return undefined;
    }
};
