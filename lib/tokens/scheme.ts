import { forbidden, isBoom, unauthorized, type Boom } from '@hapi/boom';
import type { Request, ServerAuthScheme } from '@hapi/hapi';

import { OAuth2Error } from '../error';
import { attributes, authorizationOf, challengeOf } from './challenge';
import { checkAccessToken, type StrategyContext } from './check';
import type { TokenType } from './token-type';

/** What a strategy of ours is made with. */
export interface StrategyOptions extends StrategyContext {
    readonly name: string;
    /** Whether a strategy of this server is one of ours. */
    readonly isOurs: (strategy: string) => boolean;
}

/** The one scheme behind every strategy: it reads, checks and challenges access tokens (RFC 6750, RFC 9110 §11.6). */
export const accessTokenScheme: ServerAuthScheme<StrategyOptions> = (_server, options) => {

    if (options?.name === undefined) {
        throw new Error('The scheme of hapi-oauth2-flows has no strategies but those of its flows: name one of them');
    }

    return {
        async authenticate(request, h) {

            const flows = options.flows();
            const { scheme, token } = authorizationOf(request.headers.authorization);
            const tokenType = flows.find((flow) => isNamed(flow.tokenType, scheme))?.tokenType;
            if (tokenType === undefined) {
                throw missing(flows.map((flow) => flow.tokenType).filter((type, i, all) => all.findIndex(({ name }) => isNamed(type, name)) === i));
            }

            try {
                const { credentials, payload } = await checkAccessToken(options, { token, tokenType }, request, h);
                return h.authenticated({ credentials, artifacts: { token, tokenType: tokenType.name, payload } });
            }
            catch (err) {
                if (!(err instanceof OAuth2Error) || err.output.statusCode >= 500) {
                    throw err;                              // Says nothing about the token: a client must not throw it away
                }

                request.log(['oauth', 'refused'], { reason: err.reason, error: err.code });
                throw mayFallThrough(request, options) ? missing([tokenType]) : challenge(tokenType, err);
            }
        }
    };
};

/** Schemes have no case (RFC 9110 §11.1). */
const isNamed = ({ name }: TokenType, scheme: string): boolean => name === scheme || name.toLowerCase() === scheme.toLowerCase();

/** No credentials for this strategy: hapi asks the next one, and with none left answers a challenge without an error (RFC 6750 §3). */
const missing = (types: readonly TokenType[]): Boom => {

    const error = unauthorized(null, types.map((type) => challengeOf(type)));
    return Object.assign(error, { isMissing: true });
};

/** A bad token on a route with several of our strategies may still be a good one for the next: only the last one says that it is bad. */
const mayFallThrough = ({ route, server }: Request, { name, isOurs }: StrategyOptions): boolean => {

    const config: unknown = route.settings.auth ?? server.auth.settings.default;                     // null where there is no default
    const strategies = [member(config, 'strategies')].flat().filter((strategy) => typeof strategy === 'string');
    return strategies.includes(name) && strategies.slice(strategies.indexOf(name) + 1).some(isOurs);    // server.auth.test() may ask any strategy
};

const challenge = (tokenType: TokenType, { code, message, cause, output }: OAuth2Error): Boom => {

    const error = code === 'insufficient_scope' ? forbidden(message) : unauthorized(message);
    Object.assign(error.output.headers, output.headers, { 'WWW-Authenticate': challengeOf(tokenType, { error: code, error_description: message }) });          // A token type may add its own, such as DPoP-Nonce
    return Object.assign(error, { cause });
};

/** hapi's own refusal of a token that lacks a scope, with the challenge that names what the route needs (RFC 6750 §3.1). */
export const challengeInsufficientScope = (request: Request, isOurs: (strategy: string) => boolean): void => {

    const { response, auth } = request;
    if (!isBoom(response) || response.output.statusCode !== 403 || !auth.isAuthenticated || auth.isAuthorized || !isOurs(auth.strategy)) {
        return;
    }

    const scope = neededScope(response.data);
    if (scope !== '') {
        const tokenType = text(member(auth.artifacts, 'tokenType')) || 'Bearer';    // Injected credentials have no artifacts
        request.log(['oauth', 'refused'], { reason: 'scope_missing', error: 'insufficient_scope', scope });
        response.output.headers['WWW-Authenticate'] = `${tokenType} ${attributes({ error: 'insufficient_scope', scope })}`;
    }
};

/** Every scope of the first of the route's access rules that the token lacks one of, from what hapi attached to its error. No scope would help where a rule forbids one that is there. */
const neededScope = (data: unknown): string => {

    const held = new Set(texts(member(data, 'got')));
    const rules = [member(data, 'need')].flat().map((rule: unknown) => ({ required: texts(member(rule, 'required')), selection: texts(member(rule, 'selection')) }));
    const lacking = rules.find(({ required, selection }) => !required.every((scope) => held.has(scope)) || (selection.length > 0 && !selection.some((scope) => held.has(scope))));
    return lacking === undefined ? '' : [...lacking.required, ...lacking.selection].join(' ');
};

const texts = (value: unknown): readonly string[] => [value].flat().filter((item) => typeof item === 'string');

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const member = (value: unknown, name: string): unknown => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined);
