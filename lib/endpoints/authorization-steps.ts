import type { Lifecycle, Request, ResponseToolkit } from '@hapi/hapi';

import type { Client } from '../clients/client';
import { OAuth2Error, answerOf } from '../error';
import { sha256 } from '../protocol/digest';
import type { Form } from '../protocol/form';
import type { Consents } from '../sessions/consent';
import type { Interaction, Interactions } from '../sessions/interaction';
import { sidOf, type Account, type FoundSession } from '../sessions/session';
import type { IdTokenHint } from '../tokens/id-token';
import { AuthorizationPages, type Visit } from './authorization-pages';
import { modeOf, refusalMembers, readReply, refusalReply, replyUri, sendReply, stateOf, writeReply, type ReplyAddress, type ReplyMembers } from './authorization-reply';
import type { AuthorizationPageContext, AuthorizationResult, FinalizeAuthorizationContext } from './authorize';
import type { BrowserContext } from './browser';
import { consentNeed, withoutOfflineAccess, type ConsentPolicy } from './consent-policy';
import type { FormPage } from './form-page';
import { interrupt } from './interrupted';
import type { OwnSignIn } from './own-sign-in';
import { provenRequest, registeredRedirect, type ProvenRequest, type ProvenRequestRules, type RegisteredRedirect } from './proven-request';
import type { RateLimits } from './rate-limit';
import { assertMayAsk, signedInUser } from './signed-in';

/** An authorization request that its user has signed in for and agreed to. */
export interface AuthorizedRequest extends Account, Pick<ProvenRequest, 'client' | 'authorization' | 'redirectUriNamed' | 'target' | 'parameters'> {
    /** The user's session, and what the client may know of it. */
    readonly session: { readonly id: string; readonly sid: string };
}

/** What an authorization endpoint is made from whose clients are registered. */
export interface AuthorizationStepsOptions extends ProvenRequestRules, FormPage<AuthorizationPageContext, FinalizeAuthorizationContext> {
    readonly issuer: () => string;
    /** Milliseconds since the epoch. */
    readonly clock: () => number;
    /** What a scope allows, in words. */
    readonly scopeText: (scope: string) => string | undefined;
    /** What people know a resource by. */
    readonly resourceName: (uri: string) => string | undefined;
    /** Scopes of which the request asks for claims by name: the user has to agree to them as well. */
    readonly claimScopes: (asked: ProvenRequest) => readonly string[];
    readonly browsers: BrowserContext;
    readonly interactions: Interactions;
    readonly limits: Pick<RateLimits, 'signIn' | 'interaction'>;
    readonly consents: Consents;
    readonly consent: () => ConsentPolicy;
    readonly ownSignIn: () => OwnSignIn;
    /** The name by which a client knows a user: that of its ID tokens. */
    readonly subjectOf: (client: Client, subject: string) => string;
    /** Whom an ID token of this server is about. */
    readonly readHint: (token: string) => Promise<IdTokenHint | null>;
    /** Makes the code; may throw an OAuth2Error, which the client reads. */
    readonly issueCode: (authorized: AuthorizedRequest, request: Request, h: ResponseToolkit) => Promise<string>;
    /** Ends what a code that nobody gets was issued for. */
    readonly endCode: (code: string) => Promise<void>;
}

/** What a user decided on the consent page, and about what. */
export interface Decision {
    readonly isAllowed: boolean;
    readonly about: string;
}

/** The user and the request that a step is about. */
interface Known {
    readonly asked: ProvenRequest;
    readonly account: Account;
    readonly session: FoundSession;
}

/**
 * The steps from an authorization request to its answer: sign in, choose an account, agree (OpenID Connect Core §3.1.2). Each visit looks anew
 * which one is due, so that two tabs, the back button and a client that changed meanwhile need no rules of their own.
 */
export class AuthorizationSteps {

    /** What users see on the way. */
    readonly pages: AuthorizationPages;

    readonly #options: AuthorizationStepsOptions;

    constructor(options: AuthorizationStepsOptions) {

        this.#options = options;
        this.pages = new AuthorizationPages(options);
    }

