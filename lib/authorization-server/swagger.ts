import type { Plugin, RequestRoute, Server } from '@hapi/hapi';

import type { OpenAPIDescription } from '../endpoints/open-api';
import { clientScheme } from '../endpoints/open-api-parts';
import { placeOf } from '../endpoints/place';
import { publicUrl } from '../protocol/issuer';
import './decorations';
import { describeFlows } from './open-api';
import { pluginName } from './plugin-name';
import { securityOf } from './route-security';

/** How `hapi-swagger` is to speak of the authorization server. */
export interface OAuth2SwaggerOptions<O extends object> {
    /** The client that Swagger UI is: registered as public, with the redirect URI `<issuer>/swaggerui/oauth2-redirect.html`. Without one people enter their own. */
    readonly clientId?: string | undefined;
    /** The scopes that are ticked when the dialog opens. Swagger UI sends them in every flow, shown there or not: name those that all of them have. */
    readonly scopes?: readonly string[] | undefined;
    /** Whether the endpoints of the flows are in the document: yes when left out. */
    readonly describeEndpoints?: boolean | undefined;
    /** The options of `hapi-swagger` itself. */
    readonly options?: O | undefined;
}

/** Registers `hapi-swagger` so that its document says which scopes a route wants, and its button Authorize gets tokens: register it after the flows. */
export const oauth2Swagger = <O extends object>(hapiSwagger: Plugin<O>, { clientId, scopes = [], describeEndpoints = true, options }: OAuth2SwaggerOptions<NoInfer<O>> = {}): Plugin<void> => ({
    name: `${pluginName}-swagger`,
    register: async (server: Server) => {

        const plugins: Partial<typeof server.plugins> = server.plugins;
        const hub = plugins[pluginName]?.authorizationServer;
        if (hub === undefined || hub.joined().length === 0) {
            throw new Error('oauth2Swagger() has nothing to describe yet: register it after the flows');
        }

        const issuer = hub.issuer();
        const describe = () => describeFlows(hub, hub.joined(), { version: '3.0', openIdConnect: false });
        const { swaggerUIPath = '/swaggerui/', uiOptions, uiCompleteScript = '' } = { ...options } as OwnOptions;
        const redirectUrl = publicUrl(issuer, placeOf(server, `${swaggerUIPath}oauth2-redirect.html`).path);
        server.ext('onPreStart', () => serveRedirectScript(server, `${swaggerUIPath}oauth2-redirect.js`), { after: [name] });
        const start = { clientId, scopes, usePkceWithAuthorizationCodeGrant: true };
        await server.register({
            plugin: hapiSwagger,
            options: Object.assign({}, options, {
                OAS: 'v3.0',
                securityDefinitions: Object.fromEntries(Object.entries(describe().components.securitySchemes).filter(([name]) => describeEndpoints || hub.joined().some((flow) => flow.name === name))),
                uiOptions: { oauth2RedirectUrl: redirectUrl, ...uiOptions },
                uiCompleteScript: `window.ui.initOAuth(${inScript(start)});${withoutPrompts(describe())}${uiCompleteScript}`
            })
        });
        server.ext('onPreHandler', ({ route }, h) => {

            if (isSwaggers(route)) {
                server.table().forEach((one) => addSecurity(one, securityOf(one.settings.auth ?? server.auth.settings.default, hub)));
            }

            return h.continue;
        });
        server.ext('onPreResponse', ({ route, response }, h) => {

            if (describeEndpoints && isSwaggers(route)) {
                addEndpoints(Reflect.get(response, 'source'), describe());
            }

            return h.continue;
        });
    }
});

/** What of the options of `hapi-swagger` is added to. */
interface OwnOptions {
    readonly swaggerUIPath?: string;
    readonly uiOptions?: object;
    readonly uiCompleteScript?: string;
}

const name = 'hapi-swagger';

const inScript = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

/** A wrong secret is answered with a challenge (RFC 6749 §5.2), at which browsers ask for a name and a password themselves: not where a request has no credentials of theirs. */
const withoutPrompts = ({ paths }: OpenAPIDescription): string => {

    const asking = Object.keys(paths).filter((path) => [paths[path]?.post?.security].flat().some((one) => one instanceof Object && Object.hasOwn(one, clientScheme)));
    return `window.ui.getConfigs().requestInterceptor = (request) => Object.assign(request, ${inScript(asking)}.some((path) => new URL(request.url, location.href).pathname.endsWith(path)) && { credentials: 'omit' });`;
};

const isSwaggers = ({ realm }: RequestRoute): boolean => realm.plugin === name;

/** Says it where `hapi-swagger` looks, unless the app has said something itself. */
const addSecurity = ({ settings }: RequestRoute, security: readonly object[]): void => {

    const own: unknown = Reflect.get(Object(settings.plugins), name);
    if (security.length > 0 && own !== false && !(own instanceof Object && 'security' in own)) {
        settings.plugins = Object.assign({}, settings.plugins, { [name]: Object.assign({}, own, { security }) });
    }
};

/** hapi-swagger 17.3 serves the page that the dialog comes back to, without the script that Swagger UI 5.18 has put into a file of its own. */
const serveRedirectScript = (server: Server, path: string): void => {

    const { path: whole } = placeOf(server, path);
    if (server.match('get', whole)?.path !== whole) {
        server.route({ method: 'GET', path, options: { auth: false }, handler: (_request, h) => h.response(redirectScript).type('text/javascript') });
    }
};

/** Hands the answer of the authorization endpoint to the page that asked for it, if it is the answer to what was asked. */
const redirectScript = `'use strict';
(() => {

    const asked = window.opener?.swaggerUIRedirectOauth2;
    if (asked === undefined) {
        document.body.textContent = 'The page that asked for this is gone, or was loaded again: close this window, and press Authorize there once more.';
        return;
    }

    const answer = new URLSearchParams(location.search);
    if (answer.get('state') === asked.state && answer.has('code')) {
        delete asked.state;
        asked.auth.code = answer.get('code');
        asked.callback({ auth: asked.auth, redirectUrl: asked.redirectUrl });
    }
    else {
        asked.errCb({ authId: asked.auth.name, source: 'auth', level: 'error', message: answer.get('error_description') ?? answer.get('error') ?? 'The answer belongs to another request' });
    }

    window.close();
})();
`;

const addEndpoints = (document: unknown, { paths, components: { schemas } }: OpenAPIDescription): void => {

    const whole = new Map<string, unknown>(Object.entries(Object.assign({}, document)));
    if (whole.has('openapi')) {
        const own = new Map<string, unknown>(Object.entries(Object.assign({}, whole.get('components'))));
        const components = Object.assign(Object.fromEntries(own), { schemas: Object.assign({}, schemas, own.get('schemas')) });
        Object.assign(Object(document), { paths: Object.assign({}, paths, whole.get('paths')), components });
    }
};
