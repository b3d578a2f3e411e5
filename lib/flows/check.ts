import { isScopeName } from '../protocol/scope';
import { isSigningAlgorithm } from '../protocol/signing-algorithm';
import type { FlowRuntime } from './runtime';

const year = 31_536_000;

/** Throws a sentence that says what to change if a flow is set up in a way that cannot be meant. */
export const checkFlow = (runtime: FlowRuntime, kind: { readonly name: string; readonly confidentialOnly: boolean; readonly validate: unknown }): void => {

    const problem = kind.validate === undefined || typeof kind.validate === 'function' ? [...problems(runtime, kind.confidentialOnly)][0] : 'has a validate() that is no function: give it (request, { token, jwtAccessTokenPayload }, h) => ({ isValid })';
    if (problem !== undefined) {
        throw new Error(`Flow '${String(runtime.name || kind.name)}' ${problem}`);
    }
};

function* problems({ name, shared, ttl, methods, scopes, tokenType, accessTokenFormat, accessTokenAlgorithm, idTokenAlgorithm }: FlowRuntime, confidentialOnly: boolean): Generator<string> {

    if (typeof name !== 'string' || name === '') {
        yield 'has no name: give strategyName() one';
    }

    if (!Number.isSafeInteger(ttl) || ttl <= 0) {
        yield `has a token lifetime of ${String(ttl)}: give setTokenTTL() a whole number of seconds above 0`;
    }

    if (ttl > year) {
        yield `has a token lifetime of ${ttl} seconds, which is more than a year: setTokenTTL() takes seconds, not milliseconds`;
    }

    for (const { method, incomplete } of methods) {
        if (incomplete !== undefined && shared.clients === null) {                // A client's record has its keys
            yield `cannot authenticate clients: ${incomplete}`;
        }

        if (methods.filter((other) => other.method === method).length > 1) {
            yield `adds the client authentication method '${method}' twice: keep one, with all it has to accept`;
        }

        if (confidentialOnly && method === 'none') {
            yield 'accepts the client authentication method \'none\', but its tokens stand for the client, which has to prove who it is: remove NoneAuthMethod';
        }
    }

    for (const scope of scopes ?? []) {
        if (!isScopeName(scope)) {
            yield `declares the scope '${scope}', which is no scope name: leave out spaces, quotes and backslashes in setScopes()`;
        }
    }

    for (const alg of [accessTokenAlgorithm, idTokenAlgorithm]) {
        if (!isSigningAlgorithm(alg)) {
            yield `signs with '${String(alg)}': choose an asymmetric algorithm such as ES256 or RS256`;
        }
    }

    if (accessTokenFormat !== 'jwt' && accessTokenFormat !== 'opaque') {
        yield `has access tokens of the format '${String(accessTokenFormat)}': setAccessTokenFormat() takes 'jwt' or 'opaque'`;
    }

    if (typeof tokenType.bind !== 'function' || typeof tokenType.verify !== 'function') {
        yield 'has a token type without bind() and verify(): give setTokenType() a TokenType such as new BearerToken()';
    }
}
