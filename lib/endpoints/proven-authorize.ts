import type { Lifecycle, Request, ResponseToolkit, ServerRoute } from '@hapi/hapi';

import type { Client } from '../clients/client';
import { isConfidential } from '../clients/record';
import { OAuth2Error, answerOf } from '../error';
import { consentPage } from '../pages/consent';
import { contentSecurityPolicy } from '../pages/layout';
import { signInPage } from '../pages/sign-in';
import type { AuthorizationRequest } from '../protocol/authorization-request';
import { Form } from '../protocol/form';
import { isLoopbackRedirect, isPrivateUseRedirect, withParameters } from '../protocol/redirect-uri';
import type { Target } from '../protocol/resources';
import type { Secrets } from '../protocol/secrets';
import { authenticatedUser, requireAuthenticateUser, type AuthenticateUser, type SignedIn } from './authenticate-user';
import { redirectRefusal, refusalUri, stateOf } from './authorization-reply';
import type { AuthorizationPageContext, AuthorizationResult, FinalizeAuthorizationContext } from './authorize';
import { ConsentTickets, type ConsentSubject } from './consent-ticket';
import { showForm, type FormPage } from './form-page';
import type { EndpointOptions } from './options';
import { pageEndpoint } from './page';
import { provenRequest, registeredRedirect, type ProvenRequest, type ProvenRequestRules, type RegisteredRedirect } from './proven-request';
import { assertSameOrigin } from './same-origin';

/** An authorization request that its user has signed in for and agreed to. */
export interface AuthorizedRequest extends SignedIn {
    readonly client: Client;
    /** Its `scope` is what the client may get of what it asked for. */
    readonly authorization: AuthorizationRequest;
    /** Whether the request named its redirect URI, or left it to the client's registration. */
    readonly redirectUriNamed: boolean;
    readonly target: Target;
}

/** What an authorization endpoint is made from whose clients are registered. */
export interface ProvenAuthorizeEndpoint extends ProvenRequestRules, FormPage<AuthorizationPageContext, FinalizeAuthorizationContext> {
    readonly path: string;
    readonly options: EndpointOptions;
    readonly issuer: () => string;
    /** Milliseconds since the epoch. */
    readonly clock: () => number;
    /** What a scope allows, in words. */
    readonly scopeText: (scope: string) => string | undefined;
    /** Seals what goes from one page to the next. */
    readonly secrets: Secrets;
    /** Whether every user is asked what a client may do, or only where somebody else could pose as the client. */
    readonly consent: () => 'explicit' | 'none';
    readonly authenticateUser: () => AuthenticateUser | undefined;
    /** Makes the code; may throw an OAuth2Error, which the client reads. */
    readonly issueCode: (authorized: AuthorizedRequest, request: Request, h: ResponseToolkit) => Promise<string>;
}

/** A request that is being answered, and its query as the forms of its pages carry it. */
interface Asked extends ProvenRequest {
    readonly search: string;
}

type Step = (asked: Asked, authenticate: AuthenticateUser) => Promise<Lifecycle.ReturnValue>;

/**
 * The authorization endpoint of a flow whose clients are registered (RFC 6749 §3.1, OpenID Connect Core §3.1.2).
 *
 * The request comes in the query of a GET or in the form of a POST; the forms of its pages post to the same path, with the request in the query.
 * An unknown client and an unregistered redirect URI end on a page; everything after that is answered to the client by redirect.
 */
