import { SubRoute } from '../endpoints/sub-route';
import type { IssueTokens } from './proven-context';
import type { GenerateToken } from './unproven-context';

/** Settings of a token route: `P` is what its grant type `N` reads, `Q` what is proven of it. */
export class TokenRoute<P extends object, Q extends { readonly grantType: string }, N extends string = Q['grantType']> extends SubRoute {

    #generateToken: GenerateToken<P, N> | undefined;
    #issueTokens: IssueTokens<Q> | undefined;

    /** @internal */
    get handlers(): { readonly generateToken: GenerateToken<P, N> | undefined; readonly issueTokens: IssueTokens<Q> | undefined } {

        return { generateToken: this.#generateToken, issueTokens: this.#issueTokens };
    }

    /**
     * Level 1: your handler verifies **and** issues. It gets what the client sent; nothing about it is proven.
     *
     * Return an `OAuth2TokenResponse`, a plain token response, `{ error, error_description }`, or `null` for `invalid_request`; or throw an
     * `OAuth2Error`. Anything else that is thrown is a 500 whose text never reaches the client.
     */
    generateToken(handler: GenerateToken<P, N>): this {

        this.guard('generateToken');
        this.#generateToken = handler;
        return this;
    }

    /** Level 2: the framework has proven the client and its grant; your handler decides what to issue. Needs registered clients. */
    issueTokens(handler: IssueTokens<Q>): this {

        this.guard('issueTokens');
        this.#issueTokens = handler;
        return this;
    }
}
