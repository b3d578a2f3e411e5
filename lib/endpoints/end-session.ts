import type { Lifecycle, Request, ResponseToolkit, ServerRoute } from '@hapi/hapi';

import { Form } from '../protocol/form';
import type { Secrets } from '../protocol/secrets';
import type { FoundSession } from '../sessions/session';
import { Browser } from './browser';
import { shownClient } from './client-on-page';
import { FormTokens } from './form-token';
import { isOfSession, readLogoutRequest, type LogoutRequest, type LogoutRequestRules } from './logout-request';
import type { EndpointOptions } from './options';
import type { OwnSignIn } from './own-sign-in';
import { pageEndpoint } from './page';
import type { Pages } from './pages';
import { takingPostedRequests, type PostedRequests } from './posted-request';
import { assertSameOrigin } from './same-origin';

/** What an end_session endpoint is made from. */
export interface EndSessionEndpoint extends PostedRequests, LogoutRequestRules {
    readonly path: string;
    readonly options: EndpointOptions;
    readonly pages: Pages;
    readonly issuer: () => string;
    readonly secrets: Secrets;
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
        const asked = await readLogoutRequest(form, endpoint, request);
        const signedIn = await endpoint.ownSignIn().signedIn(browser, request);
        return { form, asked, browser, request, h, session: signedIn?.session ?? await browser.session() };
    };

    const show = async ({ form, request, h }: Visit, outcome: 'signed-out' | 'stayed', { client, back }: Pick<LogoutRequest, 'client' | 'back'> = { client: null, back: null }): Promise<Lifecycle.ReturnValue> => {

        const way = client === null || client.unverified === true || back === null ? undefined : { href: back, client: shownClient(client) };
        return await pages.show('signedOut', { outcome, back: way }, request, h, { look: pages.look(request, form.first('ui_locales')) });
    };

    const ask = async ({ form, request, h, browser, session }: Visit, search: string): Promise<Lifecycle.ReturnValue> => await pages.show('logout', {
        action: tokens.actionFor(logoutConfirmationPath(request.path), browser),
        hidden: [{ name: 'request', value: search }],
        account: session?.accounts[0]?.name
    }, request, h, { look: pages.look(request, form.first('ui_locales')) });

    const end = async (ending: Visit): Promise<Lifecycle.ReturnValue> => {

        const { session, browser, request, h, asked } = ending;
        if (session !== null) {
            await endpoint.endSession(session, request, h);
            browser.forget();
        }

        return asked.back === null ? await show(ending, 'signed-out') : h.redirect(asked.back);
    };

    const { get, post } = takingPostedRequests(endpoint, async (form, search, request, h) => {

        const visiting = await visit(form, request, h);
        const { asked, session } = visiting;
        if (session !== null) {
            return isOfSession(asked, session, endpoint) ? await end(visiting) : await ask(visiting, search);
        }

        // Nobody has to be asked. Nobody vouches for where a stranger's client leads either, and without an ID token anybody may have sent the user here
        return asked.hint === null || asked.client?.unverified === true ? await show(visiting, 'signed-out', asked) : await end(visiting);
    });

    return [
        ...pageEndpoint({ path, options, pages, description: 'OpenID Connect end_session endpoint' }, get, post),
        ...pageEndpoint({ path: logoutConfirmationPath(path), options, pages, description: 'OpenID Connect end_session endpoint: confirmation' },
            (request, h) => h.redirect(request.path.replace(/\/confirm$/, '')),
            async (request, h) => {

                assertSameOrigin(request, endpoint.issuer(), { hasToken: true });
                if (!tokens.isOwn(request, new Browser(endpoint.browsers, request, h))) {
                    return await pages.show('interrupted', { reason: 'other-browser', restart: undefined }, request, h, { statusCode: 400 });
                }

                const sent = Form.from(request.payload);
                const deciding = await visit(Form.fromSearch(sent.get('request') ?? ''), request, h);
                return sent.get('decision') === 'logout' ? await end(deciding) : await show(deciding, 'stayed');
            })
    ];
};
