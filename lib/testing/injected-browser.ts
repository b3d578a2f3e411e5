import type { Server, ServerInjectOptions, ServerInjectResponse } from '@hapi/hapi';

import { cookieHeader, keepCookies, type CookieJar } from './cookies';
import { filledIn, postedForm } from './html-form';

/** What an injected request answered, and where it led. */
export interface InjectedPage {
    /** What was asked for: a path, with its query. */
    readonly url: string;
    readonly statusCode: number;
    readonly payload: string;
    readonly headers: ServerInjectResponse['headers'];
    /** Where the response redirects to; `'undefined'` where it does not. */
    readonly location: string;
}

/** A browser with cookies, without a network: its requests are injected into a server. */
export interface InjectedBrowser {
    /** Give it to another browser, as a `new Map(jar)`, for one that has been here before. */
    readonly jar: CookieJar;
    /** One request, with the cookies of the browser; follows nothing. */
    send(options: ServerInjectOptions & { readonly url: string }): Promise<InjectedPage>;
    /** Opens a path, and goes on to where the server's own redirects lead; one to somewhere else is the end. */
    open(url: string): Promise<InjectedPage>;
    /** Fills in the form of a page, whose other fields keep what is in them, and follows as `open` does; throws if the page has none. */
    submit(page: InjectedPage, values: Readonly<Record<string, string>>): Promise<InjectedPage>;
}

/** A browser for a server: a new one, or one with the cookies of another. */
export const injectedBrowser = (server: Server, jar: CookieJar = new Map()): InjectedBrowser => {

    const send = async (options: ServerInjectOptions & { readonly url: string }): Promise<InjectedPage> => {

        const { statusCode, payload, headers } = await server.inject({ ...options, headers: { ...options.headers, ...cookieHeader(jar) } });
        keepCookies(jar, [headers['set-cookie'] ?? []].flat());
        return { url: options.url, statusCode, payload, headers, location: String(headers.location) };
    };

    const follow = async (page: InjectedPage): Promise<InjectedPage> =>
        (page.statusCode === 303 && page.location.startsWith('/') ? await follow(await send({ url: page.location })) : page);

    return {
        jar,
        send,
        open: async (url) => await follow(await send({ url })),
        submit: async (page, values) => await follow(await send(submission(page, values)))
    };
};

/** The request that sends the form of a page; throws if it shows none. */
export const submission = ({ url, payload }: InjectedPage, values: Readonly<Record<string, string>>): PostedForm => {

    const form = postedForm(payload);
    if (form === undefined) {
        throw new Error(`${url} shows no form: ${payload}`);
    }

    return postForm(pathOf(form.action, url), { ...filledIn(form), ...values });
};

/** A form, ready to be injected. */
export interface PostedForm {
    readonly method: 'POST';
    readonly url: string;
    readonly headers: Record<string, string>;
    readonly payload: string;
}

/** The request that posts some fields; a text is sent as it is. */
export const postForm = (url: string, fields: Readonly<Record<string, string>> | string, headers: Readonly<Record<string, string>> = {}): PostedForm => ({
    method: 'POST', url,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    payload: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString()
});

/** Any host stands for the server: what is injected does not leave it. */
const anywhere = 'http://localhost';

/** A link on a page, as a path on the same server. */
const pathOf = (href: string, page: string): string => {

    const { origin, href: whole } = new URL(href, new URL(page, anywhere));
    return whole.slice(origin.length);
};
