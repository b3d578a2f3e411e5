import type { OAuth2Error } from '../error';
import { sameKey } from '../protocol/confirmation';
import type { Target } from '../protocol/resources';
import { openUnder, sealUnder } from '../protocol/seal';
import { readTokenValue, type TokenPlace } from '../protocol/token-value';
import { endExchange, exchangeIn, exchangeLives, heldGrant, type Exchange } from '../stores/exchange';
import { grantOf, type Grant, type Presented } from '../stores/grant';
import { endOfIdle, putOff } from '../stores/idle-life';
import type { FoundToken, GrantRecord, Store, StoredValue, TokenRecord } from '../stores/store';
import { Stored } from '../stores/stored';
import type { GrantType } from './grant-type';
import { invalidGrant, type Proof, type ProofRequest, type Staged } from './proof';

/** What a client sends to refresh (RFC 6749 §6). */
export interface RefreshTokenParameters {
    readonly refreshToken: string;
}

export const refreshToken: GrantType<RefreshTokenParameters, 'refresh_token'> = {
    type: 'refresh_token',
    read: (form) => ({ refreshToken: form.require('refresh_token') }),
    once: ({ refreshToken: token }) => [token]
};

const kind = 'refresh_token';

/** Whose refresh tokens are replaced when they are used: everyone's, or only those of clients that cannot authenticate. */
export type RefreshTokenRotation = 'always' | 'public';

/** What a refresh token is bound to. Times are milliseconds since the epoch. */
export interface RefreshBinding {
    readonly issuedAt: number;
    /** When the last token of the lineage expires, however often it is refreshed. */
    readonly absoluteExpiresAt: number;
    /** When the idle life ends with which a token that its client keeps is issued; left out for one that will be replaced. */
    readonly idleExpiresAt?: number | undefined;
    /** How the client authenticated when it was issued. */
    readonly method: string;
    /** What the request that got it proved possession of. */
    readonly confirmation: StoredValue | null;
    /** What a handler of the project has put there. */
    readonly data: StoredValue;
    /** The exchange it came from; without one it is the grant's own client's. */
    readonly exchange?: Exchange | undefined;
}

/**
 * The stored form of a refresh token. One that will be replaced expires when it has been idle for too long; one that the client keeps at the
 * end of its lineage, and says itself when it was idle for too long, which each use puts off.
 */
export const refreshRecord = ({ grantId, key }: { readonly grantId: string; readonly key: string }, binding: RefreshBinding, expiresAt: number): TokenRecord =>
    ({ kind, grantId, key, value: { ...binding }, expiresAt });

/** A refresh token that may be used, or the reply to one that was used a moment ago. */
export type RefreshProof = Proof<Presented<'refresh_token'>> | { readonly repeat: Readonly<Record<string, unknown>> };

/** Where a refresh token is, and what the store has there; `null` for a text that is none. */
export const findRefreshToken = async (store: Store, value: string): Promise<FoundToken | null> => {

    const address = readTokenValue(value);
    return address?.kind === kind ? await store.findToken(address) : null;
};

/** What a refresh needs beside what every proof needs. */
export interface RefreshRequest extends ProofRequest {
    /** What was found under the token: one read tells everything. */
    readonly found: FoundToken | null;
    /** How long a replaced token is answered again, in milliseconds. */
    readonly graceMs: number;
    /** How long a token that its client keeps may go without being used, in milliseconds. */
    readonly idleMs: number;
    readonly rotation: RefreshTokenRotation;
}

/**
 * Proves a refresh token (RFC 6749 §6, RFC 9700 §4.14).
 *
 * Nothing is used up yet: the replacement is written last, with what the handlers issued, in one step that only one of several requests
 * wins. The others, and a client that lost the reply, get the same reply again for a while. Whatever else comes with a replaced token
 * means that two hold it, and ends its grant. A token that its client keeps is not used up at all.
 */
