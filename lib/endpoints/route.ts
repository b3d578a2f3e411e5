import type { Lifecycle, Request, RouteOptions, ServerRoute } from '@hapi/hapi';

import { refuseBody, refuseJson, refuseMethod, replyWithError } from './error-reply';
import { corsOptions, type CorsSetting, type EndpointOptions } from './options';
import { keepCrumb, pluginOptions } from './other-plugins';

/** What the routes of an endpoint are made from. */
export interface EndpointRoute {
    readonly path: string;
    readonly cors: CorsSetting;
    readonly description: string;
    readonly options: EndpointOptions;
}

/** Largest form body in octets. */
const maxBytes = 64 * 1024;

/** How every endpoint takes a form: nothing but a form, and no larger than any real one. */
export const formPayload = { allow: 'application/x-www-form-urlencoded', maxBytes, failAction: refuseBody } as const satisfies RouteOptions['payload'];

/** How an endpoint takes JSON. */
const jsonPayload = { allow: 'application/json', maxBytes, failAction: refuseJson } as const satisfies RouteOptions['payload'];

/**
 * Keeps the connection of a request whose body turns out to be too large. A body that says its size is refused before it is read; of one
 * that comes in chunks hapi destroys the stream it reads, which is the socket itself unless somebody listens to the body.
 */
const keepConnection = (request: Request): void => {

    if (request.headers['transfer-encoding'] !== undefined) {
        request.events.once('finish', () => undefined);
    }
};

/** What each endpoint does before anything of a request is read: one step, since hapi asks for each of them. */
export const beforeReading: Lifecycle.Method = (request, h) => {

    keepConnection(request);
    keepCrumb(request);
    return h.continue;
};

/** How a body is taken that nobody will read: not at all. */
export const unreadPayload = { output: 'stream', parse: false, failAction: 'ignore' } as const satisfies RouteOptions['payload'];

/** An endpoint to which programs post a form and that answers JSON. */
export const formEndpoint = (route: EndpointRoute, handler: Lifecycle.Method): ServerRoute[] => [
    { method: 'POST', path: route.path, handler, options: { ...jsonOptions(route), payload: { ...formPayload } } },
    otherMethods(route, 'POST')
];

/** An endpoint from which programs get a JSON document. */
export const documentEndpoint = (route: EndpointRoute, handler: Lifecycle.Method): ServerRoute[] => [
    { method: 'GET', path: route.path, handler, options: jsonOptions(route) },
    otherMethods(route, 'GET')
];

/** An endpoint that programs open with an access token, by GET or with a form; a POST without a body need not say what it has not. */
export const protectedEndpoint = (route: EndpointRoute, handler: Lifecycle.Method): ServerRoute[] => [
    { method: 'GET', path: route.path, handler, options: jsonOptions(route) },
    { method: 'POST', path: route.path, handler, options: { ...jsonOptions(route), payload: { ...formPayload, defaultContentType: formPayload.allow } } },
    otherMethods(route, 'GET, POST')
];

const methods = ['GET', 'POST', 'PUT', 'DELETE'] as const;

/** An endpoint to which programs send JSON, or nothing: one path, each method with a handler of its own. */
export const jsonEndpoint = (route: EndpointRoute, handlers: Readonly<Partial<Record<typeof methods[number], Lifecycle.Method>>>): ServerRoute[] => [
    ...methods.flatMap((method): ServerRoute[] => {

        const handler = handlers[method];
        const payload = method === 'GET' ? {} : { payload: { ...(method === 'DELETE' ? unreadPayload : jsonPayload) } };
        return handler === undefined ? [] : [{ method, path: route.path, handler, options: { ...jsonOptions(route), ...payload } }];
    }),
    otherMethods(route, Object.keys(handlers).join(', '))
];

const otherMethods = (route: EndpointRoute, allow: string): ServerRoute =>
    ({ method: '*', path: route.path, handler: refuseMethod(allow), options: { ...jsonOptions(route), payload: { ...unreadPayload } } });

/**
 * Own `auth`, or a later `server.auth.default()` would lock the endpoint. Cookies are read by nobody here but plugins such as `@hapi/yar`, which fail where
 * hapi does not parse them; an odd one is passed over, or it would be a 400.
 */
const jsonOptions = ({ cors, description, options }: EndpointRoute): RouteOptions => ({
    cors: corsOptions(cors),
    description,
    ...options,
    plugins: pluginOptions(options),
    auth: false,
    state: { failAction: 'ignore' },
    cache: { otherwise: 'no-store' },
    response: { ranges: false },                                // hapi would answer a part, and 416 to a Range that is none
    ext: { onPreAuth: { method: beforeReading }, onPreResponse: { method: replyWithError } }
});
