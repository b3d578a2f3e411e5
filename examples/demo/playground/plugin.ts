import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import type { Plugin, Request, ResponseObject, ResponseToolkit, Server, ServerRoute } from '@hapi/hapi';

import { listen } from './event-log';
import type { Flow, Place } from './flow';
import { flowPage, nextStep } from './flow-page';
import { flows } from './flows';
import { homePage } from './home-page';
import { html, type Html } from './html';
import { logView } from './log-view';
import { problemPage } from './page';
import { findAct, isReady, sendAct, stateOf, takeReturn } from './perform';
import { addressOf } from './send';
import { Sessions, type Session } from './sessions';

export interface PlaygroundOptions {
    readonly issuer: string;
    /** Where its pages are. */
    readonly origin: string;
    /** For a shell. */
    readonly lines: string;
    /** Milliseconds since the epoch. */
    readonly clock: () => number;
}

const cookie = 'playground';

const assets: readonly (readonly [string, string])[] = [['playground.css', 'text/css'], ['playground.js', 'text/javascript'], ['icon.svg', 'image/svg+xml']];

const placeOf = (issuer: string, pages: string): Place => {

    const { origin } = new URL(issuer);                                     // Endpoints are at the root, whatever path the issuer has
    const oauth2 = `${origin}/oauth2`;
    return {
        issuer, origin, pages, token: `${oauth2}/token`, authorize: `${oauth2}/authorize`, device: `${oauth2}/device_authorization`, userinfo: `${oauth2}/userinfo`,
        introspect: `${oauth2}/introspect`, revoke: `${oauth2}/revoke`, logout: `${oauth2}/logout`, keys: `${oauth2}/keys`,
        callback: `${pages}/playground/callback`, goodbye: `${pages}/playground/goodbye`
    };
};

/** Whether a form came from one of our own pages: another site must not walk for somebody. */
const isOwnForm = ({ headers: { 'sec-fetch-site': site, origin } }: Request, own: string): boolean =>
    (site === undefined ? origin === undefined || origin === own : site === 'same-origin' || site === 'none');

const allFlows = html`<a class="button" href="/">All flows</a>`;

/** The walk of one request: whose browser it is, and which flow. */
class Visit {

    readonly session: Session | undefined;

    constructor(readonly request: Request, readonly h: ResponseToolkit, sessions: Sessions, readonly at: Place) {

        this.session = sessions.find(request.state[cookie]);
    }

    get flow(): Flow | undefined {

        return flows.find(({ id }) => id === this.request.params.flow);
    }

    field(name: string): unknown {

        const fields: unknown = this.request.method === 'post' ? this.request.payload : this.request.query;
        return typeof fields === 'object' && fields !== null && Object.hasOwn(fields, name) ? Reflect.get(fields, name) : undefined;
    }

    page(content: Html, status = 200): ResponseObject {

        return this.h.response(content.toString()).type('text/html').code(status)
            .header('content-security-policy', `default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self' ${this.at.origin}; base-uri 'none'; frame-ancestors 'none'`)
            .header('cache-control', 'no-store')
            .header('referrer-policy', 'same-origin')
            .header('x-content-type-options', 'nosniff');
    }

    goTo(address: string): ResponseObject {

        return this.h.redirect(address).code(303).header('cache-control', 'no-store');
    }

    unknown(): ResponseObject {

        return this.page(problemPage('There is no such flow', 'The address names a flow that the playground does not have.', allFlows), 404);
    }
}

const showFlow = (visit: Visit, sessions: Sessions): ResponseObject => {

    const { flow, at } = visit;
    if (flow === undefined) {
        return visit.unknown();
    }

    const session = visit.session ?? sessions.open();
    const walk = session.walk(flow.id);
    return visit.page(flowPage({ flow, walk, at }, visit.field('step'), visit.field('exchange'), visit.field('note'))).state(cookie, session.id);
};

const doStep = async (visit: Visit, server: Server, clock: () => number): Promise<ResponseObject> => {

    const { flow, session, at, request } = visit;
    if (!isOwnForm(request, at.pages)) {
        return visit.page(problemPage('That came from another site', 'Another site sent this form for you, and nothing was done. Press the buttons here yourself.', allFlows), 403);
    }

    if (flow === undefined) {
        return visit.unknown();
    }

    const path = `/playground/${flow.id}`;
    if (session === undefined) {
        return visit.goTo(`${path}?note=forgotten`);
    }

    const walk = session.walk(flow.id);
    session.current = walk;
    if (!walk.takeTurn(visit.field('turn'))) {
        return visit.goTo(`${path}?note=stale`);
    }

    if (visit.field('act') === 'start-over') {
        session.startOver(flow.id);
        return visit.goTo(path);
    }

    const { act, step, isKnown } = findAct(flow, visit.field('act'));
    if (!isKnown || act.by === 'person') {
        return visit.goTo(`${path}?note=unknown`);
    }

    if (!isReady(act, walk)) {
        return visit.goTo(`${path}?step=${nextStep({ flow, walk }).id}&note=early`);
    }

    const id = String(visit.field('act'));
    if (act.by === 'browser') {
        const call = act.request(stateOf(at, walk));
        walk.away = { id, act, call, since: walk.eventCount };
        return visit.goTo(addressOf(call));
    }

    if (act.by === 'itself') {
        walk.keep(act.make());
        walk.done.add(id);
    }
    else {
        try {
            await sendAct(server, walk, at, id, act, clock);
        }
        catch (err) {
            request.log(['playground', 'error'], err instanceof Error ? err : String(err));
            return visit.page(problemPage('The server did not answer', 'The playground could not reach the server that it runs on. Try once more; if that does not help, look at HOST and at what the server has logged.', html`<a class="button" href="${path}?step=${step.id}">Back to the step</a>`), 502);
        }
    }

    return visit.goTo(`${path}?step=${step.id}#exchange`);
};

