import type { Lifecycle, Request, ResponseToolkit, ServerRoute } from '@hapi/hapi';

import type { Client } from '../clients/client';
import { mayUse } from '../clients/record';
import { OAuth2Error } from '../error';
import { deviceCode } from '../grant-types/device-code';
import { approveDevice, decidedBy, denyDevice, findDevice, type DigestUserCode, type WaitingDevice } from '../grant-types/device-state';
import { permissionsOf } from '../pages/permissions';
import { shownResources } from '../pages/shown-resources';
import { attempting } from '../protocol/attempt';
import { Form } from '../protocol/form';
import { withParameters } from '../protocol/redirect-uri';
import type { Secrets } from '../protocol/secrets';
import { readUserCode } from '../protocol/user-code';
import type { Interactions } from '../sessions/interaction';
import type { Account } from '../sessions/session';
import type { Store } from '../stores/store';
import { requireAuthenticateUser, type AuthenticateUser } from './authenticate-user';
import { beginInteraction } from './begin-interaction';
import { Browser, type BrowserContext } from './browser';
import { shownClient } from './client-on-page';
import { DeviceTickets, type DevicePlace } from './device-ticket';
import type { FinalizeVerificationContext, VerificationPageContext } from './device-verification';
import { numberedRefusal, refusalOf } from './error-reply';
import { showForm, type FormPage } from './form-page';
import { FormTokens } from './form-token';
import type { EndpointOptions } from './options';
import type { OwnSignIn, PageFor, SignedInAccounts } from './own-sign-in';
import { pageEndpoint } from './page';
import type { RateLimits } from './rate-limit';
import { assertSameOrigin } from './same-origin';
import { signInAtForm } from './sign-in-limit';

/** What a verification page is made from whose devices the framework keeps. */
export interface ProvenDeviceVerificationPage extends FormPage<VerificationPageContext, FinalizeVerificationContext> {
    readonly path: string;
    readonly options: EndpointOptions;
    readonly issuer: () => string;
    /** Milliseconds since the epoch. */
    readonly clock: () => number;
    readonly store: Store;
    readonly digestUserCode: DigestUserCode;
    /** Seals what goes from one page to the next. */
    readonly secrets: Secrets;
    readonly browsers: BrowserContext;
    readonly interactions: Interactions;
    readonly findClient: (clientId: string) => Promise<Client | null>;
    /** What a scope allows, in words. */
    readonly scopeText: (scope: string) => string | undefined;
    /** What people know a resource by. */
    readonly resourceName: (uri: string) => string | undefined;
    readonly authenticateUser: () => AuthenticateUser | undefined;
    readonly ownSignIn: () => OwnSignIn;
    readonly limits: Pick<RateLimits, 'signIn' | 'userCode' | 'interaction'>;
}

/** One visit of a browser to the page. */
interface Visit {
    readonly request: Request;
    readonly h: ResponseToolkit;
    readonly browser: Browser;
    readonly signedIn: SignedInAccounts | null;
}

type Problem = 'wrongDeviceEntry' | 'wrongUserCode' | 'expiredSignInAgain';

/**
 * The page on which the user of a device enters its code, signs in and decides (RFC 8628 §3.3): the user is always asked, and always shown the code.
 *
 * Wrong entries are counted for each address and each session, since user codes are short enough to be tried (RFC 8628 §5.1). Only who has
 * signed in learns whether a code exists. The token in the URL of each form is of use in the browser that it was made for only.
 */
