import type { Request, ResponseToolkit } from '@hapi/hapi';

import { handlerUtilities } from '../authorization-server/handler-utilities';
import type { Client } from '../clients/client';
import type { GrantHandler } from '../endpoints/token';
import { answerOf } from '../error';
import type { GrantType } from '../grant-types/grant-type';
import type { Proof, ProofRequest } from '../grant-types/proof';
import type { Form } from '../protocol/form';
import { requestedResources } from '../protocol/resources';
import { contended } from '../stores/contended';
import type { Presented } from '../stores/grant';
import type { FoundToken } from '../stores/store';
import { provenTokenReply } from '../tokens/response';
import type { Confirmation } from '../tokens/token-type';
import { askOnTokens } from './ask-on-tokens';
import { issuance, type Issuance } from './issuance';
import type { IssueTokens } from './proven-context';
import { authenticateKnownFor, bindToken, type FlowRuntime } from './runtime';
import { sharedReply } from './shared-reply';
import { Turns } from './turns';

/** What a proof of one grant type works with beside what every proof needs. */
export interface ProvenRequest extends ProofRequest {
    readonly client: Client;
    readonly form: Form;
    /** What the store has under a token that was looked up to find its flow. */
    readonly found: FoundToken | null;
}

/** A reply that is given again: nothing is issued. */
export interface Repeat {
    readonly repeat: Readonly<Record<string, unknown>>;
}

/** A grant type that the framework proves: `P` is what it reads, `T` what was presented, `Q` what that adds to a handler's context. */
export interface ProvenGrantType<P extends object, T extends Presented | null, Q extends object> {
    readonly grantType: GrantType<P>;
    readonly prove: (parameters: P, proven: ProvenRequest, request: Request, h: ResponseToolkit) => Promise<Proof<T> | Repeat>;
    readonly context: (proof: Proof<T>, issuance: Issuance) => Q;
    readonly lookUp?: GrantHandler['lookUp'];
    /** Requests that are the same and come at once share one reply; throws for a request that may not. Left out where each has its own. */
    readonly share?: ((request: Request, clientId: string) => Promise<void>) | undefined;
}

/** A request that loses a race is proven anew, as one that comes a moment later; it cannot lose for ever. */
const mostTries = 3;

/** A grant type whose grants the framework proves; past it, nothing is generic. */
export const provenHandler = <P extends object, T extends Presented | null, Q extends object>(runtime: FlowRuntime, { grantType, prove, context, lookUp, share }: ProvenGrantType<P, T, Q>, issueTokens?: IssueTokens<Q>): GrantHandler => {

    const turns = new Turns();
    const find = async (form: Form) => (lookUp === undefined ? null : await lookUp.find(lookUp.token(form)));
    return {
        flow: runtime.name,
        grantType: grantType.type,
        lookUp,
        handle: async (form, request, h, looked) => {

            const { client, presented: { method } } = await authenticateKnownFor(runtime, grantType.type, form, request);
            const parameters = grantType.read(form);
            const confirmation = await bindToken(runtime, request);
            const { shared } = runtime;
            const answer = async (hasWaited: boolean) => {

                let found = hasWaited || looked?.isOld === true ? await find(form) : looked?.found ?? null;
                return await contended(async () => {

                    const proof = await prove(parameters, {
                        store: shared.store, now: shared.clock(), clientId: client.id, method, confirmation, flow: runtime.name, client, form, found,
                        narrow: ({ resources, scopes }) => shared.resources.narrow({ audience: resources, scopes }, requestedResources(form), grantType.type === 'refresh_token' ? form.get('scope') : undefined, shared.issuer()),
                        report: reporter(request)
                    }, request, h);
                    if ('repeat' in proof) {
                        return proof.repeat;
                    }

                    const reply = await issue({ runtime, client, method, confirmation, proof, grantType: grantType.type }, request, (made) => answerOf(() => {

                        const own = context(proof, made);   // Also where nobody reads it: it refuses whom nobody may be
                        return issueTokens === undefined ? made.tokens.defaultResponse() : issueTokens(Object.assign({ grantType: grantType.type }, handlerUtilities(request, shared.clock), made.tokens, own), request, h);
                    }));
                    found = reply === null ? await find(form) : null;
                    return reply;
                }, mostTries);
            };

            const presented = grantType.once?.(parameters);
            const sharing = share && sharedReply({ clientId: client.id, method, confirmation, form, check: async () => await share(request, client.id) });
            return await (presented === undefined ? answer(false) : turns.take([client.id, ...presented], answer, sharing));
        }
    };
};

interface ProvenIssue {
    readonly runtime: FlowRuntime;
    readonly client: Client;
    readonly method: string;
    readonly confirmation: Confirmation | undefined;
    readonly proof: Proof<Presented | null>;
    readonly grantType: string;
}

type Handle = (made: Issuance) => Promise<unknown>;

/** Asks the project what to issue, and stores it in one call: the reply, or `null` if another request was faster. What fails leaves nothing behind. */
const issue = async ({ runtime, client, method, confirmation, proof, grantType }: ProvenIssue, request: Request, handle: Handle): Promise<Readonly<Record<string, unknown>> | null> => {

    const { shared, tokenType, openid } = runtime;
    try {
        const { scopes, accessTokenClaims, idTokenClaims: own } = await askOnTokens(shared, { grantType, client, proof }, request);
        const idTokenClaims = openid ? { ...await shared.openid.idTokenClaims(proof.grant, request), ...own } : own;
        const made = issuance({ runtime, client, method, confirmation, proof, scopes, accessTokenClaims, idTokenClaims });
        const reply = provenTokenReply(await handled(made, handle), tokenType.name);
        const whole = Object.assign({}, made.described(reply.access_token), reply);
        made.checkReply(whole);
        if (!await proof.settle(made.staged(whole))) {
            return null;
        }

        reporter(request)('issued', { grant_type: grantType, client_id: client.id, subject: proof.grant.subject, grant_id: proof.grant.id, scope: scopes.join(' '), issued: made.issued(), ...proof.exchange && { exchange_id: proof.exchange.record.id } });
        return whole;
    }
    catch (err) {
        await proof.abandon().catch(() => undefined);       // What went wrong first is what counts
        throw err;
    }
};

/** What the project answers; whatever it has begun to issue is done by then. */
const handled = async (made: Issuance, handle: Handle): Promise<unknown> => {

    try {
        return await handle(made);
    }
    finally {
        await made.close();
    }
};

const reporter = (request: Request): ProofRequest['report'] => (event, data) => {

    request.log(['oauth', event], data);
};
