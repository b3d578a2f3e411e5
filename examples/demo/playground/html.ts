import { escapeHtml } from '@hapi/hoek';

/** What may stand in a page: text, which is escaped, and what is HTML already; `undefined` and `false` are nothing. */
export type Content = Html | string | number | false | undefined | readonly Content[];

/** HTML that is safe to send as it is: only the tag `html` makes it. */
export class Html {

    readonly #text: string;

    constructor(parts: readonly string[], contents: readonly Content[]) {

        this.#text = parts.map((part, index) => `${part}${render(contents[index])}`).join('');
    }

    toString(): string {

        return this.#text;
    }
}

const render = (content: Content): string => {

    if (content === undefined || content === false) {
        return '';
    }

    if (content instanceof Html) {
        return content.toString();
    }

    return typeof content === 'object' ? content.map(render).join('') : escapeHtml(String(content));
};

/** HTML around contents, each of which is escaped unless it is HTML itself. Attributes are quoted with `"`. */
export const html = (parts: TemplateStringsArray, ...contents: readonly Content[]): Html => new Html(parts, contents);

/** Text in which backticks mark code. */
export const prose = (text: string): Content => text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part));