export const proveRefreshToken = async ({ refreshToken: value }: RefreshTokenParameters, request: RefreshRequest): Promise<RefreshProof> => {

    const { found, store } = request;
    const address = readTokenValue(value);
    if (address === null || found === null || found.grant === null) {
        throw invalidGrant('refresh_token_unknown');
    }

    const binding = bindingOf(found.value);
    const grant = heldGrant(grantOf(found.grant), binding.exchange ?? null);
    if (binding.exchange !== undefined && !await exchangeLives(store, grant.id, binding.exchange)) {
        throw invalidGrant('exchange_ended');
    }

    const problem = misuse(grant, binding, found.used, request);
    if (found.used) {
        const isRepeat = problem === null && request.now < new Stored('refresh token', found.value).number('rotatedAt') + request.graceMs;
        if (!isRepeat) {
            throw await endReused(grant, binding, request);
        }

        return await repeat({ address, value, grant, expiresAt: endOf(found, found.grant), binding }, request);
    }

    if (problem !== null) {
        throw invalidGrant(problem);
    }

    const expiresAt = await endOfIdle(store, address.key, { value: found.value, expiresAt: endOf(found, found.grant) }, request.now);
    if (request.now >= expiresAt) {
        throw invalidGrant('refresh_token_idle');
    }

    const target = request.narrow(grant);
    const isKept = keeps(binding, found, request);
    return {
        ...proofOf({ address, value, grant, expiresAt, binding }, target, isKept),
        settle: async (staged) => {

            const successor = staged.tokens.find((token) => token.kind === kind);
            if (successor === undefined) {
                const used = isKept ? putOff(store, address.key, Math.min(request.now + request.idleMs, binding.absoluteExpiresAt)) : undefined;
                const [isAdded] = await Promise.all([addTokens(grant, staged, request), used]);
                return isAdded;
            }

            const isFirst = await store.rotate({
                token: address,
                version: found.version,
                value: Object.assign({}, found.value, { method: request.method, confirmation: request.confirmation ?? null, rotatedAt: request.now }),
                expiresAt: Math.max(found.expiresAt, request.now + request.graceMs),
                tokens: [...staged.tokens, ...request.graceMs === 0 ? [] : [replyRecord({ address, value, target, request, staged })]],
                grantExpiresAt: staged.expiresAt,
                usedAt: request.now
            }) === 'ok';
            if (isFirst) {
                request.report('rotated', { what: kind, grant_id: grant.id, client_id: grant.clientId, subject: grant.subject });
            }

            return isFirst;
        }
    };
};

interface PresentedRefreshToken {
    readonly address: TokenPlace;
    readonly value: string;
    readonly grant: Grant;
    /** When it ends if it is not used before, in milliseconds since the epoch. */
    readonly expiresAt: number;
    readonly binding: RefreshBinding;
}

/** Whether the client goes on with this token: it was issued to be kept, to a client that proved itself, as {@link misuse} has seen that it does now. */
const keeps = ({ method, absoluteExpiresAt }: RefreshBinding, { expiresAt }: FoundToken, request: RefreshRequest): boolean =>
    request.rotation === 'public' && method !== 'none' && expiresAt === absoluteExpiresAt;

const proofOf = ({ value, grant, expiresAt, binding }: PresentedRefreshToken, target: Target, isKept: boolean) => ({
    grant,
    presented: {
        type: kind, value, grant, subject: grant.subject, active: true,
        issuedAt: Math.floor(binding.issuedAt / 1000),
        expiresAt: Math.floor(expiresAt / 1000)
    },
    target,
    nonce: null,
    lineage: { absoluteExpiresAt: binding.absoluteExpiresAt, isKept, successor: null },
    ...binding.exchange && { exchange: { record: binding.exchange, endsAt: null, isRefreshable: true, issuedTokenType: null } },
    abandon: async () => {}
} as const);

const addTokens = async (grant: Grant, { tokens, expiresAt }: Staged, { store, now }: RefreshRequest): Promise<boolean> => {

    if (!await store.addTokens(grant.id, tokens, expiresAt, now)) {
        throw invalidGrant('grant_revoked');
    }

    return true;
};

/** When a token expires: with its grant at the latest. Milliseconds since the epoch. */
const endOf = ({ expiresAt }: FoundToken, grant: GrantRecord): number => Math.min(expiresAt, grant.expiresAt);

