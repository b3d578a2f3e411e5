import type { AuthorizationPageContext, FinalizeAuthorizationContext, GenerateCode } from '../endpoints/authorize';
import { PageRoute } from './page-route';
import type { IssueCode, ProvenCodeContext } from './proven-context';

/** Settings of the authorization endpoint. */
export class AuthorizationRoute extends PageRoute<AuthorizationPageContext, FinalizeAuthorizationContext> {

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
}
