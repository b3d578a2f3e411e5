import type { SharedSettings } from '../authorization-server/settings';
import type { AuthenticateUser } from '../endpoints/authenticate-user';
import type { ConsentPolicy } from '../endpoints/consent-policy';
import { userOfCredentials, type UserOfCredentials } from '../endpoints/own-sign-in';
import type { AuthorizationPageContext, FinalizeAuthorizationContext, GenerateCode } from '../endpoints/authorize';
import { PageRoute } from './page-route';
import type { IssueCode, ProvenCodeContext } from './proven-context';

type RouteSettings = Pick<SharedSettings, 'authenticateUser' | 'setConsent' | 'setLoginUrl' | 'setSessionStrategy'>;

/** Settings of the authorization endpoint. `E` names the parameters of the app's own that its requests may have. */
export class AuthorizationRoute<E extends string = never> extends PageRoute<AuthorizationPageContext, FinalizeAuthorizationContext> {

    #shared: RouteSettings = {};
    #extraParameters: readonly string[] = [];
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
    issueCode(handler: IssueCode<ProvenCodeContext<E>, { readonly code: string }>): this {

        this.guard('issueCode');
        this.#issueCode = handler;
        return this;
    }

    /** @internal Settings of the server that were made here. */
    get shared(): RouteSettings {

        return this.#shared;
    }

    /** Level 2: verifies users at the built-in sign-in form: answers `{ subject, acr?, amr? }`, the subject alone, or `null` for a wrong password. A setting of the server. */
    authenticateUser(handler: AuthenticateUser<E>): this {

        this.guard('authenticateUser');
        this.#shared = { ...this.#shared, authenticateUser: handler };
        return this;
    }

    /** Level 2: whether users are asked what a client may do: `'explicit'`, which is the default, `'implicit'` or `'none'`. A setting of the server. */
    setConsent(consent: ConsentPolicy): this {

        this.guard('setConsent');
        this.#shared = { ...this.#shared, setConsent: consent };
        return this;
    }

    /** Level 2: sends users to a page of the app to sign in; it ends with `return request.oauth2.login({ subject })`. A setting of the server. */
    setLoginUrl(url: string): this {

        this.guard('setLoginUrl');
        this.#shared = { ...this.#shared, setLoginUrl: url };
        return this;
    }

    /** Level 2: takes an auth strategy of the app for the sign-in, such as one of `@hapi/cookie`. Needs `setLoginUrl()`. A setting of the server. */
    setSessionStrategy(name: string, user: UserOfCredentials = userOfCredentials): this {

        this.guard('setSessionStrategy');
        this.#shared = { ...this.#shared, setSessionStrategy: { name, user } };
        return this;
    }

    /** @internal */
    get extraParameters(): readonly string[] {

        return this.#extraParameters;
    }

    /** Level 2: parameters of your own, such as `organization` or `screen_hint`: `authenticateUser` and `issueCode` get them, all others are ignored. */
    setExtraParameters<const N extends string>(...names: readonly N[]): AuthorizationRoute<E | N>;
    setExtraParameters(...names: readonly string[]): unknown {

        this.guard('setExtraParameters');
        this.#extraParameters = [...new Set([...this.#extraParameters, ...names])];
        return this;
    }
}