/** The flow that an answer belongs to which came before, or that the browser went on with last. */
const askedBy = (session: Session, state: unknown): Flow | undefined =>
    flows.find(({ id }) => state !== undefined && session.walk(id).find('state') === state) ?? flows.find(({ id }) => session.walk(id) === session.current);

/** The browser is back from the server. */
const comeBack = async (visit: Visit, clock: () => number): Promise<ResponseObject> => {

    const { session, at, request } = visit;
    const away = flows.flatMap((flow) => {

        const walk = session?.walk(flow.id);
        return walk?.away === undefined ? [] : [{ flow, walk, sent: walk.away }];
    });
    const found = away.find(({ sent }) => sent.call.parameters?.state === request.query.state) ?? away[0];
    if (found === undefined) {
        const asked = session === undefined ? undefined : askedBy(session, request.query.state);
        return visit.page(problemPage('Nobody waits for this answer', 'The playground sent no browser away from here, or has its answer already. A client that took it all the same would let strangers sign its users in.', html`
${asked !== undefined && html`<a class="button" href="/playground/${asked.id}">Back to: ${asked.title}</a> `}${allFlows}`), 400);
    }

    const { flow, walk, sent } = found;
    const values = Object.fromEntries(Object.entries(request.query).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
    const back = `/playground/${flow.id}?step=${findAct(flow, sent.id).step.id}`;
    if (!await takeReturn(walk, at, sent, `${at.pages}${request.path}${request.url.search}`, values, clock())) {
        return visit.page(problemPage('This answer is to another question', 'Its state or its issuer is not what this browser was sent away with, so the client does not look at the code in it.', html`<a class="button" href="${back}#step">Back to the step</a>`), 400);
    }

    return visit.goTo(`${back}#exchange`);
};

const assetRoutes = (): ServerRoute[] => assets.map(([name, type]) => {

    const text = readFileSync(resolve('examples/demo/public', name), 'utf8');
    return { method: 'GET', path: `/playground/assets/${name}`, handler: (_request, h) => h.response(text).type(type).header('cache-control', 'no-cache').header('x-content-type-options', 'nosniff') };
});

/** The pages of the playground, which is a client of the server that it is registered on. */
export const playground: Plugin<PlaygroundOptions> = {
    name: 'playground',
    register: (server, { issuer, origin, lines, clock }) => {

        const sessions = new Sessions(clock);
        const at = placeOf(issuer, origin);
        server.state(cookie, { path: '/', isHttpOnly: true, isSameSite: 'Lax', isSecure: origin.startsWith('https:'), ignoreErrors: true });
        listen(server, sessions, cookie, clock);

        const visited = (handle: (visit: Visit) => ResponseObject | Promise<ResponseObject>) => (request: Request, h: ResponseToolkit) => handle(new Visit(request, h, sessions, at));
        const elsewhere = ({ info }: Request): string | undefined => (info.host === new URL(origin).host ? undefined : `${origin}/`);
        const options = { state: { failAction: 'ignore' } } as const;
        server.route([
            { method: 'GET', path: '/', options, handler: visited((visit) => visit.page(homePage(lines, visit.session, elsewhere(visit.request)))) },
            { method: 'GET', path: '/playground', options, handler: visited((visit) => visit.goTo('/')) },
            { method: 'GET', path: '/playground/metadata', options, handler: visited((visit) => visit.goTo(`${at.origin}/.well-known/openid-configuration${new URL(issuer).pathname.replace(/\/$/, '')}`)) },
            { method: 'GET', path: '/playground/{flow}', options, handler: visited((visit) => showFlow(visit, sessions)) },
            { method: 'POST', path: '/playground/{flow}', options: { ...options, payload: { allow: 'application/x-www-form-urlencoded', maxBytes: 4096 } }, handler: visited((visit) => doStep(visit, server, clock)) },
            { method: 'GET', path: '/playground/{flow}/log', options, handler: visited((visit) => (visit.flow === undefined ? visit.unknown() : visit.page(html`${logView(visit.session?.walk(visit.flow.id).events ?? [])}`))) },
            { method: 'GET', path: '/playground/callback', options, handler: visited((visit) => comeBack(visit, clock)) },
            { method: 'GET', path: '/playground/goodbye', options, handler: visited((visit) => comeBack(visit, clock)) },
            ...assetRoutes()
        ]);
    }
};
