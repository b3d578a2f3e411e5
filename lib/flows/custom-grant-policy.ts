import type { Request } from '@hapi/hapi';
import Joi from 'joi';

import { handlerUtilities, type HandlerUtilities } from '../authorization-server/handler-utilities';
import type { Client } from '../clients/client';
import { isConfidential } from '../clients/record';
import { OAuth2Error, answerOf, refusalIn } from '../error';
import { invalidGrant, type Proof } from '../grant-types/proof';
import type { Target } from '../protocol/resources';
import { assertScopeLeft } from '../protocol/scope';
import type { StoredValue } from '../stores/store';
import type { TokenErrorResponse } from '../tokens/response';
import { openedGrant } from './opened-grant';
import type { ProvenRequest } from './proven-handler';
import type { FlowRuntime } from './runtime';
import { wantedTarget } from './wanted-target';

/** What a policy is asked about: the client is authenticated and registered for the grant type. Every function may be destructured. */
export interface CustomGrantContext<P extends object, N extends string = string> extends HandlerUtilities {
    readonly grantType: N;
    readonly client: Client;
    /** The scopes that the client wants and may have: what it asks for, else what it is registered for. */
    readonly scopes: readonly string[];
    /** The resources that its token would be for. */
    readonly resources: readonly string[];
    /** The parameters that `setParameters()` declares, as they were sent: to verify them is the policy's to do. */
    readonly parameters: P;
}

/** Who is granted what. What is left out is granted as the client wants it. */
export interface CustomGrantApproval {
    /** The user, 1 to 255 printable ASCII characters; `null` where the client acts for itself, which brings no refresh token. Never the client's own id. */
    readonly subject: string | null;
    /** May narrow what the client wants, not widen it. */
    readonly scopes?: readonly string[] | undefined;
    /** May narrow what the client wants, not widen it. */
    readonly resources?: readonly string[] | undefined;
    /** How much the user's sign-in proves. */
    readonly acr?: string | null | undefined;
    /** What the user's sign-in proved it with (RFC 8176). */
    readonly amr?: readonly string[] | undefined;
    /** When the user signed in, in seconds since the epoch. */
    readonly authTime?: number | null | undefined;
    /** Whether a client that is registered for `refresh_token` gets one: `false` when left out. */
    readonly refreshToken?: boolean | undefined;
    /** Kept with the grant: `grant.data` of every later handler. Nothing but what JSON can hold. */
    readonly data?: StoredValue | undefined;
}

/** Decides who is granted what: an approval, `{ error, error_description }`, or `null` for `invalid_grant`. It may throw an `OAuth2Error`. */
export type CustomGrantPolicy<P extends object, N extends string = string> = (ctx: CustomGrantContext<P, N>, request: Request) => CustomGrantApproval | TokenErrorResponse | null | Promise<CustomGrantApproval | TokenErrorResponse | null>;

const texts = Joi.array().items(Joi.string());

/** A member that is misspelled would grant all that the client wants: there are no others than these. */
const schema = Joi.object<CustomGrantApproval>({
    subject: Joi.string().pattern(/^[\x20-\x7e]{1,255}$/).allow(null).required(),
    scopes: texts,
    resources: texts.min(1),
    acr: Joi.string().allow(null),
    amr: texts,
    authTime: Joi.number().integer().positive().max(Joi.ref('$latest')).allow(null),
    refreshToken: Joi.boolean(),
    data: Joi.object().unknown()
}).required().prefs({ convert: false });

/** Clocks of one project are not exact: a sign-in may seem to lie so many seconds ahead. */
const skew = 60;

/** Asks the policy, without which registration is refused, and opens the grant that it approves; nothing is stored before its tokens. */
export const askPolicy = async <P extends object, N extends string>(runtime: FlowRuntime, policy: CustomGrantPolicy<P, N> | undefined, parameters: P, grantType: N, proven: ProvenRequest, request: Request): Promise<Proof<null>> => {

    const { client, form, now } = proven;
    if (!isConfidential(client)) {
        throw new OAuth2Error('unauthorized_client', 'The client has to be one that can prove who it is', { reason: 'public_client' });
    }

    const wanted = wantedTarget(runtime, client, form);
    const answer: unknown = await answerOf(() => policy?.({
        ...handlerUtilities(request, runtime.shared.clock),
        grantType, client, parameters,
        scopes: [...wanted.scopes],                         // Copies: what the policy does to them widens nothing
        resources: [...wanted.audience]
    }, request));
    if (answer === null) {
        throw invalidGrant('denied_by_policy');
    }

    const refusal = refusalIn(answer);
    if (refusal !== null) {
        throw refusal;
    }

    const { subject, refreshToken = false, data = {}, ...approved } = approvalOf(answer, wanted, Math.floor(now / 1000) + skew);
    if (subject === client.id) {                            // Its token would pass as the client's own (RFC 9700 §4.15)
        throw invalidGrant('subject_is_client');
    }

    const { scopes = wanted.scopes, resources: audience = wanted.audience } = approved;
    assertScopeLeft(scopes, wanted.scopes);
    const target = runtime.shared.resources.narrow({ audience, scopes }, [], undefined, runtime.shared.issuer());
    const { authTime = null, acr = null, amr = [] } = subject === null ? {} : approved;
    return { ...openedGrant(runtime, proven, target, { subject, authTime, acr, amr, data }), refreshable: refreshToken && subject !== null };
};

/** A policy in plain JavaScript may return anything. */
const approvalOf = (answer: unknown, wanted: Target, latest: number): CustomGrantApproval => {

    const result = schema.validate(answer, { context: { latest } });
    if (result.error === undefined && isWithin(result.value.scopes, wanted.scopes) && isWithin(result.value.resources, wanted.audience)) {
        return result.value;
    }

    throw new OAuth2Error('server_error', undefined, {
        reason: 'policy_returned_nonsense',
        cause: new Error(`A policy returned ${result.error === undefined ? 'more scopes or resources than ctx.scopes and ctx.resources have' : `no approval (${result.error.details.map(({ path }) => path.join('.')).join()})`}: return { subject, scopes?, resources?, acr?, amr?, authTime?, refreshToken?, data? }, { error } or null; authTime is in seconds and not to come`)
    });
};

const isWithin = (names: readonly string[] | undefined, wanted: readonly string[]): boolean => names === undefined || names.every((name) => wanted.includes(name));
