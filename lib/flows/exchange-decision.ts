import type { Request } from '@hapi/hapi';

import type { Client } from '../clients/client';
import { OAuth2Error, answerOf, refusalIn } from '../error';
import type { Form } from '../protocol/form';
import { requestedResources, type Target } from '../protocol/resources';
import { assertScopeLeft, parseScope } from '../protocol/scope';
import type { ExchangeDecision, ExchangePolicy, ExchangePolicyContext, ExchangeToken } from './exchange-context';
import type { FlowRuntime } from './runtime';

/**
 * What a client may want of a subject token: any declared resource, or those of the token; of its scopes those that the client is registered for and that
 * belong to the resource. Throws `invalid_scope` and `invalid_target`.
 */
export const exchangeTarget = (runtime: FlowRuntime, client: Client, form: Form, subjectToken: Pick<ExchangeToken, 'scopes' | 'resources'>): Target => {

    const { scopes: declared, shared } = runtime;
    const requested = requestedResources(form);
    const audience = requested.length > 0 ? shared.resources.target(requested, [], shared.issuer()).audience : subjectToken.resources;
    const registered = client.metadata.scope === undefined ? undefined : parseScope(client.metadata.scope);
    const known = declared === null ? null : new Set([...declared, ...shared.resources.scopes]);
    const scopes = subjectToken.scopes.filter((name) => (registered === undefined || registered.includes(name)) && (known === null || known.has(name)));
    if (scopes.length === 0 && subjectToken.scopes.length > 0) {
        throw new OAuth2Error('invalid_scope', 'The client may have no scope of the subject_token', { reason: 'scope_not_allowed' });
    }

    return shared.resources.narrow({ audience, scopes }, [], form.get('scope'), shared.issuer());
};

/** Asks the policy, whose word narrows and never widens. */
export const decide = async ({ shared }: FlowRuntime, policy: ExchangePolicy, ctx: ExchangePolicyContext, request: Request): Promise<{ readonly target: Target; readonly decision: ExchangeDecision }> => {

    const wanted: Target = structuredClone({ audience: ctx.resources, scopes: ctx.scopes });      // A policy may change its own: that widens nothing
    const decision = decisionOf(await answerOf<unknown>(() => policy(ctx, request)));
    const audience = narrowed(wanted.audience, decision.resources);
    if (audience.length === 0) {
        throw new OAuth2Error('invalid_target', 'The policy lets the client have no token for this resource', { reason: 'resource_refused_by_policy' });
    }

    const scopes = narrowed(wanted.scopes, decision.scopes);
    assertScopeLeft(scopes, wanted.scopes);
    return { decision, target: shared.resources.narrow({ audience, scopes }, [], undefined, shared.issuer()) };
};

const narrowed = (wanted: readonly string[], allowed: readonly string[] = wanted): readonly string[] => wanted.filter((name) => allowed.includes(name));

/** A policy that says nothing has not said yes. */
const decisionOf = (answer: unknown): ExchangeDecision => {

    if (answer === null || answer === undefined) {
        throw new OAuth2Error('invalid_request', 'The policy does not allow this exchange', { reason: 'refused_by_policy' });
    }

    const refusal = refusalIn(answer);
    if (refusal !== null) {
        throw refusal;
    }

    if (!isDecision(answer)) {
        throw new Error('The policy of a token exchange returned what is no decision: return { scopes, resources, actor: \'client\', refreshToken, mayAct }, each of which may be left out, { error }, or null');
    }

    return answer;
};

/** A member that is misspelled would grant all that the client wants: there are no others than these. */
const isDecision = (answer: unknown): answer is ExchangeDecision => {

    if (typeof answer !== 'object') {
        return false;
    }

    const { scopes, resources, actor, refreshToken, mayAct, ...others }: Readonly<Record<string, unknown>> = { ...answer };
    return Object.values(others).every((other) => other === undefined) && [scopes, resources].every((names) => names === undefined || Array.isArray(names)) && (actor === undefined || actor === 'client') && (refreshToken === undefined || typeof refreshToken === 'boolean') && (mayAct === undefined || (typeof mayAct === 'object' && !Array.isArray(mayAct)));
};
