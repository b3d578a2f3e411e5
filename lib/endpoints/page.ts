import type { Lifecycle, RouteOptions, ServerRoute } from '@hapi/hapi';

import { isFailure } from '../error';
import { contentSecurityPolicy } from '../pages/layout';
import { errorPage } from '../pages/message';
import { refusalOf, refuseMethod } from './error-reply';
import { formPayload, keepConnection, unreadPayload, type EndpointRoute } from './route';

/** A page that browsers visit and whose form they post: one path, two methods. */
export const pageEndpoint = (route: Omit<EndpointRoute, 'cors'>, get: Lifecycle.Method, post: Lifecycle.Method): ServerRoute[] => [
    { method: 'GET', path: route.path, handler: get, options: pageOptions(route) },
    { method: 'POST', path: route.path, handler: post, options: { ...pageOptions(route), payload: { ...formPayload } } },
    { method: '*', path: route.path, handler: refuseMethod('GET, POST'), options: { ...pageOptions(route), payload: { ...unreadPayload } } }
];

/** Never CORS: no script of another site has business here (OAuth 2.1 §3.2). */
const pageOptions = ({ description, options }: Omit<EndpointRoute, 'cors'>): RouteOptions => ({
    description,
    ...options,
    cors: false,
    auth: false,
    state: { failAction: 'ignore' },
    cache: { otherwise: 'no-store' },
    response: { ranges: false },                                // hapi would answer a part, and 416 to a Range that is none
    ext: { onPreAuth: { method: keepConnection }, onPreResponse: { method: showPage } }
});

const headers = {
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY'
};

/** What else a handler of the app may redirect with. */
const redirects = new Set([301, 302, 307, 308]);

/** The one place where an error becomes a page, and where every page and redirect gets the headers that protect it (RFC 9700 §4.16). */
const showPage: Lifecycle.Method = (request, h) => {

    const { response } = request;
    if (isFailure(response)) {
        const { code, message, made } = refusalOf(request, response);
        Object.assign(response.output, {
            statusCode: made.statusCode,
            payload: errorPage(code, code === 'server_error' ? 'The server could not answer this request' : message),
            headers: { ...made.headers, ...headers, 'cache-control': 'no-store', 'content-security-policy': contentSecurityPolicy }
        });
        return h.continue;
    }

    for (const [name, value] of Object.entries(headers)) {
        response.header(name, value);
    }

    if (response.headers['content-security-policy'] === undefined) {        // A page of the app's own may need more than nothing
        response.header('content-security-policy', 'base-uri \'none\'; frame-ancestors \'none\'');
    }

    if (redirects.has(response.statusCode)) {
        response.code(303);                                                 // 307 would post a password on to the client (RFC 9700 §4.12)
    }

    return h.continue;
};