/**
 * Why this request may not use the token; `null` if it may. A public client's token is bound to the key it proved (RFC 9449 §5): another
 * client's is protected by its authentication, so that only a repeated request has to prove the same key, and no longer once it has none.
 */
const misuse = (grant: Grant, { method, confirmation }: RefreshBinding, isRepeated: boolean, request: RefreshRequest): string | null => {

    if (grant.clientId !== request.clientId || grant.flow !== request.flow) {
        return 'refresh_token_of_another_client';
    }

    if (method !== request.method && (isRepeated || request.method === 'none')) {
        return 'refresh_token_of_another_method';
    }

    return (!isRepeated && method !== 'none') || sameKey(confirmation, request.confirmation) ? null : 'refresh_token_of_another_key';
};

/** Two hold the token: what it came from ends, which of an exchange is not the grant of somebody else. */
const endReused = async (grant: Grant, { exchange }: RefreshBinding, { store, report }: RefreshRequest): Promise<OAuth2Error> => {

    await (exchange === undefined ? store.revokeGrant(grant.id) : endExchange(store, grant.id, exchange.id));
    report('reused', { what: 'refresh_token', grant_id: grant.id, client_id: grant.clientId, subject: grant.subject });
    return invalidGrant('refresh_token_reused');
};

/** The reply as it is kept for a repeated request: only the token that was presented opens it, and it is gone with the grace window. */
const replyRecord = ({ address, value, target, request, staged }: Pick<PresentedRefreshToken, 'address' | 'value'> & { readonly target: Target; readonly request: RefreshRequest; readonly staged: Staged }): TokenRecord => ({
    kind: replyKind,
    grantId: address.grantId,
    key: address.key,
    value: { sealed: sealUnder(value, replyKind, JSON.stringify({ reply: staged.reply, at: request.now, wish: wishOf(target) })) },
    expiresAt: request.now + request.graceMs
});

const replyKind = 'refresh_reply';

const wishOf = ({ audience, scopes }: Target): string => JSON.stringify([[...audience].sort(), [...scopes].sort()]);

/** Answers a repeated request: the same reply, or for another wish a new access token beside the same successor. */
const repeat = async (presented: PresentedRefreshToken, request: RefreshRequest): Promise<RefreshProof> => {

    const { address: { grantId, key }, value, grant } = presented;
    const { store, now } = request;
    const target = request.narrow(grant);
    const kept = await store.findToken({ kind: replyKind, grantId, key });
    const text = kept === null ? null : openUnder(value, replyKind, new Stored('reply', kept.value).text('sealed'));
    if (text === null) {
        throw invalidGrant('grace_window_over');
    }

    const stored = new Stored('reply', JSON.parse(text));
    const reply = stored.object('reply');
    const successor = new Stored('reply', reply).text('refresh_token');
    const next = await findRefreshToken(store, successor);
    if (next === null || next.used || next.grant === null) {
        throw invalidGrant('successor_used');
    }

    if (stored.text('wish') === wishOf(target)) {
        const { expires_in: expiresIn } = reply;
        const left = typeof expiresIn === 'number' ? { expires_in: Math.max(1, expiresIn - Math.floor(Math.max(0, now - stored.number('at')) / 1000)) } : {};
        return { repeat: { ...reply, ...left } };
    }

    const proof = proofOf(presented, target, false);
    return {
        ...proof,
        lineage: { ...proof.lineage, successor: { value: successor, expiresAt: endOf(next, next.grant) } },
        settle: async (staged) => await addTokens(grant, staged, request)
    };
};

const bindingOf = (value: StoredValue): RefreshBinding => {

    const stored = new Stored('refresh token', value);
    return {
        issuedAt: stored.number('issuedAt'),
        absoluteExpiresAt: stored.number('absoluteExpiresAt'),
        idleExpiresAt: stored.numberOrNull('idleExpiresAt') ?? undefined,
        method: stored.text('method'),
        confirmation: stored.objectOrNull('confirmation'),
        data: stored.object('data'),
        exchange: exchangeIn(value) ?? undefined
    };
};