export const provenDeviceVerificationPage = (endpoint: ProvenDeviceVerificationPage): ServerRoute[] => {

    const { path, options, pages, store, clock, digestUserCode, usernameField, passwordField, finalize, secrets, limits } = endpoint;
    const tickets = new DeviceTickets(secrets, clock);
    const tokens = new FormTokens(secrets, `device-page ${path}`);

    const actionOf = ({ request, browser }: Visit): string => tokens.actionFor(request.path, browser);

    const show = async (visit: Visit, userCode: string | undefined, problem?: Problem, isKnown = visit.signedIn !== null): Promise<Lifecycle.ReturnValue> => {

        const { request, h } = visit;
        const look = pages.look(request);
        const errorMessage = problem && look.texts[problem];
        const action = actionOf(visit);
        const page = { action, userCode, usernameField, passwordField, statusCode: errorMessage === undefined ? 200 : 400, errorMessage };
        const model = { action, hidden: [], userCode, credentials: isKnown ? undefined : { usernameField, passwordField }, errorMessage };
        return await showForm(endpoint, page, () => pages.show('deviceCode', model, request, h, { statusCode: page.statusCode, look }), request, h);
    };

    const refused = ({ request }: Visit, reason: string, clientId?: string): void => request.log(['oauth', 'refused'], { reason, error: 'access_denied', client_id: clientId });

    const gone = async ({ request, h }: Visit, clientId?: string): Promise<Lifecycle.ReturnValue> => {

        const { reference } = numberedRefusal(request, new OAuth2Error('invalid_request', undefined, { reason: 'device_gone' }), clientId);
        return await pages.show('deviceDone', { outcome: 'gone', reference }, request, h, { statusCode: 400 });
    };

    /** The client of a device, if it could still redeem its code: it may have been unregistered, or registered for other grant types. */
    const clientOf = async ({ clientId }: WaitingDevice['state']): Promise<Client | null> => {

        const client = await endpoint.findClient(clientId);
        return client !== null && mayUse(client, deviceCode.type) ? client : null;
    };

    const place = (userCode: string, request: Request): DevicePlace => ({ issuer: endpoint.issuer(), path: request.path, userCode });

    /** Sends the browser to the app's own sign-in page, which sends it back here. */
    const signInElsewhere = async ({ browser, request, h }: Visit, pageFor: PageFor, search = request.url.search): Promise<Lifecycle.ReturnValue> => {

        const next = `${request.path}${search}`;
        const ref = await beginInteraction(endpoint, browser, { path: request.path, search, next }, request);
        return h.redirect(pageFor(next, ref, endpoint.issuer()));
    };

    /** Whether somebody signs in with the same form. What was entered goes before who has signed in, since it says who the person means to be. */
    const signsIn = (form: Form): boolean => form.get(usernameField) !== undefined && form.get(passwordField) !== undefined && !endpoint.ownSignIn().isElsewhere;     // Nobody gets round what the app's own page asks for

    const userOf = async ({ request, h }: Visit, form: Form): Promise<Account | null> => {

        const authenticate = requireAuthenticateUser(endpoint.authenticateUser());
        const user = await signInAtForm(limits, authenticate, { username: form.get(usernameField), password: form.get(passwordField), acrValues: [], parameters: {} }, request, h);
        return user === null ? null : { ...user, authTime: Math.floor(clock() / 1000) };
    };

    /** The user and the device, or `null` if one of them was not found: which one is not said. */
    const verify = (visit: Visit, findUser: () => Promise<Account | null>, userCode: string): Promise<{ readonly user: Account; readonly device: WaitingDevice } | null> =>
        attempting(limits.userCode(visit.request, visit.signedIn?.session.sid), async () => {

            const user = await findUser();
            const device = user === null ? null : await findDevice(store, userCode, digestUserCode, clock());
            if (user !== null && device === null) {
                refused(visit, 'user_code_unknown');
            }

            return user === null || device === null ? null : { user, device };
        });

    const enter = async (visit: Visit, form: Form): Promise<Lifecycle.ReturnValue> => {

        const { request, h, browser, signedIn } = visit;
        const begun = clock();
        const entered = form.get('user_code');
        const known = signedIn?.user ?? null;
        const findUser = signsIn(form) ? async () => await userOf(visit, form) : known && (async () => known);
        const isKnown = known !== null && !signsIn(form);
        const problem = isKnown ? 'wrongUserCode' : 'wrongDeviceEntry';
        if (entered === undefined || findUser === null) {       // What is not filled in is no try
            refused(visit, 'entry_incomplete');
            return await show(visit, entered, problem, isKnown);
        }

        const verified = await verify(visit, findUser, entered);
        if (verified === null) {
            return await show(visit, entered, problem, isKnown);
        }

        const { user, device: { key: deviceKey, state } } = verified;
        if (signsIn(form)) {                                    // Not before: a cookie would say that the password was right and the code was not
            await browser.signIn(signedIn?.session ?? null, user, begun);
        }

        const client = await clientOf(state);
        if (client === null) {                                  // Nobody could redeem the code
            return await gone(visit, state.clientId);
        }

        if (user.subject === client.id) {                       // Its tokens would be those of the client itself (RFC 9700 §4.15)
            throw new OAuth2Error('access_denied', 'This user cannot use this client', { reason: 'subject_is_client' });
        }

        const userCode = lettersOf(entered);
        const look = pages.look(request);
        const shownCode = `${userCode.slice(0, 4)}-${userCode.slice(4)}`;
        return await pages.show('deviceConsent', {
            action: actionOf(visit),
            hidden: [{ name: 'user_code', value: shownCode }, { name: 'ticket', value: tickets.make(place(userCode, request), { ...user, deviceKey }) }],
            client: shownClient(client),
            permissions: permissionsOf(state.scopes, endpoint.scopeText, look),
            resources: shownResources(state.resources, endpoint.issuer(), endpoint.resourceName),
            userCode: shownCode,
            account: user.name,
            canChangeAccount: endpoint.ownSignIn().canChangeAccount
        }, request, h, { look });
    };

    const decide = async (visit: Visit, form: Form): Promise<Lifecycle.ReturnValue> => {

        const { request, h } = visit;
        const userCode = form.get('user_code') ?? '';
        const decider = tickets.read(place(lettersOf(userCode), request), form.get('ticket') ?? '');
        if (decider === null) {
            refusalOf(request, new OAuth2Error('invalid_request', undefined, { reason: 'device_form_expired' }));
            return await show(visit, userCode, 'expiredSignInAgain');
        }

        const isAllowed = form.get('decision') === 'allow';
        const device = await findDevice(store, userCode, digestUserCode, clock());
        if (isAllowed && device !== null && await clientOf(device.state) === null) {        // Since the user was asked
            return await gone(visit, device.state.clientId);
        }

        const isDecided = device?.key === decider.deviceKey && (isAllowed ? await approveDevice(store, device, decider, clock()) : await denyDevice(store, device));
        if (!isDecided && await decidedBy(store, decider.deviceKey, decider.subject) !== (isAllowed ? 'approved' : 'denied')) {     // A second click on the same button is told the same
            return await gone(visit);
        }

        if (isDecided) {
            tell(visit, device.state, isAllowed ? decider.subject : null);
        }

        return finalize === undefined ? await pages.show('deviceDone', { outcome: isAllowed ? 'connected' : 'denied' }, request, h) : finalize({ authorizationResult: { type: isAllowed ? 'allow' : 'deny' }, userCode }, request, h);
    };

    /** Says in the log what somebody has decided, once: a `subject` of `null` has denied it. */
    const tell = (visit: Visit, { grantId, clientId, scopes }: WaitingDevice['state'], subject: string | null): void => {

        if (subject === null) {
            return refused(visit, 'denied_by_user', clientId);
        }

        visit.request.log(['oauth', 'approved'], { client_id: clientId, subject, grant_id: grantId, scope: scopes.join(' '), approved: ['device_code'] });
    };

    /** Lets somebody else sign in, with the same code. */
    const change = async (visit: Visit, userCode: string | undefined): Promise<Lifecycle.ReturnValue> => {

        const { pageFor } = endpoint.ownSignIn();
        return pageFor === undefined ? await show(visit, userCode, undefined, false) : await signInElsewhere(visit, pageFor, withParameters('', { user_code: userCode }));
    };

    const visiting = async (request: Request, h: ResponseToolkit, go: (visit: Visit) => Promise<Lifecycle.ReturnValue>): Promise<Lifecycle.ReturnValue> => {

        const own = endpoint.ownSignIn();
        const browser = new Browser(endpoint.browsers, request, h);
        const visit = { request, h, browser, signedIn: await own.signedIn(browser, request) };
        const { pageFor } = own;
        if (pageFor === undefined) {
            requireAuthenticateUser(endpoint.authenticateUser());
        }
        else if (visit.signedIn === null) {
            return await signInElsewhere(visit, pageFor);
        }

        return await go(visit);
    };

    return pageEndpoint({ path, options, pages, description: 'OAuth 2.0 device verification page' },
        async (request, h) => await visiting(request, h, async (visit) => await show(visit, Form.from(request.query).get('user_code'))),
        async (request, h) => {

            assertSameOrigin(request, endpoint.issuer(), { hasToken: true });
            return await visiting(request, h, async (visit) => {

                const form = Form.from(request.payload);
                if (!tokens.isOwn(request, visit.browser)) {
                    refusalOf(request, new OAuth2Error('invalid_request', undefined, { reason: 'form_of_another_browser' }));
                    return await show(visit, form.get('user_code'), 'expiredSignInAgain');
                }

                if (form.has('change_account')) {
                    return await change(visit, form.get('user_code'));
                }

                return form.has('ticket') || form.has('decision') ? await decide(visit, form) : await enter(visit, form);
            });
        });
};

/** A code that cannot be one is no code's letters: nothing is found under it, and no ticket is of it. */
const lettersOf = (entered: string): string => readUserCode(entered) ?? '';
