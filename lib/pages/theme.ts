import { createHash } from 'node:crypto';

import { rules } from './style-rules';

/** The colours of a page, each as `#rgb` or `#rrggbb`. */
export interface ThemeColors {
    /** Of the button that goes on; its text is black or white, whichever reads better. */
    readonly accent?: string | undefined;
    /** Behind the page. */
    readonly background?: string | undefined;
    /** Behind the text. */
    readonly surface?: string | undefined;
    readonly text?: string | undefined;
    /** Of what matters less. */
    readonly muted?: string | undefined;
    /** Around fields and buttons. */
    readonly border?: string | undefined;
    /** Of what went wrong. */
    readonly error?: string | undefined;
}

/** How the built-in pages look. */
export interface Theme extends ThemeColors {
    /** Colours where the person prefers a dark screen; `accent` is the light one's when left out and that was set. */
    readonly dark?: ThemeColors | undefined;
    /** How round corners are: a CSS length such as `8px`. */
    readonly radius?: string | undefined;
    /** Font families as CSS has them, such as `"Inter", sans-serif`: nothing is loaded, so fonts of the device. */
    readonly font?: string | undefined;
    /** Stands above every page, and is what people sign out of. */
    readonly productName?: string | undefined;
}

/** A style element's text, and its hash for the Content-Security-Policy. */
export interface Style {
    readonly css: string;
    readonly hash: string;
}

type Colors = Readonly<Record<keyof ThemeColors, string>>;

const light: Colors = { accent: '#0b57d0', background: '#f2f4f8', surface: '#ffffff', text: '#1b1c20', muted: '#585c66', border: '#757984', error: '#b3261e' };
const dark: Colors = { accent: '#a8c7fa', background: '#101216', surface: '#1c1f25', text: '#e4e5ea', muted: '#adb1bb', border: '#858a95', error: '#ffb4ab' };

/** Which colour has to be told from which, and how well (WCAG 2.2 §1.4.3, §1.4.11). */
const contrasts: readonly (readonly [keyof ThemeColors, keyof ThemeColors, number])[] = [
    ['text', 'surface', 4.5], ['text', 'background', 4.5], ['muted', 'surface', 4.5], ['muted', 'background', 4.5], ['error', 'surface', 4.5], ['border', 'surface', 3]
];

const isColor = (value: unknown): value is string => typeof value === 'string' && /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(value);

const family = '(?:[A-Za-z][A-Za-z0-9-]*(?: [A-Za-z0-9-]+)*|"[A-Za-z0-9 -]+"|\'[A-Za-z0-9 -]+\')';

/** What is not a colour: nothing that could end a declaration, or the style element. */
const shapes: Readonly<Record<'radius' | 'font', readonly [RegExp, string]>> = {
    radius: [/^(?:0|\d{1,3}(?:\.\d{1,3})?(?:px|rem|em))$/, 'a CSS length such as 8px or 0.5rem'],
    font: [new RegExp(`^${family}(?:, *${family})*$`), 'font families of letters, digits, blanks and dashes, such as "Inter", sans-serif']
};

/** Throws a sentence if a theme could leave the style element, or has colours that people cannot tell apart. */
export const checkTheme = (theme: Theme): void => {

    const known = [...Object.keys(light), 'dark', 'radius', 'font', 'productName'];
    const unknown = [...Object.keys(theme).filter((name) => !known.includes(name)), ...Object.keys(theme.dark ?? {}).filter((name) => !Object.hasOwn(light, name)).map((name) => `dark.${name}`)];
    if (unknown.length > 0) {
        throw new Error(`setTheme(): there is no ${unknown.join(', ')}. A theme has ${known.join(', ')}; dark has colours only`);
    }

    for (const name of ['radius', 'font'] as const) {
        const value: unknown = theme[name];
        const [shape, needs] = shapes[name];
        if (value !== undefined && !(typeof value === 'string' && shape.test(value))) {
            throw new Error(`setTheme({ ${name}: ${JSON.stringify(value)} }): ${name} is ${needs}`);
        }
    }

    if (theme.productName !== undefined && typeof theme.productName !== 'string') {
        throw new Error('setTheme(): productName is a text');
    }

    const { light: day, dark: night } = colorsOf(theme);
    for (const [where, colors] of [['', day], ['dark.', night]] as const) {
        for (const [name, value] of Object.entries(colors)) {
            if (!isColor(value)) {
                throw new Error(`setTheme({ ${where}${name}: ${JSON.stringify(value)} }): a colour is #rgb or #rrggbb`);
            }
        }

        for (const [front, back, least] of contrasts) {
            const found = contrastOf(colors[front], colors[back]);
            if (found < least) {
                throw new Error(`setTheme(): ${where}${front} ${colors[front]} on ${where}${back} ${colors[back]} has a contrast of ${found.toFixed(1)}, and people need ${least} (WCAG 2.2). Choose colours that are further apart`);
            }
        }
    }
};

/** The style of all pages with this theme, which was checked. */
export const styleOf = (theme: Theme): Style => {

    const { light: day, dark: night } = colorsOf(theme);
    const { radius = '0.5rem', font = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif' } = theme;
    const css = `:root{color-scheme:light dark;--oauth2-radius:${radius};--oauth2-font:${font};${variables(day)}}@media (prefers-color-scheme:dark){:root{${variables(night)}}}${rules}`;
    return { css, hash: hashOf(css) };
};

/** As a Content-Security-Policy names an inline style or script (CSP 3 §2.3.1). */
export const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;

/** Those that were set, and for the others ours. */
const colorsOf = ({ dark: night = {}, radius: _radius, font: _font, productName: _name, ...day }: Theme): { readonly light: Colors; readonly dark: Colors } => ({
    light: { ...light, ...definedOf(day) },
    dark: { ...dark, ...day.accent === undefined ? {} : { accent: day.accent }, ...definedOf(night) }
});

const definedOf = (colors: ThemeColors): Partial<Colors> => Object.fromEntries(Object.entries(colors).filter(([, color]) => color !== undefined));

const variables = (colors: Colors): string => [...Object.entries(colors), ['accent-text', readableOn(colors.accent)] as const].map(([name, color]) => `--oauth2-${name}:${color}`).join(';');

/** One of the two always has a contrast of 4.58 or more. */
const readableOn = (color: string): string => (contrastOf('#ffffff', color) >= contrastOf('#000000', color) ? '#ffffff' : '#000000');

/** From 1 to 21 (WCAG 2.2, "contrast ratio"). */
const contrastOf = (one: string, other: string): number => {

    const [brighter = 0, darker = 0] = [luminanceOf(one), luminanceOf(other)].sort((a, b) => b - a);
    return (brighter + 0.05) / (darker + 0.05);
};

/** Of an sRGB colour, from 0 to 1 (WCAG 2.2, "relative luminance"). */
const luminanceOf = (color: string): number => {

    const digits = color.length === 4 ? [...color.slice(1)].map((digit) => digit.repeat(2)) : [color.slice(1, 3), color.slice(3, 5), color.slice(5)];
    const [red = 0, green = 0, blue = 0] = digits.map((digit) => parseInt(digit, 16) / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
