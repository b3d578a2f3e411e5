import type { Lifecycle, Request, ResponseToolkit } from '@hapi/hapi';

import { destinationOf } from '../pages/consent';
import type { PageLook } from '../pages/look';
import { permissionsOf } from '../pages/permissions';
import { shownResources } from '../pages/shown-resources';
import type { Form } from '../protocol/form';
import { withParameters } from '../protocol/redirect-uri';
import type { Interaction } from '../sessions/interaction';
import type { Account } from '../sessions/session';
import type { AuthorizationStepsOptions } from './authorization-steps';
import { beginInteraction } from './begin-interaction';
import type { Browser } from './browser';
import { shownClient } from './client-on-page';
import { showForm } from './form-page';
import { logoOf } from './logo';
import { isShownOnce } from './posted-request';
import type { ProvenRequest } from './proven-request';

/** One visit of a browser with an authorization request. */
export interface Visit {
    readonly form: Form;
    /** The request, as a query with its question mark. */
    readonly search: string;
    /** The path of the authorization endpoint. */
    readonly path: string;
    readonly interaction: Interaction | null;
    readonly browser: Browser;
    readonly request: Request;
    readonly h: ResponseToolkit;
}

/** Where the steps of a request that needs its user are shown. */
export const interactionPath = <P extends string>(path: P): `${P}/interaction` => `${path}/interaction`;

/** What a user is asked to agree to. */
interface Asked {
    readonly asked: ProvenRequest;
    readonly account: Account;
    readonly scopes: readonly string[];
    /** Comes back with the answer, so that nobody agrees to what was not on the page. */
    readonly about: string;
}

/** The pages on the way from an authorization request to its answer. Each begins the interaction, unless there is one. */
export class AuthorizationPages {

    readonly #options: AuthorizationStepsOptions;

    constructor(options: AuthorizationStepsOptions) {

        this.#options = options;
    }

    /** Shows the sign-in form, or sends the browser to the app's own. */
    async signIn(visit: Visit, asked: ProvenRequest, problem?: 'wrongPassword', username = asked.loginHint): Promise<Lifecycle.ReturnValue> {

        const { request, h } = visit;
        const { action, ref } = await this.#actionOf(visit);
        const elsewhere = this.#options.ownSignIn().pageFor?.(action, ref, this.#options.issuer());
        if (elsewhere !== undefined) {
            return h.redirect(elsewhere);
        }

        if (hasNoAddress(visit)) {
            return h.redirect(action);
        }

        const { usernameField, passwordField, pages } = this.#options;
        const look = this.#lookFor(visit);
        const errorMessage = problem && look.texts[problem];
        const page = { ...asked.authorization, action, usernameField, passwordField, statusCode: errorMessage === undefined ? 200 : 400, errorMessage };
        const model = { action, hidden: [], client: shownClient(asked.client, logoOf(visit.path, asked.client)), usernameField, passwordField, username, errorMessage, links: [] };
        return await showForm(this.#options, page, () => pages.show('signIn', model, request, h, { statusCode: page.statusCode, look }), request, h);
    }

    /** Shows the accounts of the browser, to choose one. */
    async accounts(visit: Visit, { client }: ProvenRequest, accounts: readonly Account[]): Promise<Lifecycle.ReturnValue> {

        const { action } = await this.#actionOf(visit);
        if (hasNoAddress(visit)) {
            return visit.h.redirect(action);
        }

        const model = { action, hidden: [], client: shownClient(client, logoOf(visit.path, client)), accounts: accounts.map(({ subject, name }) => ({ value: subject, name })) };
        return await this.#options.pages.show('chooseAccount', model, visit.request, visit.h, { look: this.#lookFor(visit) });
    }

    /** Shows what the client may do, to agree to it or not. */
    async consent(visit: Visit, { asked, account, scopes, about }: Asked): Promise<Lifecycle.ReturnValue> {

        const { client, target, authorization: { redirectUri } } = asked;
        const { scopeText, resourceName, issuer, ownSignIn } = this.#options;
        const { action } = await this.#actionOf(visit);
        if (hasNoAddress(visit)) {
            return visit.h.redirect(action);
        }

        const look = this.#lookFor(visit);
        const model = {
            action,
            hidden: [{ name: 'about', value: about }],
            client: shownClient(client, logoOf(visit.path, client)),
            permissions: permissionsOf(scopes, scopeText, look),
            resources: shownResources(target.audience, issuer(), resourceName),
            destination: destinationOf(redirectUri),
            account: account.name,
            canChangeAccount: ownSignIn().canChangeAccount && !namesItsUser(asked)
        };
        return await this.#options.pages.show('consent', model, visit.request, visit.h, { look });
    }

    /** The language that the client asked for goes before the browser's. */
    #lookFor({ request, form }: Visit): PageLook {

        return this.#options.pages.look(request, form.first('ui_locales'));
    }

    /** Where the forms of a step post to: the reference in it is what another site cannot know. */
    async #actionOf({ path, search, interaction, browser, request }: Visit): Promise<{ readonly action: string; readonly ref: string }> {

        const next = interactionPath(path);
        const ref = await beginInteraction(this.#options, browser, { path, search, next }, request, interaction?.ref);
        return { ref, action: withParameters(next, { interaction: ref }) };
    }
}

/** Whether the client has use for one user alone: another one's sign-in would end as an error (OpenID Connect Core §3.1.2.1, §5.5.1). */
const namesItsUser = ({ idTokenHint, authorization: { claims } }: ProvenRequest): boolean =>
    idTokenHint !== undefined || [...claims?.userinfo ?? [], ...claims?.id_token ?? []].some(({ name, values }) => name === 'sub' && values.length > 0);

/** Whether the browser is where nothing can be shown twice: it goes on to the interaction's own address, where reloading and going back work. */
const hasNoAddress = ({ interaction, request }: Visit): boolean => interaction === null && isShownOnce(request);
