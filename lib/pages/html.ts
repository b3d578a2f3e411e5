/** What may stand in HTML: text, which is escaped, and what is HTML already; `undefined` is nothing. */
export type Content = Html | string | undefined | readonly Content[];

/** HTML that is safe to send as it is: only the tag `html` makes it, and whoever calls `trusted` for a text of our own. */
export class Html {

    readonly #text: string;

    private constructor(text: string) {

        this.#text = text;
    }

    /** HTML that holds nothing of anybody else's. */
    static trusted(text: string): Html {

        return new Html(text);
    }

    toString(): string {

        return this.#text;
    }
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\'': '&#x27;', '`': '&#x60;' };

/** Text that stays text in HTML, and in a quoted attribute. Letters of other alphabets stay readable, and pairs of surrogates whole. */
const escape = (text: string): string => text.replace(/[&<>"'`]/g, (character) => String(entities[character]));

const render = (content: Content): string => {

    if (content === undefined || typeof content === 'string') {
        return escape(content ?? '');
    }

    return content instanceof Html ? content.toString() : content.map(render).join('');
};

/** HTML around contents, each of which is escaped unless it is HTML itself: nothing has to be remembered where it is written. Attributes are quoted with `"`. */
export const html = (strings: TemplateStringsArray, ...contents: readonly Content[]): Html =>
    Html.trusted(strings.map((text, index) => `${text}${render(contents[index])}`).join(''));

/** A text of a language with its `{places}` filled in. */
export const fill = (text: string, values: Readonly<Record<string, Content>>): Html =>
    html`${text.split(/(\{\w+\})/).map((part) => (Object.hasOwn(values, part.slice(1, -1)) && part.startsWith('{') ? values[part.slice(1, -1)] : part))}`;
