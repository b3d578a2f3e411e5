import { deepEqual } from '@hapi/hoek';
import type { Request, ResponseToolkit, Server } from '@hapi/hapi';

import { OAuth2Error } from '../error';
import { Form } from '../protocol/form';
import { flowOf } from '../stores/exchange';
import type { FoundToken } from '../stores/store';
import { jsonReply } from './json-reply';
import { LookUps, type LookedUp } from './look-ups';
import { assertFree, placeOf, type RoutePath } from './place';
import { formEndpoint, type EndpointRoute } from './route';

/** How what a request presents is looked up. */
export interface LookUp {
    /** The token in a request; empty where there is none. */
    readonly token: (form: Form) => string;
    readonly find: (token: string) => Promise<FoundToken | null>;
}

/** A grant type of one flow, as the token endpoint sees it: what is generic about it is closed over. */
export interface GrantHandler {
    readonly flow: string;
    readonly grantType: string;
    /** Where several flows may serve the grant type: looks up what the request presents, whose grant says which flow it belongs to. */
    readonly lookUp?: LookUp | undefined;
    /** Answers a token request; `looked` is what {@link GrantHandler.lookUp} found. */
    handle(form: Form, request: Request, h: ResponseToolkit, looked: LookedUp | null): Promise<Readonly<Record<string, unknown>>>;
}

/** A grant type that a flow wants served, and where. */
export interface TokenMount extends Pick<EndpointRoute, 'cors' | 'options'> {
    readonly path: RoutePath;
    readonly handler: GrantHandler;
}

/** One token route, and the grant types that the flows of a server serve there (RFC 6749 §3.2). */
export class TokenEndpoint {

    readonly #handlers = new Map<string, readonly [GrantHandler, ...GrantHandler[]]>();
    readonly #options: EndpointRoute['options'];
    readonly #lookUps = new LookUps();

    private constructor(options: EndpointRoute['options']) {

        this.#options = options;
    }

    /** The `grant_type` values served here. */
    get grantTypes(): readonly string[] {

        return [...this.#handlers.keys()];
    }

    /** Throws a sentence if a flow cannot serve its grant types where it wants to; adds nothing. */
    static check(endpoints: ReadonlyMap<string, TokenEndpoint>, server: Server, mounts: readonly TokenMount[]): void {

        for (const [index, { path, handler, options }] of mounts.entries()) {
            const place = placeOf(server, path);
            const endpoint = endpoints.get(place.key);
            const [own] = mounts.slice(0, index).filter((mount) => mount.path === path);
            if (own !== undefined && Object.keys(options).length > 0 && !deepEqual(options, own.options)) {
                throw new Error(`Flow '${handler.flow}' serves '${own.handler.grantType}' and '${handler.grantType}' at ${place.path} and sets different options for it: call setOptions() on the first of them only`);
            }

            if (endpoint === undefined) {
                assertFree(server, { path, owner: `Flow '${handler.flow}'`, setter: 'setPath()' });
                continue;
            }

            const [other] = endpoint.#handlers.get(handler.grantType) ?? [];
            if (other !== undefined && (other.lookUp === undefined || handler.lookUp === undefined)) {
                throw new Error(`Flow '${handler.flow}' and flow '${other.flow}' both serve grant_type '${handler.grantType}' at ${place.path}: give one of them another path with setPath()${handler.grantType === 'refresh_token' ? ', since no grant says whose refresh token it is' : ''}`);
            }

            if (Object.keys(options).length > 0 && !deepEqual(options, endpoint.#options)) {
                const others = [...endpoint.#handlers.values()].map(([{ flow }]) => `'${flow}'`).join(', ');
                throw new Error(`Flow '${handler.flow}' and flow ${others} share the route ${place.path} and set different options for it: call setOptions() on the first of them only`);
            }
        }
    }

    /** Serves a grant type: on the route that is there, or on a new one. */
    static mount(endpoints: Map<string, TokenEndpoint>, server: Server, { path, cors, options, handler }: TokenMount): void {

        const { key } = placeOf(server, path);
        const endpoint = endpoints.get(key) ?? new TokenEndpoint(options);
        const others = endpoint.#handlers.get(handler.grantType);
        endpoint.#handlers.set(handler.grantType, others === undefined ? [handler] : [...others, handler]);
        if (!endpoints.has(key)) {
            endpoints.set(key, endpoint);
            server.route(formEndpoint({ path, cors, options, description: 'OAuth 2.0 token endpoint' }, (request, h) => endpoint.#answer(request, h)));
        }
    }

    async #answer(request: Request, h: ResponseToolkit) {

        const form = Form.from(request.payload);
        const grantType = form.require('grant_type');
        const handlers = this.#handlers.get(grantType);
        if (handlers === undefined) {
            throw new OAuth2Error('unsupported_grant_type', 'This grant_type is not served here');
        }

        const [first] = handlers;
        const { lookUp } = first;
        if (lookUp === undefined) {
            return jsonReply(h, await first.handle(form, request, h, null));
        }

        const token = lookUp.token(form);
        return jsonReply(h, await this.#lookUps.with(token, async () => await lookUp.find(token), async (looked) => {

            const handler = handlers.find(({ flow }) => flow === flowOf(looked.found)) ?? first;         // A token of no flow here is refused by any of them
            return await handler.handle(form, request, h, looked);
        }));
    }
}
