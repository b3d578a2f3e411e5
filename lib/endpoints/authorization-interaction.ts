import type { Lifecycle, Request, ResponseToolkit, ServerRoute } from '@hapi/hapi';

import { Form } from '../protocol/form';
import type { Identified } from '../sessions/interaction';
import { requireAuthenticateUser, type AuthenticateUser } from './authenticate-user';
import { interactionPath, type Visit } from './authorization-pages';
import type { AuthorizationSteps, AuthorizationStepsOptions } from './authorization-steps';
import { Browser, type BrowserMark } from './browser';
import { interrupt, type LoggedInterruption } from './interrupted';
import type { EndpointOptions } from './options';
import { pageEndpoint } from './page';
import type { ProvenRequest } from './proven-request';
import { assertSameOrigin } from './same-origin';
import { signInAtForm } from './sign-in-limit';

/** What the pages of an authorization endpoint are made from. */
export interface AuthorizationInteraction extends AuthorizationStepsOptions {
    /** The path of the authorization endpoint. */
    readonly path: string;
    readonly options: EndpointOptions;
    readonly authenticateUser: () => AuthenticateUser | undefined;
}

/** How often a note that others write at the same time is tried. */
const mostTries = 3;

/**
 * Where the steps of an authorization request are shown and their forms posted: sign-in, choice of an account, consent.
 *
 * The reference in the URL is a CSRF token: it is of use only in the browser that began the request.
 */
export const authorizationInteraction = (endpoint: AuthorizationInteraction, steps: AuthorizationSteps): ServerRoute[] => {

    const { usernameField, passwordField, interactions, clock, pages, limits } = endpoint;

    /** What the one page is for which all of these are the same, since it tells nobody what there is: the log may know. */
    const strangeness = async (ref: string | undefined, mark: BrowserMark | null, isFound: boolean): Promise<Pick<LoggedInterruption, 'refused'>> => {

        if (ref === undefined || mark === null) {
            return { refused: ref === undefined ? 'interaction_missing' : 'no_browser_cookie' };
        }

        if (isFound) {
            return { refused: 'interaction_of_another_page' };
        }

        return { refused: await interactions.isKnown(ref) ? 'interaction_of_another_browser' : 'interaction_unknown' };
    };

    /** The visit to an interaction that is open; another one's answer is a page that says what to do. */
    const visiting = async (request: Request, h: ResponseToolkit, go: (visit: Visit & { readonly interaction: NonNullable<Visit['interaction']> }) => Promise<Lifecycle.ReturnValue>): Promise<Lifecycle.ReturnValue> => {

        const browser = new Browser(endpoint.browsers, request, h);
        const { mark } = browser;
        const ref = Form.from(request.query).get('interaction');
        const interaction = ref === undefined || mark === null ? null : await interactions.find(ref, mark.secret);
        if (interaction?.next !== request.path) {               // Of another browser, or of another page that users sign in for
            return await interrupt(pages, { ...await strangeness(ref, mark, interaction !== null), reason: 'other-browser', restart: undefined }, request, h);
        }

        const { path, search } = interaction;
        const form = Form.fromSearch(search);
        pages.speak(request, form.first('ui_locales'));
        if (interaction.state === 'answered') {
            return await steps.repeat(interaction, { request, h, form, browser });
        }

        if (interaction.state === 'expired') {
            return await interrupt(pages, { refused: 'interaction_expired', clientId: form.first('client_id'), reason: 'expired', restart: `${path}${search}` }, request, h);
        }

        return await go({ form, search, path, interaction, browser, request, h });
    };

    /** The request again; `null` if it has become unacceptable since, of which the steps tell the client. */
    const askedIn = async ({ form }: Visit): Promise<ProvenRequest | null> => await steps.asked(form);

    const identify = async (visit: Visit, { subject, signedIn, isChosen }: Identified): Promise<Lifecycle.ReturnValue> => {

        const { browser, h, request } = visit;
        const secret = browser.newSecret();
        let { interaction } = visit;
        for (let i = 0; i < mostTries && interaction?.state === 'open' && !await interactions.identify(interaction, secret, { subject, signedIn, isChosen }); ++i) {
            interaction = await interactions.find(interaction.ref, secret);
        }

        return h.redirect(`${request.path}${request.url.search}`);
    };

    const signIn = async (visit: Visit, entered: Form): Promise<Lifecycle.ReturnValue> => {

        const { browser, request, h } = visit;
        const asked = await askedIn(visit);
        if (asked === null) {
            return await steps.advance(visit);
        }

        if (endpoint.ownSignIn().isElsewhere) {                 // Nobody gets round what the app's own page asks for
            return await steps.pages.signIn(visit, asked);
        }

        const authenticate = requireAuthenticateUser(endpoint.authenticateUser());
        const { acrValues, parameters, client } = asked;
        const begun = clock();
        const username = entered.get(usernameField);
        const user = await signInAtForm(limits, authenticate, { username, password: entered.get(passwordField), acrValues, parameters }, request, h, client.id);
        if (user === null) {
            return await steps.pages.signIn(visit, asked, 'wrongPassword', username);
        }

        await browser.signIn(await browser.session(), { ...user, authTime: Math.floor(clock() / 1000) }, begun);
        return await identify(visit, { subject: user.subject, signedIn: true, isChosen: false });
    };

    const choose = async (visit: Visit, subject: string | undefined): Promise<Lifecycle.ReturnValue> => {

        const session = await visit.browser.session();
        const account = session?.accounts.find((known) => known.subject === subject);
        if (account !== undefined) {
            return await identify(visit, { subject: account.subject, signedIn: false, isChosen: true });
        }

        const asked = await askedIn(visit);
        return asked === null ? await steps.advance(visit) : await steps.pages.signIn(visit, asked);
    };

    /** Lets somebody else sign in, or be chosen of those who have. */
    const change = async (visit: Visit): Promise<Lifecycle.ReturnValue> => {

        const asked = await askedIn(visit);
        if (asked === null) {
            return await steps.advance(visit);
        }

        const accounts = (await visit.browser.session())?.accounts ?? [];
        return accounts.length > 1 ? await steps.pages.accounts(visit, asked, accounts) : await steps.pages.signIn(visit, asked);
    };

    return pageEndpoint({ path: interactionPath(endpoint.path), options: endpoint.options, pages, description: 'OAuth 2.0 authorization endpoint: sign-in and consent' },
        async (request, h) => await visiting(request, h, async (visit) => await steps.advance(visit)),
        async (request, h) => {

            assertSameOrigin(request, endpoint.issuer(), { hasToken: true });
            return await visiting(request, h, async (visit) => {

                const form = Form.from(request.payload);
                if (form.has('decision')) {
                    return await steps.advance(visit, { isAllowed: form.get('decision') === 'allow', about: form.get('about') ?? '' });
                }

                if (form.has('change_account')) {
                    return await change(visit);
                }

                return form.has('account') || form.has('other_account') ? await choose(visit, form.get('account')) : await signIn(visit, form);
            });
        });
};
