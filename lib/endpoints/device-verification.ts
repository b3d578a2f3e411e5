import type { Lifecycle, Request, ResponseToolkit, ServerRoute } from '@hapi/hapi';

import { OAuth2Error, answerOf } from '../error';
import { Form } from '../protocol/form';
import { showForm, type FormPage } from './form-page';
import type { EndpointOptions } from './options';
import { pageEndpoint } from './page';
import type { Pages } from './pages';
import { assertSameOrigin } from './same-origin';

/** What the user enters on the verification page (RFC 8628 §3.3). */
export interface UserCodeContext {
    /** As entered: compare it without regard to case and dashes. */
    readonly userCode: string;
    readonly username: string | undefined;
    readonly password: string | undefined;
}

/** What `verifyUserCode` decided: the device may go on, one more step of the app's own, or the user's refusal; `null` shows the form again. */
export type UserCodeResult = { readonly type: 'allow' } | { readonly type: 'continue'; readonly value?: unknown } | { readonly type: 'deny' };

/** Verifies the user and the code, and remembers what the user decided about the device. */
export type VerifyUserCode = (ctx: UserCodeContext, request: Request, h: ResponseToolkit) => UserCodeResult | null | Promise<UserCodeResult | null>;

/** What a verification page is rendered from. */
export interface VerificationPageContext {
    /** Where the page's form has to post to. */
    readonly action: string;
    /** The code that came with the link, to be confirmed by the user. */
    readonly userCode: string | undefined;
    readonly usernameField: string;
    readonly passwordField: string;
    /** Status of the response. */
    readonly statusCode: number;
    /** What went wrong with the last try, for the user; `undefined` on the first. */
    readonly errorMessage: string | undefined;
}

/** What ends a step on the verification page. */
export interface FinalizeVerificationContext {
    readonly authorizationResult: UserCodeResult;
    readonly userCode: string;
}

/** What a verification page is made from. */
export interface DeviceVerificationPage extends FormPage<VerificationPageContext, FinalizeVerificationContext> {
    readonly path: string;
    readonly options: EndpointOptions;
    readonly issuer: () => string;
    readonly verifyUserCode: VerifyUserCode;
}

/** The page on which the user of a device enters its code (RFC 8628 §3.3). */
export const deviceVerificationPage = (endpoint: DeviceVerificationPage): ServerRoute[] => {

    const { path, options, pages } = endpoint;
    const show = (userCode: string | undefined, request: Request, h: ResponseToolkit, problem?: 'wrongDeviceEntry'): Promise<Lifecycle.ReturnValue> => {

        const { usernameField, passwordField } = endpoint;
        const look = pages.look(request);
        const errorMessage = problem && look.texts[problem];
        const page = { action: request.path, userCode, usernameField, passwordField, statusCode: errorMessage === undefined ? 200 : 400, errorMessage };
        return showForm(endpoint, page, () => pages.show('deviceCode', { action: request.path, hidden: [], userCode, credentials: { usernameField, passwordField }, errorMessage }, request, h, { statusCode: page.statusCode, look }), request, h);
    };

    const submit = async (request: Request, h: ResponseToolkit): Promise<Lifecycle.ReturnValue> => {

        assertSameOrigin(request, endpoint.issuer());
        const form = Form.from(request.payload);
        const userCode = form.require('user_code');
        const authorizationResult = checkedResult(await answerOf(() => endpoint.verifyUserCode({ userCode, username: form.get(endpoint.usernameField), password: form.get(endpoint.passwordField) }, request, h)));
        if (authorizationResult === null) {
            request.log(['oauth', 'refused'], { reason: 'wrong_device_entry', error: 'access_denied', client_id: undefined });
            return show(userCode, request, h, 'wrongDeviceEntry');
        }

        return endpoint.finalize === undefined ? done(pages, authorizationResult, request, h) : endpoint.finalize({ authorizationResult, userCode }, request, h);
    };

    return pageEndpoint({ path, options, pages, description: 'OAuth 2.0 device verification page' },
        (request, h) => show(Form.from(request.query).get('user_code'), request, h), submit);
};

const done = (pages: Pages, { type }: UserCodeResult, request: Request, h: ResponseToolkit): Promise<Lifecycle.ReturnValue> | Lifecycle.ReturnValue => {

    switch (type) {
        case 'allow': return pages.show('deviceDone', { outcome: 'connected' }, request, h);
        case 'deny': return pages.show('deviceDone', { outcome: 'denied' }, request, h);
        case 'continue': return h.redirect(request.path);
    }
};

/** A result of a handler in plain JavaScript may be anything. */
const checkedResult = (result: unknown): UserCodeResult | null => {

    if (result === null) {
        return null;
    }

    if (typeof result === 'object' && 'type' in result && (result.type === 'allow' || result.type === 'deny' || result.type === 'continue')) {
        return { ...result, type: result.type };
    }

    throw new OAuth2Error('server_error', undefined, {
        reason: 'handler_returned_nonsense',
        cause: new Error('verifyUserCode() returned no result: return { type: \'allow\' }, { type: \'continue\' }, { type: \'deny\' }, or null for a wrong code or password')
    });
};