    /** Answers the client, or shows what the user has to do first. An unknown client and an unregistered redirect URI end on a page. */
    async advance(visit: Visit, decision: Decision | null = null): Promise<Lifecycle.ReturnValue> {

        const registered = await registeredRedirect(visit.form, this.#options);
        const address = { redirectUri: registered.redirectUri, mode: modeOf(visit.form), state: stateOf(visit.form), iss: this.#options.issuer() };
        try {
            return await this.#next(visit, provenRequest(visit.form, registered, this.#options), address, decision);
        }
        catch (err) {
            if (isToWait(err) || await this.#staysHere(visit, registered)) {
                throw err;
            }

            return await this.#send(visit, address, refusalReply(err, visit.request, registered.client.id));
        }
    }

    /**
     * Whether an error is shown on a page, since nobody has signed in: a stranger's client could otherwise lead users from here to where it likes
     * (RFC 9700 §4.11.2). What the user has to wait for is no error of the client either.
     */
    async #staysHere({ browser, request, form }: Visit, { client }: RegisteredRedirect): Promise<boolean> {

        const isSilent = form.all('prompt').some((prompt) => prompt.split(' ').includes('none'));
        return client.unverified === true && !isSilent && await this.#options.ownSignIn().signedIn(browser, request) === null;
    }

    async #next(visit: Visit, asked: ProvenRequest, address: ReplyAddress, decision: Decision | null): Promise<Lifecycle.ReturnValue> {

        const { browser, interaction, request } = visit;
        const own = this.#options.ownSignIn();
        const signedIn = await own.signedIn(browser, request);
        const accounts = signedIn?.accounts ?? [];
        const user = signedInUser({ request: asked, accounts, identified: own.identified(interaction, accounts), expected: await this.#expected(asked, accounts), now: this.#options.clock() });
        if (user === 'choose') {
            assertMayAsk(asked, 'account_selection_required');
            return await this.pages.accounts(visit, asked, accounts);
        }

        if (signedIn === null || user === 'sign_in') {
            assertMayAsk(asked, 'login_required');
            if (own.isRefused(interaction, accounts)) {
                throw new OAuth2Error('login_required', 'The sign-in is older than the request allows', { reason: 'sign_in_too_old' });
            }

            return await this.pages.signIn(visit, asked);
        }

        if (user.subject === asked.client.id) {                 // Its tokens would be those of the client itself (RFC 9700 §4.15)
            throw new OAuth2Error('access_denied', 'This user cannot use this client', { reason: 'subject_is_client' });
        }

        return await this.#withConsent(visit, { asked, account: user, session: signedIn.session }, address, decision);
    }

    async #withConsent(visit: Visit, known: Known, address: ReplyAddress, decision: Decision | null): Promise<Lifecycle.ReturnValue> {

        const { asked, account: { subject } } = known;
        const { client, target } = asked;
        const [scopes, resources] = [this.#scopesOf(asked), target.audience];
        const parties = { subject, clientId: client.id };
        const about = digestOf(known, scopes);
        const answer = decision?.about === about ? decision : null;     // Nobody agrees to what was not on the page
        if (answer?.isAllowed === false) {                      // Also where the same was agreed to in another tab meanwhile
            visit.request.log(['oauth', 'refused'], { reason: 'denied_by_user', error: 'access_denied', client_id: client.id });
            return await this.#finish(visit, asked, { type: 'deny' }, address, { members: refusalMembers('access_denied', 'The user denied the request'), subject: known.account.subject });
        }

        const need = consentNeed(asked, this.#options.consent());
        const isNeeded = need === 'always' || (need === 'unless_remembered' && !await this.#options.consents.covers(parties, { scopes, resources }));
        if (!isNeeded) {
            return await this.#answer(visit, need === 'never' ? { ...known, asked: withoutOfflineAccess(asked) } : known, address);
        }

        assertMayAsk(asked, 'consent_required');
        if (answer === null) {
            if (decision !== null) {
                visit.request.log(['oauth', 'refused'], { reason: 'decision_outdated', error: 'invalid_request', client_id: client.id });
            }

            return await this.pages.consent(visit, { asked, account: known.account, scopes, about });
        }

        await this.#options.consents.remember(parties, { scopes, resources });
        return await this.#answer(visit, known, address);
    }

    async #answer(visit: Visit, { asked, account, session }: Known, address: ReplyAddress): Promise<Lifecycle.ReturnValue> {

        const { request, h } = visit;
        const { client, authorization, redirectUriNamed, target, parameters } = asked;
        const member = { clientId: client.id, subject: account.subject };
        await this.#options.browsers.sessions.use(session, member);
        const { subject, name, acr, amr, authTime } = account;
        const code = await answerOf(() => this.#options.issueCode({
            client, authorization, redirectUriNamed, target, parameters, subject, name, acr, amr, authTime,
            session: { id: session.sid, sid: sidOf(session, member) }
        }, request, h));
        return await this.#finish(visit, asked, { type: 'code', value: code }, address, { members: { code }, subject });
    }

    /** Ends the interaction with an answer, whatever it is: what comes afterwards is told the same, and decides nothing. */
    async #finish(visit: Visit, asked: ProvenRequest, result: AuthorizationResult, address: ReplyAddress, { members, subject }: { readonly members: ReplyMembers; readonly subject: string }): Promise<Lifecycle.ReturnValue> {

        const { request, h, interaction, browser } = visit;
        if (interaction === null || await this.#options.interactions.finish(interaction, browser.newSecret(), writeReply(address, members, subject))) {
            return await this.#end(visit, asked, result, address, members);
        }

        if (result.type === 'code') {                           // The other click was faster, and has the answer
            await this.#options.endCode(result.value);
        }

        const answered = await this.#options.interactions.find(interaction.ref, browser.newSecret());
        return answered?.state === 'answered' ? await this.repeat(answered, visit) : h.redirect(`${request.path}${request.url.search}`);
    }

