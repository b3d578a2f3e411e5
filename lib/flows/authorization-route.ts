import type { SharedSettings } from '../authorization-server/settings';
import type { AuthenticateUser } from '../endpoints/authenticate-user';
import type { AuthorizationPageContext, FinalizeAuthorizationContext, GenerateCode } from '../endpoints/authorize';
import { PageRoute } from './page-route';
import type { IssueCode, ProvenCodeContext } from './proven-context';

/** Settings of the authorization endpoint. */
export class AuthorizationRoute extends PageRoute<AuthorizationPageContext, FinalizeAuthorizationContext> {

    #shared: Pick<SharedSettings, 'authenticateUser' | 'setConsent'> = {};
    #generateCode: GenerateCode | undefined;
    #issueCode: IssueCode<ProvenCodeContext, { readonly code: string }> | undefined;

    /** @internal */
    get handlers() {

        return { generateCode: this.#generateCode, issueCode: this.#issueCode };
    }

    /**
     * Level 1: your handler verifies the client, its redirect URI and the user, and makes the code.
     *
     * Return `{ type: 'code', value }`, `{ type: 'continue' }` for one more step of your own, `{ type: 'deny' }`, or `null` to show the form
     * again. A code or a denial vouches for the redirect URI: check that it is the client's.
     */
    generateCode(handler: GenerateCode): this {

        this.guard('generateCode');
        this.#generateCode = handler;
        return this;
    }

    /** Level 2: client and user are proven; your handler decides what the code carries. Needs registered clients. */
    issueCode(handler: IssueCode<ProvenCodeContext, { readonly code: string }>): this {

        this.guard('issueCode');
        this.#issueCode = handler;
        return this;
    }

    /** @internal Settings of the server that were made here. */
    get shared(): Pick<SharedSettings, 'authenticateUser' | 'setConsent'> {

        return this.#shared;
    }

    /** Level 2: verifies users at the built-in sign-in form: answers `{ subject, acr?, amr? }`, the subject alone, or `null` for a wrong password. A setting of the server. */
    authenticateUser(handler: AuthenticateUser): this {

        this.guard('authenticateUser');
        this.#shared = { ...this.#shared, authenticateUser: handler };
        return this;
    }

    /** Level 2: whether users are asked what a client may do: `'explicit'`, which is the default, or `'none'`. A setting of the server. */
    setConsent(consent: 'explicit' | 'none'): this {

        this.guard('setConsent');
        this.#shared = { ...this.#shared, setConsent: consent };
        return this;
    }
}
