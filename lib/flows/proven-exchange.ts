import type { Request } from '@hapi/hapi';

import { handlerUtilities } from '../authorization-server/handler-utilities';
import { resolveContext } from '../authorization-server/resolve-context';
import { OAuth2Error } from '../error';
import type { Proof } from '../grant-types/proof';
import { actChain, checkDescent, exchangeTokenType, invalidToken, jwtType, mayAct, nextMayAct, type ExchangeTokenType, type TokenExchangeParameters } from '../grant-types/token-exchange';
import { sameKey } from '../protocol/confirmation';
import type { Target } from '../protocol/resources';
import { parseScope } from '../protocol/scope';
import { newGrantId } from '../protocol/token-value';
import { descentFrom, exchangeRecord, type Exchange } from '../stores/exchange';
import { verifiedAccessToken } from '../tokens/resolve';
import type { ExchangePolicy, ExchangeToken } from './exchange-context';
import { decide, exchangeTarget } from './exchange-decision';
import type { ProvenRequest } from './proven-handler';
import type { FlowRuntime } from './runtime';

/** The subject token, and what was presented beside it. */
export interface PresentedExchange extends ExchangeToken {
    readonly subject: string;
    readonly actor: ExchangeToken | null;
    readonly requestedTokenType: ExchangeTokenType;
}

/**
 * Proves a subject token and an actor token, asks the policy, and narrows what it lets happen (RFC 8693 §2).
 *
 * The new token hangs on the subject token's grant, and on the exchange that it came from, if it came from one; it never outlives the subject token. No token of a client can be the subject: the new one would
 * be of one client and speak of another, which whoever reads it takes for a user (RFC 9700 §4.15).
 */
export const proveTokenExchange = async (runtime: FlowRuntime, policy: ExchangePolicy, parameters: TokenExchangeParameters, request: ProvenRequest, http: Request): Promise<Proof<PresentedExchange>> => {

    const { client, form, now, store } = request;
    const { shared } = runtime;
    const requestedTokenType = exchangeTokenType('requested_token_type', parameters.requestedTokenType);
    const { token: subjectToken, exchange: parent } = await present(runtime, 'subject_token', parameters.subjectToken, parameters.subjectTokenType, request);
    const actorToken = parameters.actorToken === undefined ? null : (await present(runtime, 'actor_token', parameters.actorToken, parameters.actorTokenType, request)).token;
    const { grant, subject, claims } = subjectToken;
    if (subject === null || [client.id, grant.clientId, subjectToken.clientId].includes(subject)) {
        throw invalidToken('subject_token', 'subject_is_client');
    }

    const acting = actorToken?.claims ?? { iss: shared.issuer(), sub: client.id, client_id: client.id };
    if (!mayAct(claims, acting)) {
        throw invalidToken('subject_token', 'subject_token_may_not_act');
    }

    const { audience: resources, scopes } = exchangeTarget(runtime, client, form, subjectToken);
    const ctx = { ...handlerUtilities(http, shared.clock), client, subject, ...structuredClone({ subjectToken, actorToken, scopes, resources, requestedTokenType }) };       // Copies: what a policy does to them changes nothing
    const { decision, target } = await decide(runtime, policy, ctx, http);
    checkFormat(runtime, requestedTokenType, target);
    const act = actChain(claims, actorToken !== null || decision.actor === 'client' ? acting : null);
    const descent = descentFrom(parent, now + (runtime.refresh.absolute + runtime.ttl) * 1000);
    checkDescent(descent.ancestors);
    const record: Exchange = { id: newGrantId(), clientId: client.id, flow: runtime.name, scopes: target.scopes, resources: target.audience, act, mayAct: nextMayAct(claims, decision.mayAct), ...descent };
    return {
        grant, target,
        presented: { ...subjectToken, subject, actor: actorToken, requestedTokenType },
        nonce: null,
        lineage: null,
        exchange: {
            record,
            endsAt: claims.exp,
            isRefreshable: decision.refreshToken === true && grant.createdAt + runtime.refresh.absolute > Math.floor(now / 1000) && (!grant.scopes.includes('openid') || grant.scopes.includes('offline_access')),
            issuedTokenType: requestedTokenType
        },
        settle: async ({ tokens, expiresAt }) => {

            const lineageEndsAt = tokens.some(({ kind }) => kind === 'refresh_token') ? now + runtime.refresh.absolute * 1000 : 0;
            if (!await store.addTokens(grant.id, [...tokens, exchangeRecord(grant.id, record, Math.max(expiresAt, lineageEndsAt))], expiresAt, now)) {
                throw invalidToken('subject_token', 'subject_token_grant_revoked');
            }

            return true;
        },
        abandon: async () => {}
    };
};

/** A token that this client may present: issued to it, or for a resource of it, and bound to no key but the one that the request proves. */
const present = async ({ shared }: FlowRuntime, parameter: 'subject_token' | 'actor_token', value: string, type: string | undefined, { client, confirmation, now }: ProvenRequest): Promise<{ readonly token: ExchangeToken; readonly exchange: Exchange | null }> => {

    const tokenType = exchangeTokenType(`${parameter}_type`, type);
    const verified = await verifiedAccessToken(value, resolveContext(shared, now));
    if (verified === null || (tokenType === jwtType && !verified.isSigned)) {
        throw invalidToken(parameter, `${parameter}_unknown`);
    }

    const { payload: claims, grant, exchange } = verified;
    const resources = [claims.aud].flat();
    if (claims.client_id !== client.id && !resources.some((uri) => client.metadata.resources?.includes(uri))) {
        throw invalidToken(parameter, `${parameter}_of_another_client`);
    }

    if (claims.cnf !== undefined && !sameKey(claims.cnf, confirmation)) {
        throw invalidToken(parameter, `${parameter}_of_another_key`);
    }

    const { client_id: clientId, iat: issuedAt, exp: expiresAt } = claims;
    return { exchange, token: { type: 'access_token', value, grant, subject: grant.subject, issuedAt, expiresAt, active: true, clientId, claims, scopes: parseScope(claims.scope), resources } };
};

/** Of each resource: a handler may leave some out, and what is left has to be what was asked for. */
const checkFormat = ({ shared: { resources }, accessTokenFormat }: FlowRuntime, requestedTokenType: ExchangeTokenType, { audience }: Target): void => {

    if (requestedTokenType === jwtType && audience.some((uri) => (resources.formatOf([uri]) ?? accessTokenFormat) !== 'jwt')) {
        throw new OAuth2Error('invalid_request', 'The access tokens of this resource are no JWTs', { reason: 'unsupported_token_type' });
    }
};
