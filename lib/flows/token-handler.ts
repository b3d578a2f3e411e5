import type { PresentedClient } from '../clients/method';
import { secretVerifier } from '../clients/secret-verifier';
import type { GrantHandler } from '../endpoints/token';
import { OAuth2Error, answerOf } from '../error';
import { clientCredentials } from '../grant-types/client-credentials';
import type { GrantType } from '../grant-types/grant-type';
import type { Form } from '../protocol/form';
import { signAccessToken } from '../tokens/access-token';
import { signIdToken } from '../tokens/id-token';
import { tokenReply } from '../tokens/response';
import type { Confirmation } from '../tokens/token-type';
import { authenticateFor, bindToken, requestedScope, type FlowRuntime } from './runtime';
import type { GenerateToken, UnprovenTokenContext } from './unproven-context';

/** A grant type whose project verifies and issues; past it, nothing is generic. */
export const unprovenHandler = <P extends object, N extends string>(runtime: FlowRuntime, grantType: GrantType<P, N>, generateToken: GenerateToken<P, N>): GrantHandler => ({
    flow: runtime.name,
    grantType: grantType.type,
    handle: async (form, request, h) => {

        const client = await authenticateFor(runtime, grantType.type, form, request);
        const parameters = grantType.read(form);
        const context = unprovenContext(runtime, grantType.type, client, form, await bindToken(runtime, request));
        const result: unknown = await answerOf(() => generateToken(Object.assign(context, { grantType: grantType.type }, parameters), request, h));       // Not a spread, which costs 20 times as much
        return tokenReply(result, runtime.tokenType.name);
    }
});

const unprovenContext = (runtime: FlowRuntime, grantType: string, client: PresentedClient, form: Form, confirmation: Confirmation | undefined): UnprovenTokenContext => {

    const { name: flow, shared, ttl, idTokenTtl, tokenType, accessTokenAlgorithm, idTokenAlgorithm } = runtime;
    const { clientId } = client;
    return {
        grantType,
        clientId,
        clientSecret: client.clientSecret,
        clientAuthenticationMethod: client.method,
        verifyClientSecret: secretVerifier(client),
        ttl,
        tokenType: tokenType.name,
        scope: requestedScope(runtime, form),
        resource: form.all('resource'),
        confirmation,
        createJwtAccessToken: async (claims = {}) => {

            checkSubject(claims.sub, grantType, clientId);
            return await signAccessToken(shared.keys, { issuer: shared.issuer(), clientId, flow, alg: accessTokenAlgorithm, ttl, now: shared.clock(), confirmation, audience: shared.audience() }, claims);
        },
        createIdToken: async (claims) => {

            checkSubject(claims.sub ?? '', grantType, clientId);                // An ID token is always about somebody (OpenID Connect Core §2)
            shared.keys.use('id_token', idTokenAlgorithm);
            return await signIdToken(shared.keys, { issuer: shared.issuer(), clientId, alg: idTokenAlgorithm, ttl: idTokenTtl, now: shared.clock() }, claims);
        }
    };
};

/** A token of a user whose id is the client's would pass as the client's own (RFC 9700 §4.15). */
const checkSubject = (subject: unknown, grantType: string, clientId: string): void => {

    if (subject !== undefined && (typeof subject !== 'string' || subject === '')) {
        throw new Error('A token handler gave a sub that is no text: give the id of the user as a string');
    }

    if (subject === clientId && grantType !== clientCredentials.type) {
        throw new OAuth2Error('invalid_grant', 'The user has the id of the client', { reason: 'subject_is_client' });
    }
};
