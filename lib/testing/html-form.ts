/** A field or a button of a form. */
export interface HtmlControl {
    readonly name: string;
    readonly value: string;
    /** `text` when left out, as browsers have it; `submit` of a button. */
    readonly type: string;
    readonly autocomplete: string | undefined;
}

/** A form as a page shows it. */
export interface HtmlForm {
    readonly action: string;
    readonly inputs: readonly HtmlControl[];
    readonly buttons: readonly HtmlControl[];
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: '\'', nbsp: '\u00a0' };

/** Text of HTML as a browser reads it. */
export const unescapeHtml = (html: string): string => html.replace(/&(?:#x([0-9a-f]+)|#(\d+)|([a-z]+));/gi, (whole: string, hex?: string, decimal?: string, name?: string) => {

    const code = hex === undefined ? Number(decimal) : parseInt(hex, 16);
    return name === undefined ? String.fromCodePoint(code) : entities[name] ?? whole;
});

/** The attributes of a tag, or of what is in it. */
export const attributesOf = (tag: string): Readonly<Record<string, string>> =>
    Object.fromEntries([...tag.matchAll(/\s([a-z-]+)(?:=(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/gi)].map(([, name = '', double, single, bare = '']) => [name.toLowerCase(), unescapeHtml(double ?? single ?? bare)]));

/** The first form of a page that is posted; `undefined` if there is none. */
export const postedForm = (html: string): HtmlForm | undefined => {

    const forms = [...html.matchAll(/<form(\s[^>]*)>([\s\S]*?)<\/form>/gi)].map(([, tag = '', inside = '']) => ({ attributes: attributesOf(tag), inside }));
    const form = forms.find(({ attributes: { method = '' } }) => method.toLowerCase() === 'post');
    return form && {
        action: form.attributes.action ?? '',
        inputs: controls(form.inside, /<input(\s[^>]*)>/gi, 'text').filter(({ type }) => type !== 'submit'),
        buttons: [...controls(form.inside, /<button(\s[^>]*)?>/gi, 'submit'), ...controls(form.inside, /<input(\s[^>]*)>/gi, 'text')].filter(({ type }) => type === 'submit')
    };
};

/** What is sent of a form that nobody has filled in. */
export const filledIn = ({ inputs }: HtmlForm): Readonly<Record<string, string>> =>
    Object.fromEntries(inputs.flatMap(({ name, value }) => (name === '' ? [] : [[name, value]])));

const controls = (html: string, tag: RegExp, usual: string): readonly HtmlControl[] => [...html.matchAll(tag)].flatMap(([, text = '']) => {

    const { name = '', value = '', type = usual, autocomplete, checked } = attributesOf(text);
    return checked === undefined && /^(?:checkbox|radio)$/i.test(type) ? [] : [{ name, value, type: type.toLowerCase(), autocomplete }];
});
