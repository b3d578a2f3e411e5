import type { GenerateDeviceCode } from '../endpoints/device-authorization';
import type { FinalizeVerificationContext, VerificationPageContext, VerifyUserCode } from '../endpoints/device-verification';
import type { RoutePath } from '../endpoints/place';
import { PageRoute } from './page-route';
import type { IssueDeviceCode } from './proven-device-code';

/** Settings of the device authorization endpoint, and of the page on which the user enters the code. */
export class DeviceAuthorizationRoute extends PageRoute<VerificationPageContext, FinalizeVerificationContext> {

    #verificationPath: RoutePath = '/oauth2/device';
    #generateCode: GenerateDeviceCode | undefined;
    #issueCode: IssueDeviceCode | undefined;
    #verifyUserCode: VerifyUserCode | undefined;

    /** @internal */
    get handlers() {

        return { generateCode: this.#generateCode, issueCode: this.#issueCode, verifyUserCode: this.#verifyUserCode };
    }

    /** @internal */
    get verificationPath(): RoutePath {

        return this.#verificationPath;
    }

    /**
     * Level 1: your handler verifies the client, makes the codes and keeps them (RFC 8628 §3.2).
     *
     * Return `{ device_code, user_code }` and what else the device should know, `{ error, error_description }`, or `null` for
     * `invalid_request`.
     */
    generateCode(handler: GenerateDeviceCode): this {

        this.guard('generateCode');
        this.#generateCode = handler;
        return this;
    }

    /**
     * Level 2: the client is proven; your handler decides what the code carries and what else the device is told. Needs registered clients.
     *
     * Return `{ device_code }` from its issuer and any member of your own, or `{ error, error_description }`; the other members of RFC 8628 §3.2 are the framework's.
     */
    issueCode(handler: IssueDeviceCode): this {

        this.guard('issueCode');
        this.#issueCode = handler;
        return this;
    }

    /**
     * Serves a page on which the user enters the code: your handler verifies the user and the code, and remembers the decision.
     *
     * Return `{ type: 'allow' }`, `{ type: 'continue' }` for one more step of your own, `{ type: 'deny' }`, or `null` to show the form again.
     */
    verifyUserCode(handler: VerifyUserCode): this {

        this.guard('verifyUserCode');
        this.#verifyUserCode = handler;
        return this;
    }

    /** The path of that page, `/oauth2/device` when left out. */
    setVerificationPath(path: RoutePath): this {

        this.guard('setVerificationPath');
        this.#verificationPath = path;
        return this;
    }
}
