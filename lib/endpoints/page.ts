import type { Lifecycle, Request, ResponseObject, ResponseToolkit, RouteOptions, ServerRoute } from '@hapi/hapi';

import { isFailure } from '../error';
import type { ErrorModel } from '../pages/problem';
import { numberedRefusal, refuseMethod } from './error-reply';
import { pluginOptions } from './other-plugins';
import type { Pages } from './pages';
import { beforeReading, formPayload, unreadPayload, type EndpointRoute } from './route';

/** What the routes of a page are made from. */
export interface PageRoute extends Omit<EndpointRoute, 'cors'> {
    /** Show what goes wrong. */
    readonly pages: Pages;
}

/** A page that browsers visit and whose form they post: one path, two methods. */
export const pageEndpoint = (route: PageRoute, get: Lifecycle.Method, post: Lifecycle.Method): ServerRoute[] => [
    { method: 'GET', path: route.path, handler: get, options: pageOptions(route) },
    { method: 'POST', path: route.path, handler: post, options: { ...pageOptions(route), payload: { ...formPayload } } },
    { method: '*', path: route.path, handler: refuseMethod('GET, POST'), options: { ...pageOptions(route), payload: { ...unreadPayload } } }
];

/** Never CORS: no script of another site has business here (OAuth 2.1 §3.2). */
const pageOptions = ({ description, options, pages }: PageRoute): RouteOptions => ({
    description,
    ...options,
    plugins: pluginOptions(options),
    cors: false,
    auth: false,
    state: { failAction: 'ignore' },
    cache: { otherwise: 'no-store' },
    response: { ranges: false },                                // hapi would answer a part, and 416 to a Range that is none
    ext: { onPreAuth: { method: beforeReading }, onPreResponse: { method: protectedPage(pages) } }
});

const headers = {
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY'
};

/** What else a handler of the app may redirect with. */
const redirects = new Set([301, 302, 307, 308]);

/** The one place where an error becomes a page, and where every page and redirect gets the headers that protect it (RFC 9700 §4.16). */
const protectedPage = (pages: Pages): Lifecycle.Method => async (request, h) => {

    const { response } = request;
    if (!isFailure(response)) {
        protect(response);
        return h.continue;
    }

    const look = pages.look(request);
    const { reference, refusal: { code, message, made: { statusCode, headers: own } } } = numberedRefusal(request, response);
    const model = { code, statusCode, reference, description: code === 'server_error' ? undefined : message };
    const page = await ownErrorPage(pages, model, request, h);
    if (page !== null) {
        protect(page);
        for (const [name, value] of Object.entries({ ...own, 'cache-control': 'no-store' })) {
            page.header(name, String(value));
        }

        if (statusCode >= 500) {
            request.log(['oauth', 'error'], response);          // hapi logs the failures it answers itself
        }

        return page;
    }

    const { html, policy } = pages.builtIn('error', model, look);
    Object.assign(response.output, { statusCode, payload: html, headers: { ...own, ...headers, 'cache-control': 'no-store', 'content-security-policy': policy } });
    return h.continue;
};

/** The app's page for an error; `null` where it has none, or has made one more error of it. */
const ownErrorPage = async (pages: Pages, model: ErrorModel, request: Request, h: ResponseToolkit): Promise<ResponseObject | null> => {

    try {
        const page = await pages.own('error', model, pages.look(request), model.statusCode, request, h);
        return typeof page === 'symbol' ? null : page;
    }
    catch (err) {
        request.log(['oauth', 'error'], err instanceof Error ? err : new Error('The renderer of the error page threw no Error', { cause: err }));
        return null;
    }
};

/** Gives a page or a redirect the headers that protect it. */
export const protect = (response: ResponseObject): void => {

    for (const [name, value] of Object.entries(headers)) {
        response.header(name, value);
    }

    if (response.headers['content-security-policy'] === undefined) {        // A page of the app's own may need more than nothing
        response.header('content-security-policy', 'base-uri \'none\'; frame-ancestors \'none\'');
    }

    if (redirects.has(response.statusCode)) {
        response.code(303);                                                 // 307 would post a password on to the client (RFC 9700 §4.12)
    }
};