export const provenAuthorizeEndpoint = (endpoint: ProvenAuthorizeEndpoint): ServerRoute[] => {

    const { path, options, usernameField, passwordField } = endpoint;
    const tickets = new ConsentTickets(endpoint.secrets, endpoint.clock);

    /** What belongs to the forms of the pages has no business in a URL. */
    const ownFields = [usernameField, passwordField, 'ticket', 'decision'];

    const answer = async (form: Form, search: string, request: Request, h: ResponseToolkit, step: Step): Promise<Lifecycle.ReturnValue> => {

        const registered = await registeredRedirect(form, endpoint);
        const authenticate = requireAuthenticateUser(endpoint.authenticateUser());
        let asked: ProvenRequest | undefined;
        try {
            asked = provenRequest(form, registered, endpoint);
            return await step({ ...asked, search }, authenticate);
        }
        catch (err) {
            if (asked === undefined && staysHere(registered, form)) {
                throw err;
            }

            return redirectRefusal({ redirectUri: registered.redirectUri, state: stateOf(form), iss: endpoint.issuer() }, err, request, h);
        }
    };

    const show = ({ authorization, search }: Asked, request: Request, h: ResponseToolkit, errorMessage?: string): Promise<Lifecycle.ReturnValue> => {

        const page = { ...authorization, action: search, usernameField, passwordField, statusCode: errorMessage === undefined ? 200 : 400, errorMessage };
        return showForm(endpoint, page, () => signInPage({ ...page, title: 'Sign in', button: 'Sign in' }), request, h);
    };

    const showConsent = (asked: Asked, user: SignedIn, request: Request, h: ResponseToolkit): Lifecycle.ReturnValue => {

        const { client, authorization: { redirectUri }, target, search } = asked;
        const page = {
            action: search,
            client: client.metadata.client_name ?? client.id,
            unverified: client.unverified === true,
            permissions: target.scopes.map((scope) => endpoint.scopeText(scope) ?? scope),
            redirectUri,
            ticket: tickets.make(about(asked, request), user)
        };
        return h.response(consentPage(page)).header('content-security-policy', contentSecurityPolicy);
    };

    const about = ({ search, target: { scopes, audience } }: Asked, request: Request): ConsentSubject => ({ issuer: endpoint.issuer(), path: request.path, search, scopes, audience });

    const end = ({ authorization }: Asked, authorizationResult: AuthorizationResult, fullRedirectUri: string, request: Request, h: ResponseToolkit): Lifecycle.ReturnValue =>
        (endpoint.finalize === undefined ? h.redirect(fullRedirectUri) : endpoint.finalize({ ...authorization, authorizationResult, fullRedirectUri }, request, h));

    const allow = async (asked: Asked, user: SignedIn, request: Request, h: ResponseToolkit): Promise<Lifecycle.ReturnValue> => {

        const { client, authorization, redirectUriNamed, target } = asked;
        const code = await answerOf(() => endpoint.issueCode({ client, authorization, redirectUriNamed, target, ...user }, request, h));
        const { redirectUri, state } = authorization;
        return end(asked, { type: 'code', value: code }, withParameters(redirectUri, { code, state, iss: endpoint.issuer() }), request, h);
    };

    const decide = (asked: Asked, form: Form, request: Request, h: ResponseToolkit): Promise<Lifecycle.ReturnValue> | Lifecycle.ReturnValue => {

        const user = tickets.read(about(asked, request), form.get('ticket') ?? '');
        if (user === null) {
            return show(asked, request, h, 'The page was open for too long: sign in again');
        }

        if (form.get('decision') === 'allow') {
            return allow(asked, user, request, h);
        }

        const { redirectUri, state } = asked.authorization;
        return end(asked, { type: 'deny' }, refusalUri({ redirectUri, state, iss: endpoint.issuer() }, 'access_denied', 'The user denied the request'), request, h);
    };

    const signIn = async (asked: Asked, form: Form, authenticate: AuthenticateUser, request: Request, h: ResponseToolkit): Promise<Lifecycle.ReturnValue> => {

        const [username, password] = [form.get(usernameField), form.get(passwordField)];
        const user = username === undefined || password === undefined ? null : await authenticatedUser(authenticate, { username, password }, request, h);
        if (user === null) {
            return show(asked, request, h, 'The username or the password is wrong');
        }

        if (user.subject === asked.client.id) {                 // Its tokens would be those of the client itself (RFC 9700 §4.15)
            throw new OAuth2Error('access_denied', 'This user cannot use this client', { reason: 'subject_is_client' });
        }

        const signedIn = { ...user, authTime: Math.floor(endpoint.clock() / 1000) };
        return asks(asked, endpoint.consent()) ? showConsent(asked, signedIn, request, h) : allow(asked, signedIn, request, h);
    };

    const searchOf = (request: Request): string => {

        const query = Form.from(request.query);
        return ownFields.some((name) => query.has(name)) ? query.without(ownFields).search : request.url.search;
    };

    return pageEndpoint({ path, options, description: 'OAuth 2.0 authorization endpoint' },
        (request, h) => answer(Form.from(request.query), searchOf(request), request, h, (asked) => show(asked, request, h)),
        (request, h) => {

            const form = Form.from(request.payload);
            const query = Form.from(request.query);
            if (!query.has('client_id')) {
                return answer(form, form.without(ownFields).search, request, h, (asked) => show(asked, request, h));
            }

            assertSameOrigin(request, endpoint.issuer());
            return answer(query, searchOf(request), request, h, async (asked, authenticate) =>
                (form.has('ticket') || form.has('decision') ? await decide(asked, form, request, h) : signIn(asked, form, authenticate, request, h)));
        });
};

/** Whether an error is shown on a page, since nobody has signed in: a stranger's client could otherwise lead users from here to where it likes (RFC 9700 §4.11.2). */
const staysHere = ({ client }: RegisteredRedirect, form: Form): boolean => client.unverified === true && !form.all('prompt').some((prompt) => prompt.split(' ').includes('none'));

/** Whether the user has to agree: always, where nobody has vouched for the client, where it wants it, and where other programs can pose as the client (RFC 8252 §8.6). */
const asks = ({ client, authorization: { redirectUri }, prompts }: Asked, consent: 'explicit' | 'none'): boolean =>
    consent === 'explicit' || client.unverified === true || prompts.includes('consent') ||
    (!isConfidential(client) && client.metadata.consent !== 'none' && (isLoopbackRedirect(redirectUri) || isPrivateUseRedirect(redirectUri)));
