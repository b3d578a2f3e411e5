import type { Lifecycle, Request, ServerRoute } from '@hapi/hapi';

import { OAuth2Error } from '../error';
import { Form } from '../protocol/form';
import { publicUrl } from '../protocol/issuer';
import { parseScope } from '../protocol/scope';
import type { ReplayMemory } from '../stores/store';
import { authorizationOf, challengeOf } from '../tokens/challenge';
import type { TokenIssuingFlow } from '../tokens/check';
import type { VerifiedAccessToken } from '../tokens/resolve';
import type { TokenType } from '../tokens/token-type';
import { jsonReply } from './json-reply';
import { protectedEndpoint, type EndpointRoute } from './route';

/** What a UserInfo endpoint is made from. */
export interface UserinfoEndpoint extends Omit<EndpointRoute, 'description'> {
    readonly issuer: () => string;
    /** Milliseconds since the epoch. */
    readonly clock: () => number;
    readonly store: ReplayMemory;
    /** The flows whose tokens open it. */
    readonly flows: () => readonly TokenIssuingFlow[];
    /** The live access token behind a text, whomever it is for, with its grant as the store has it now. */
    readonly resolve: (token: string) => Promise<VerifiedAccessToken | null>;
    /** What the client is told: claims, or a JWT that holds them; `null` if there is no such user. */
    readonly describe: (token: VerifiedAccessToken, request: Request) => Promise<Readonly<Record<string, unknown>> | string | null>;
}

/**
 * The UserInfo endpoint (OpenID Connect Core §5.3): what a client may know of the user who signed in, for any live access token with `openid`.
 *
 * The token comes in the header or, of a POST, in the form (RFC 6750 §2). The grant is read each time: a revoked one opens nothing.
 */
export const userinfoEndpoint = (endpoint: UserinfoEndpoint): ServerRoute[] => {

    const answer: Lifecycle.Method = async (request, h) => {

        const types = new Map(endpoint.flows().map(({ tokenType }) => [tokenType.name.toLowerCase(), tokenType]));
        const { scheme, token } = presentedBy(request);
        const tokenType = types.get(scheme.toLowerCase());
        if (tokenType === undefined) {                      // Nothing was presented: a challenge without an error (RFC 6750 §3.1)
            return h.response().code(401).header('www-authenticate', [...types.values()].map((type) => challengeOf(type)).join(', '));
        }

        try {
            const described = await describe(endpoint, token, tokenType, request);
            return typeof described === 'string' ? h.response(described).type('application/jwt').charset('') : jsonReply(h, described);
        }
        catch (err) {
            throw err instanceof OAuth2Error ? challenged(tokenType, err) : err;
        }
    };

    return protectedEndpoint({ ...endpoint, description: 'OpenID Connect UserInfo endpoint' }, answer);
};

/** The token of a request, from one place; in a form it is a bearer token. */
const presentedBy = ({ method, headers, payload }: Request): { readonly scheme: string; readonly token: string } => {

    const inForm = method === 'post' ? Form.from(payload).get('access_token') : undefined;
    if (inForm === undefined) {
        return authorizationOf(headers.authorization);
    }

    if (headers.authorization !== undefined) {
        throw new OAuth2Error('invalid_request', 'The request has an access token in the form, and an Authorization header', { reason: 'two_access_tokens' });
    }

    return { scheme: 'Bearer', token: inForm };
};

const describe = async ({ issuer, clock, store, flows, resolve, describe: describeUser }: UserinfoEndpoint, value: string, { name }: TokenType, request: Request): Promise<Readonly<Record<string, unknown>> | string> => {

    const token = await resolve(value);
    const issuing = flows().find((flow) => flow.name === token?.payload.flow && flow.tokenType.name === name);
    if (token === null || issuing === undefined) {
        throw new OAuth2Error('invalid_token', 'The access token is not valid here');
    }

    const proof = { method: request.method.toUpperCase(), url: publicUrl(issuer(), request.path), headers: request.headers };
    await issuing.tokenType.verify(proof, { token: value, confirmation: token.payload.cnf }, { now: clock(), store });
    if (!parseScope(token.payload.scope).includes('openid')) {
        throw new OAuth2Error('insufficient_scope', 'The access token lacks the scope openid');
    }

    const described = await describeUser(token, request);
    if (described === null) {
        throw new OAuth2Error('invalid_token', 'The access token is not valid here', { reason: 'user_unknown' });
    }

    return described;
};

/** A refusal of the token with the challenge that says why (RFC 6750 §3.1); what says nothing about it stays as it is. */
const challenged = (tokenType: TokenType, error: OAuth2Error): OAuth2Error => {

    const { code, message, reason, cause, made } = error;
    if (made.statusCode >= 500) {
        return error;
    }

    const scope: Record<string, string> = code === 'insufficient_scope' ? { scope: 'openid' } : {};
    const headers = Object.fromEntries(Object.entries(made.headers).map(([name, value]) => [name, String(value)]));          // A token type may have its own, such as DPoP-Nonce
    return new OAuth2Error(code, message, {
        reason, cause, statusCode: code === 'insufficient_scope' ? 403 : 401,
        headers: { ...headers, 'www-authenticate': challengeOf(tokenType, { error: code, error_description: message, ...scope }) }
    });
};