    /**
     * Gives the same answer again, or says that there was one. Only the browser in which its user is signed in gets it: the cookie that the interaction
     * is bound to was there before anybody signed in, and somebody else may have planted it.
     */
    async repeat(interaction: Interaction, visit: Pick<Visit, 'request' | 'h' | 'form' | 'browser'>): Promise<Lifecycle.ReturnValue> {

        const text = this.#options.interactions.repeated(interaction);
        const reply = text === null ? null : readReply(text);
        const signedIn = reply === null ? null : await this.#options.ownSignIn().signedIn(visit.browser, visit.request);
        if (reply === null || signedIn?.accounts.some(({ subject }) => subject === reply.subject) !== true) {
            const refused = { refused: reply === null ? 'interaction_used' : 'interaction_of_another_account' };
            return await interrupt(this.#options.pages, { ...refused, clientId: visit.form.first('client_id'), reason: 'used', restart: undefined }, visit.request, visit.h);
        }

        return await this.#send(visit, reply.address, reply.members);
    }

    /** The request as it waits; `null` if it has become unacceptable since. Throws what is shown on a page. */
    async asked(form: Form): Promise<ProvenRequest | null> {

        const registered = await registeredRedirect(form, this.#options);
        try {
            return provenRequest(form, registered, this.#options);
        }
        catch {
            return null;
        }
    }

    async #send({ request, h, form }: Pick<Visit, 'request' | 'h' | 'form'>, address: ReplyAddress, members: ReplyMembers): Promise<Lifecycle.ReturnValue> {

        return await sendReply(address, members, this.#options.pages, { request, h, uiLocales: form.first('ui_locales') });
    }

    async #end({ request, h, form }: Visit, { authorization }: ProvenRequest, authorizationResult: AuthorizationResult, address: ReplyAddress, members: ReplyMembers): Promise<Lifecycle.ReturnValue> {

        const { finalize } = this.#options;
        return finalize === undefined ? await this.#send({ request, h, form }, address, members) : finalize({ ...authorization, authorizationResult, fullRedirectUri: replyUri(address, members) }, request, h);
    }

    /** What the user agrees to: the scopes, and those of claims that are asked for by name. */
    #scopesOf(asked: ProvenRequest): readonly string[] {

        return [...new Set([...asked.target.scopes, ...this.#options.claimScopes(asked)])];
    }

    /** Whom the client expects, by an ID token that it got here: by the subject of an account, if it is one that has signed in. */
    async #expected({ idTokenHint, client }: ProvenRequest, accounts: readonly Account[]): Promise<string | undefined> {

        if (idTokenHint === undefined) {
            return undefined;
        }

        const hint = await this.#options.readHint(idTokenHint);
        if (hint?.audience.includes(client.id) !== true) {
            throw new OAuth2Error('invalid_request', 'The id_token_hint is no ID token that this client got here', { reason: 'id_token_hint_unusable' });
        }

        return accounts.find(({ subject }) => this.#options.subjectOf(client, subject) === hint.subject)?.subject ?? hint.subject;
    }
}

/** Whether somebody is to come back later: the client cannot do anything about it, and would only send the browser here again. */
const isToWait = (err: unknown): boolean => err instanceof OAuth2Error && err.made.statusCode === 429;

/** What a user agrees to on a consent page; another answer, or somebody else's, is none. */
const digestOf = ({ account: { subject }, asked: { client, authorization: { redirectUri }, target: { audience } } }: Known, scopes: readonly string[]): string =>
    sha256(JSON.stringify([subject, client.id, redirectUri, scopes, audience]));
