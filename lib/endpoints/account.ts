import type { Lifecycle, Request, ResponseToolkit, ServerRoute } from '@hapi/hapi';

import type { Client } from '../clients/client';
import { OAuth2Error } from '../error';
import type { GrantsModel, ShownGrant } from '../pages/grants';
import type { PageLook } from '../pages/look';
import { permissionsOf } from '../pages/permissions';
import { sha256 } from '../protocol/digest';
import { Form } from '../protocol/form';
import { withParameters } from '../protocol/redirect-uri';
import type { Secrets } from '../protocol/secrets';
import type { Consents } from '../sessions/consent';
import type { Interactions } from '../sessions/interaction';
import type { Account, Session } from '../sessions/session';
import type { ListedGrant } from '../stores/grant';
import { everyItem } from '../stores/pages';
import type { Page } from '../stores/store';
import { requireAuthenticateUser, type AuthenticateUser } from './authenticate-user';
import { beginInteraction } from './begin-interaction';
import { Browser, type BrowserContext } from './browser';
import { shownClient } from './client-on-page';
import { numberedRefusal } from './error-reply';
import { FormTokens } from './form-token';
import { interrupt } from './interrupted';
import type { EndpointOptions } from './options';
import type { OwnSignIn, SignedInAccounts } from './own-sign-in';
import { pageEndpoint } from './page';
import type { Pages } from './pages';
import type { RateLimits } from './rate-limit';
import { assertSameOrigin } from './same-origin';
import { signInAtForm } from './sign-in-limit';

/** What the page is made from on which users see what they have granted. */
export interface AccountPage {
    readonly path: string;
    readonly options: EndpointOptions;
    readonly pages: Pages;
    readonly issuer: () => string;
    /** Milliseconds since the epoch. */
    readonly clock: () => number;
    readonly secrets: Secrets;
    readonly browsers: BrowserContext;
    readonly interactions: Interactions;
    readonly consents: Consents;
    readonly limits: Pick<RateLimits, 'signIn' | 'interaction'>;
    readonly ownSignIn: () => OwnSignIn;
    readonly authenticateUser: () => AuthenticateUser | undefined;
    readonly findClient: (clientId: string) => Promise<Client | null>;
    /** What a scope allows, in words. */
    readonly scopeText: (scope: string) => string | undefined;
    readonly listGrants: (subject: string, cursor: string | null) => Promise<Page<ListedGrant>>;
    readonly revokeGrant: (grantId: string) => Promise<boolean>;
}

/** One visit of a browser. */
interface Visit {
    readonly request: Request;
    readonly h: ResponseToolkit;
    readonly browser: Browser;
    readonly look: PageLook;
}

const usernameField = 'username';
const passwordField = 'password';

/** Which of the accounts at the browser the page is about: the one used last when left out. */
const accountParameter = 'account';

/** From whom access was just withdrawn, sealed. */
const withdrawnParameter = 'withdrawn';

/**
 * The page on which users see which clients may act for them, and end it.
 *
 * It only ever shows and ends what belongs to the user who is signed in: its forms name a client, never a grant, and the account that they were
 * shown for, since another tab may have signed somebody else in.
 */
