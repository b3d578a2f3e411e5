/** A header longer than any browser's is somebody's attempt to keep us busy. */
const [longestHeader, mostLanguages] = [1000, 20];

/** Languages that are written from right to left. */
const rightToLeft = new Set(['ar', 'arc', 'ckb', 'dv', 'fa', 'he', 'ks', 'nqo', 'ps', 'sd', 'syr', 'ug', 'ur', 'yi']);

/** Where a text of a language begins: for the attribute `dir`. */
export const directionOf = (locale: string): 'ltr' | 'rtl' => {

    const { language, script } = new Intl.Locale(locale);
    return script === 'Arab' || script === 'Hebr' || (script === undefined && rightToLeft.has(language)) ? 'rtl' : 'ltr';
};

/**
 * What there is in the language to talk to a person in: what the client asks for first (`ui_locales`, OpenID Connect Core §3.1.2.1), then what
 * the browser says (RFC 9110 §12.5.4), else the first of all. Never throws, whatever was sent.
 */
export const chooseLocale = <T extends { readonly locale: string }>(available: readonly [T, ...T[]], uiLocales: string | undefined, acceptLanguage: string | undefined): T => {

    const wanted = [...(uiLocales ?? '').slice(0, longestHeader).split(' ').slice(0, mostLanguages), ...acceptedLanguages(acceptLanguage ?? '')];
    for (const range of wanted) {
        const found = lookUp(available, range);
        if (found !== undefined) {
            return found;
        }
    }

    return available[0];
};

/** The languages of an Accept-Language header, the most wanted first. */
const acceptedLanguages = (header: string): readonly string[] => header.slice(0, longestHeader).split(',').slice(0, mostLanguages)
    .map((item) => {

        const [range = '', ...parameters] = item.split(';').map((part) => part.trim());
        const [, quality = parameters.length === 0 ? '1' : '0'] = /^q=([01](?:\.\d{1,3})?)$/i.exec(parameters.join(';')) ?? [];
        return { range, quality: Number(quality) };
    })
    .filter(({ quality }) => quality > 0)
    .sort((one, other) => other.quality - one.quality)          // Keeps the order of those that are wanted equally
    .map(({ range }) => range);

/** A language by its tag, else by less and less of it (RFC 4647 §3.4), else one that is the same but for where it is spoken. */
const lookUp = <T extends { readonly locale: string }>(available: readonly T[], range: string): T | undefined => {

    const subtags = range.toLowerCase().split('-');
    const tags = subtags.map((_, index) => subtags.slice(0, subtags.length - index).join('-'));
    const byTag = tags.map((tag) => available.find(({ locale }) => locale.toLowerCase() === tag)).find((found) => found !== undefined);
    return byTag ?? available.find(({ locale }) => locale.toLowerCase().split('-')[0] === subtags[0]);
};
