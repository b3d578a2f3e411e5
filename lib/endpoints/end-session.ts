import type { Lifecycle, Request, ResponseToolkit, ServerRoute } from '@hapi/hapi';

import { sha256 } from '../protocol/digest';
import { Form } from '../protocol/form';
import { withParameters } from '../protocol/redirect-uri';
import type { Secrets } from '../protocol/secrets';
import type { Interactions } from '../sessions/interaction';
import type { FoundSession } from '../sessions/session';
import { assertMayWait } from './begin-interaction';
import { Browser } from './browser';
import { shownClient } from './client-on-page';
import { FormTokens } from './form-token';
import { interrupt } from './interrupted';
import { isOfSession, readLogoutRequest, type LogoutRequest, type LogoutRequestRules } from './logout-request';
import type { EndpointOptions } from './options';
import type { OwnSignIn } from './own-sign-in';
import { pageEndpoint } from './page';
import { isShownOnce, takingPostedRequests, type PostedRequests } from './posted-request';
import { assertSameOrigin } from './same-origin';

/** What an end_session endpoint is made from. */
export interface EndSessionEndpoint extends PostedRequests, LogoutRequestRules {
    readonly path: string;
    readonly options: EndpointOptions;
    readonly issuer: () => string;
    readonly secrets: Secrets;
    readonly interactions: Interactions;
    readonly ownSignIn: () => OwnSignIn;
    /** Ends a session, and all that ends with it. */
    readonly endSession: (session: FoundSession, request: Request, h: ResponseToolkit) => Promise<void>;
}

/** Where the form of the page posts to that asks. */
export const logoutConfirmationPath = <P extends string>(path: P): `${P}/confirm` => `${path}/confirm`;

/** One visit of a browser with a logout request. */
interface Visit {
    readonly form: Form;
    readonly asked: LogoutRequest;
    readonly session: FoundSession | null;
    readonly browser: Browser;
    readonly request: Request;
    readonly h: ResponseToolkit;
}

/**
 * The end_session endpoint (OpenID Connect RP-Initiated Logout §2): signs the users of a browser out, and sends the browser back to the client.
 *
 * Only an ID token of this very session shows that the user's own client asks; whatever else comes, such as an image on another site, the user is asked.
 */