export const accountPage = (endpoint: AccountPage): ServerRoute[] => {

    const { path, options, pages, secrets } = endpoint;
    const tokens = new FormTokens(secrets, 'account');

    const visiting = (request: Request, h: ResponseToolkit): Visit => ({ request, h, browser: new Browser(endpoint.browsers, request, h), look: pages.look(request) });

    const signedIn = async ({ browser, request }: Visit): Promise<SignedInAccounts | null> => await endpoint.ownSignIn().signedIn(browser, request);

    /** Shows the sign-in form, or sends the browser to the app's own page, which sends it back here. */
    const askWho = async ({ request, h, browser, look }: Visit, username?: string): Promise<Lifecycle.ReturnValue> => {

        const { pageFor } = endpoint.ownSignIn();
        if (pageFor !== undefined) {
            const ref = await beginInteraction(endpoint, browser, { path: request.path, search: '', next: request.path }, request);
            return h.redirect(pageFor(request.path, ref, endpoint.issuer()));
        }

        requireAuthenticateUser(endpoint.authenticateUser());
        const errorMessage = username === undefined ? undefined : look.texts.wrongPassword;
        const model = { action: tokens.actionFor(request.path, browser), hidden: [], client: undefined, usernameField, passwordField, username, errorMessage, links: [] };
        return await pages.show('signIn', model, request, h, { statusCode: errorMessage === undefined ? 200 : 400, look });
    };

    const signIn = async (visit: Visit, form: Form): Promise<Lifecycle.ReturnValue> => {

        const { request, h, browser } = visit;
        const begun = endpoint.clock();
        const username = form.get(usernameField);
        const authenticate = requireAuthenticateUser(endpoint.authenticateUser());
        const user = await signInAtForm(endpoint.limits, authenticate, { username, password: form.get(passwordField), acrValues: [], parameters: {} }, request, h);
        if (user === null) {
            return await askWho(visit, username ?? '');
        }

        await browser.signIn(await browser.session(), { ...user, authTime: Math.floor(endpoint.clock() / 1000) }, begun);
        return h.redirect(request.path);
    };

    const shown = async (grants: readonly ListedGrant[], look: PageLook): Promise<readonly ShownGrant[]> => {

        const byClient = new Map<string, readonly ListedGrant[]>();
        for (const grant of grants) {
            byClient.set(grant.clientId, [...byClient.get(grant.clientId) ?? [], grant]);
        }

        return await Promise.all([...byClient].map(async ([clientId, own]) => {

            const client = await endpoint.findClient(clientId);
            const scopes = [...new Set(own.flatMap((grant) => grant.scopes))];
            return {
                value: clientId,
                client: client === null ? { name: clientId, isVerified: false } : shownClient(client),
                permissions: permissionsOf(scopes, endpoint.scopeText, look),
                since: Math.min(...own.map(({ createdAt }) => createdAt)) * 1000,
                lastUsed: Math.max(...own.map(({ lastUsedAt }) => lastUsedAt)) * 1000
            };
        }));
    };

    const cursorContext = (subject: string): string => JSON.stringify(['account', subject]);

    /** A cursor is the engine's business: sealed, it comes back as it was made, for the same user. */
    const cursorOf = (subject: string, text: string | undefined): string | null => (text === undefined ? null : secrets.openText('ticket', cursorContext(subject), text));

    const withdrawnContext = (subject: string): string => JSON.stringify(['account', 'withdrawn', subject]);

    /** Who has just lost access, where that was this user's doing and is still so: no link can say it of anybody else. */
    const withdrawnFrom = async (subject: string, text: string | undefined, grants: readonly ListedGrant[]): Promise<Client | null> => {

        const clientId = text === undefined ? null : secrets.openText('ticket', withdrawnContext(subject), text);
        return clientId === null || grants.some((grant) => grant.clientId === clientId) ? null : await endpoint.findClient(clientId);
    };

    const list = async ({ request, h, browser, look }: Visit, known: SignedInAccounts, { errorMessage, reference }: Pick<GrantsModel, 'errorMessage' | 'reference'> = {}): Promise<Lifecycle.ReturnValue> => {

        const { session, accounts } = known;
        const isChosen = Form.from(request.query).has(accountParameter);
        const { subject, name } = chosen(request, known);
        const addressOf = (of: string): string => withParameters(request.path, { [accountParameter]: aboutOf(session, of) });
        const here = isChosen ? addressOf(subject) : request.path;
        const { items, cursor } = await endpoint.listGrants(subject, cursorOf(subject, Form.from(request.query).first('after')));
        const withdrawn = await withdrawnFrom(subject, Form.from(request.query).first(withdrawnParameter), items);
        return await pages.show('grants', {
            action: tokens.actionFor(here, browser),
            hidden: [{ name: 'about', value: aboutOf(session, subject) }],
            account: name,
            otherAccounts: accounts.filter((other) => other.subject !== subject).map((other) => ({ href: addressOf(other.subject), text: other.name })),
            errorMessage,
            reference,
            grants: await shown(items, look),
            withdrawn: withdrawn === null ? undefined : shownClient(withdrawn),
            more: cursor === null ? undefined : withParameters(here, { after: secrets.sealText('ticket', cursorContext(subject), cursor) })
        }, request, h, { statusCode: errorMessage === undefined ? 200 : 400, look });
    };

    const withdraw = async (subject: string, clientId: string): Promise<void> => {

        await endpoint.consents.forget({ subject, clientId });              // First: else a silent request could begin anew what ends here
        for await (const grant of everyItem((cursor) => endpoint.listGrants(subject, cursor))) {
            if (grant.clientId === clientId) {
                await endpoint.revokeGrant(grant.id);
            }
        }
    };

    return pageEndpoint({ path, options, pages, description: 'What a user has granted' },
        async (request, h) => {

            const visit = visiting(request, h);
            const known = await signedIn(visit);
            return known === null ? await askWho(visit) : await list(visit, known);
        },
        async (request, h) => {

            assertSameOrigin(request, endpoint.issuer(), { hasToken: true });
            const visit = visiting(request, h);
            if (!tokens.isOwn(request, visit.browser)) {
                return await interrupt(pages, { refused: 'form_of_another_browser', reason: 'other-browser', restart: request.path }, request, h);
            }

            const form = Form.from(request.payload);
            const known = await signedIn(visit);
            const clientId = form.get('grant');
            if (known === null || clientId === undefined) {
                return endpoint.ownSignIn().isElsewhere || !form.has(usernameField) ? h.redirect(request.path) : await signIn(visit, form);
            }

            const { subject } = chosen(request, known);
            if (form.get('about') !== aboutOf(known.session, subject)) {
                const { reference } = numberedRefusal(request, new OAuth2Error('invalid_request', undefined, { reason: 'form_of_another_account' }), clientId);
                return await list(visit, known, { errorMessage: visit.look.texts.grantsOtherAccount, reference });
            }

            await withdraw(subject, clientId);
            return h.redirect(withParameters(request.path, {            // To an address that can be loaded again and come back to: a page that was posted cannot
                [accountParameter]: Form.from(request.query).has(accountParameter) ? aboutOf(known.session, subject) : undefined,
                [withdrawnParameter]: await endpoint.findClient(clientId) === null ? undefined : secrets.sealText('ticket', withdrawnContext(subject), clientId)
            }));
        });
};

/** Names an account of a session in an address and in a form: it tells nobody else who it is. */
const aboutOf = ({ sid }: Session, subject: string): string => sha256(JSON.stringify(['account', sid, subject]));

/** The account that the page is about: one that has signed in at this browser, whatever the address says. */
const chosen = ({ query }: Request, { session, user, accounts }: SignedInAccounts): Account => {

    const about = Form.from(query).first(accountParameter);
    return accounts.find(({ subject }) => aboutOf(session, subject) === about) ?? user;
};
