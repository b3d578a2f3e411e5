import { Html, html, fill, type Content } from './html';
import type { PageLook } from './look';

/** A page as it is sent. */
export interface Page {
    readonly html: string;
    /** Its Content-Security-Policy. */
    readonly policy: string;
}

/** What is in the frame that all pages share. */
export interface PageParts {
    readonly title: string;
    readonly body: Content;
    /** Whether the page says that something the person did went wrong: its title says so too, since that is what is read first. */
    readonly isProblem?: boolean | undefined;
    /** Whether it lists more than it asks. */
    readonly isWide?: boolean | undefined;
    /** Whether it shows images, which are the server's own. */
    readonly hasImages?: boolean | undefined;
    /** The hash of the one script of the page. */
    readonly script?: string | undefined;
}

/** A field that the person does not see. */
export interface HiddenField {
    readonly name: string;
    readonly value: string;
}

/** A page of the server: plain HTML that works without JavaScript. */
export const layout = (look: PageLook, { title, body, isProblem = false, isWide = false, hasImages = false, script }: PageParts): Page => {

    const { locale, dir, texts, style, productName } = look;
    const name = isProblem ? fill(texts.problemTitle, { title }) : html`${title}`;
    const page = html`<!doctype html>
<html lang="${locale}" dir="${dir}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${name}${productName === undefined ? '' : ` – ${productName}`}</title>
<style>${Html.trusted(style.css)}</style>
</head>
<body>
${productName === undefined ? '' : html`<header><p>${productName}</p></header>\n`}<main${isWide ? html` class="wide"` : ''}>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
    return { html: page.toString(), policy: policyOf(style.hash, hasImages, script) };
};

/**
 * Nothing is loaded, framed or run but what the page itself names.
 *
 * No `form-action`: Chromium applies it to the redirect after the form too, and the button that leads back to the client would do nothing.
 */
const policyOf = (style: string, hasImages: boolean, script: string | undefined): string => [
    'default-src \'none\'',
    `style-src '${style}'`,
    ...hasImages ? ['img-src \'self\''] : [],
    ...script === undefined ? [] : [`script-src '${script}'`],
    'base-uri \'none\'',
    'frame-ancestors \'none\''
].join('; ');

/** The fields that go with a form unseen. */
export const hiddenFields = (fields: readonly HiddenField[]): Html => html`${fields.map(({ name, value }) => html`<input type="hidden" name="${name}" value="${value}">\n`)}`;

/** A message that a screen reader announces at once; nothing for no message. */
export const alert = (message: string | undefined): Html => (message === undefined ? html`` : html`<p id="problem" role="alert">${message}</p>\n`);

/** What ties a field to the message that it was filled in wrongly. */
export const invalid = (message: string | undefined, describedBy?: string): Html => {

    const ids = [...message === undefined ? [] : ['problem'], ...describedBy === undefined ? [] : [describedBy]].join(' ');
    return html`${message === undefined ? '' : html` aria-invalid="true"`}${ids === '' ? '' : html` aria-describedby="${ids}"`}`;
};