export const endSessionEndpoint = (endpoint: EndSessionEndpoint): ServerRoute[] => {

    const { path, options, pages, secrets } = endpoint;
    const tokens = new FormTokens(secrets, 'logout');

    const visit = async (form: Form, request: Request, h: ResponseToolkit): Promise<Visit> => {

        const browser = new Browser(endpoint.browsers, request, h);
        pages.speak(request, form.first('ui_locales'));
        const asked = await readLogoutRequest(form, endpoint, request);
        const signedIn = await endpoint.ownSignIn().signedIn(browser, request);
        return { form, asked, browser, request, h, session: signedIn?.session ?? await browser.session() };
    };

    const show = async ({ form, request, h }: Visit, outcome: 'signed-out' | 'stayed', { client, back }: Pick<LogoutRequest, 'client' | 'back'> = { client: null, back: null }): Promise<Lifecycle.ReturnValue> => {

        const way = client === null || client.unverified === true || back === null ? undefined : { href: back, client: shownClient(client) };
        return await pages.show('signedOut', { outcome, back: way }, request, h, { look: pages.look(request, form.first('ui_locales')) });
    };

    const ask = async ({ form, request, h, browser }: Visit, session: FoundSession, search: string, confirmation: string): Promise<Lifecycle.ReturnValue> => await pages.show('logout', {
        action: tokens.actionFor(confirmation, browser),
        hidden: [{ name: 'request', value: search }, { name: 'about', value: aboutOf(session) }],
        accounts: session.accounts.map(({ name }) => name)
    }, request, h, { look: pages.look(request, form.first('ui_locales')) });

    /** Asks at an address that can be shown again: the request waits in this browser, and is not what its sign-in page was opened for. */
    const askLater = async ({ request, h, browser }: Visit, search: string): Promise<Lifecycle.ReturnValue> => {

        const next = logoutConfirmationPath(request.path);
        const secret = browser.newSecret();
        await assertMayWait(endpoint, browser, search, request);
        const ref = await endpoint.interactions.open({ path: request.path, search, next }, secret);
        browser.remember(secret);
        return h.redirect(withParameters(next, { interaction: ref }));
    };

    const end = async (ending: Visit): Promise<Lifecycle.ReturnValue> => {

        const { session, browser, request, h, asked } = ending;
        if (session !== null) {
            await endpoint.endSession(session, request, h);
            browser.forget();
        }

        return asked.back === null ? await show(ending, 'signed-out') : h.redirect(asked.back);
    };

    const answer = async (visiting: Visit, asking: (session: FoundSession) => Promise<Lifecycle.ReturnValue>): Promise<Lifecycle.ReturnValue> => {

        const { asked, session } = visiting;
        if (session !== null) {
            return isOfSession(asked, session, endpoint) ? await end(visiting) : await asking(session);
        }

        // Nobody has to be asked. Nobody vouches for where a stranger's client leads either, and without an ID token anybody may have sent the user here
        return asked.hint === null || asked.client?.unverified === true ? await show(visiting, 'signed-out', asked) : await end(visiting);
    };

    const { get, post } = takingPostedRequests(endpoint, async (form, search, request, h) => {

        const visiting = await visit(form, request, h);
        return await answer(visiting, async (session) => await (isShownOnce(request) ? askLater(visiting, search) : ask(visiting, session, search, logoutConfirmationPath(request.path))));
    });

    /** The question again that a posted request ended with; without one, the endpoint. */
    const askAgain = async (request: Request, h: ResponseToolkit): Promise<Lifecycle.ReturnValue> => {

        const { mark } = new Browser(endpoint.browsers, request, h);
        const ref = Form.from(request.query).first('interaction');
        const waiting = ref === undefined || mark === null ? null : await endpoint.interactions.find(ref, mark.secret);
        if (waiting?.next !== request.path || waiting.state !== 'open') {
            return h.redirect(request.path.replace(/\/confirm$/, ''));
        }

        const visiting = await visit(Form.fromSearch(waiting.search), request, h);
        return await answer(visiting, async (session) => await ask(visiting, session, waiting.search, request.path));
    };

    return [
        ...pageEndpoint({ path, options, pages, description: 'OpenID Connect end_session endpoint' }, get, post),
        ...pageEndpoint({ path: logoutConfirmationPath(path), options, pages, description: 'OpenID Connect end_session endpoint: confirmation' },
            askAgain,
            async (request, h) => {

                assertSameOrigin(request, endpoint.issuer(), { hasToken: true });
                if (!tokens.isOwn(request, new Browser(endpoint.browsers, request, h))) {
                    return await interrupt(pages, { refused: 'form_of_another_browser', reason: 'other-browser', restart: undefined }, request, h);
                }

                const sent = Form.from(request.payload);
                const search = sent.get('request') ?? '';
                const deciding = await visit(Form.fromSearch(search), request, h);
                if (sent.get('decision') !== 'logout') {
                    return await show(deciding, 'stayed');
                }

                const { session } = deciding;
                if (session !== null && sent.get('about') !== aboutOf(session)) {       // Nobody is signed out who was not on the page
                    request.log(['oauth', 'refused'], { reason: 'decision_outdated', error: 'invalid_request', client_id: deciding.form.first('client_id') });
                    return await ask(deciding, session, search, request.path);
                }

                return await end(deciding);
            })
    ];
};

/** Who is signed out: comes back with the answer. */
const aboutOf = ({ sid, accounts }: FoundSession): string => sha256(JSON.stringify(['logout', sid, ...accounts.map(({ subject }) => subject).sort()]));
