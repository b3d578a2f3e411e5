import type { Lifecycle, Request, ResponseToolkit } from '@hapi/hapi';

import { OAuth2Error, isFailure } from '../error';
import { parseBasic } from '../protocol/basic-credentials';
import { Form } from '../protocol/form';
import { newReference } from '../protocol/reference';

/**
 * The one place where an error becomes the reply of an endpoint that programs call (RFC 6749 §5.2).
 *
 * It runs for whatever went wrong on the route, hapi's own refusals included. What was thrown stays the response, so that the app's own
 * `onPreResponse` and hapi's log see it; only what is sent changes.
 */
export const replyWithError: Lifecycle.Method = (request, h) => {

    const { response } = request;
    if (!isFailure(response)) {
        if (response.headers['cache-control'] === undefined) {             // hapi adds no-store, by the route's setting
            response.header('pragma', 'no-cache');                          // For caches of HTTP/1.0 (RFC 6749 §5.1)
        }

        return h.continue;
    }

    const { code, made } = refusalOf(request, response);
    const challenge = code === 'invalid_client' && request.headers.authorization !== undefined ? { 'WWW-Authenticate': 'Basic realm="OAuth 2.0", charset="UTF-8"' } : {};
    response.output = { ...made, headers: { ...made.headers, 'cache-control': 'no-store', pragma: 'no-cache', ...challenge } };
    return h.continue;
};

/** The refusal that a failed request ends with, once it is in the request log, with the client, if the request names it no more. */
export const refusalOf = (request: Request, failure: Failure, clientId?: string): OAuth2Error => logged(request, OAuth2Error.from(failure), { clientId });

/** The same for one that ends on a page: the log has the number that the page shows. */
export const numberedRefusal = (request: Request, failure: Failure, clientId?: string): { readonly reference: string; readonly refusal: OAuth2Error } => {

    const reference = newReference();
    return { reference, refusal: logged(request, OAuth2Error.from(failure), { clientId, reference }) };
};

type Failure = Parameters<typeof OAuth2Error.from>[0];

const logged = (request: Request, error: OAuth2Error, { clientId = claimedClientId(request), reference }: { readonly clientId: string | undefined; readonly reference?: string }): OAuth2Error => {

    request.log(['oauth', 'refused'], { reason: error.reason, error: error.code, client_id: clientId, ...reference === undefined ? {} : { reference } });
    return error;
};

/** Who the request says it is from, for the log: nothing is decided by it. */
const claimedClientId = ({ payload, query, headers: { authorization } }: Request): string | undefined => {

    const form = Form.from(payload);
    return form.first('client_id') ?? Form.from(query).first('client_id') ?? parseBasic(typeof authorization === 'string' ? authorization : '')?.decoded.id ?? subjectOf(form.first('client_assertion'));
};

const subjectOf = (assertion = ''): string | undefined => {

    try {
        const claims: unknown = JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString('utf8'));
        return Form.from(claims).first('sub');
    }
    catch {
        return undefined;
    }
};

/** A body of another type is the client's mistake, whatever exactly is wrong with it; only its size has a status of its own. */
const refuseBodyBut = (type: string) => (_request: Request, _h: ResponseToolkit, err?: Error): never => {

    const tooLarge = isFailure(err) && err.output.statusCode === 413;
    throw new OAuth2Error('invalid_request', tooLarge ? 'The request body is too large' : `The request body must be ${type}`, {
        reason: 'unusable_body',
        cause: err,
        statusCode: tooLarge ? 413 : 400
    });
};

/** Refuses what is no form. */
export const refuseBody = refuseBodyBut('application/x-www-form-urlencoded');

/** Refuses what is no JSON. */
export const refuseJson = refuseBodyBut('application/json');

/** Every other method on the path of an endpoint (RFC 9110 §15.5.6). */
export const refuseMethod = (allow: string) => (): never => {

    throw new OAuth2Error('invalid_request', `This endpoint takes ${allow} only`, { reason: 'wrong_method', statusCode: 405, headers: { allow } });
};
