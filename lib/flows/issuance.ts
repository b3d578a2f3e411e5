import { isDeepStrictEqual } from 'node:util';

import type { Client } from '../clients/client';
import { mayUse } from '../clients/record';
import type { Proof, ProvenExchange, Staged } from '../grant-types/proof';
import { refreshRecord } from '../grant-types/refresh-token';
import { protocolClaims } from '../protocol/protocol-claims';
import { assertScopeLeft, formatScope, parseScope } from '../protocol/scope';
import { newToken, type TokenKind } from '../protocol/token-value';
import type { Presented } from '../stores/grant';
import type { TokenRecord } from '../stores/store';
import { accessTokenPayload, signAccessToken } from '../tokens/access-token';
import { signIdToken } from '../tokens/id-token';
import type { TokenResponse } from '../tokens/response';
import type { Confirmation } from '../tokens/token-type';
import { clientLifetimes } from './client-lifetimes';
import { Issuers } from './issuer';
import type { AccessTokenData, IdTokenData, RefreshTokenData } from './proven-context';
import type { FlowRuntime } from './runtime';

/** What is issued from. */
export interface IssuanceOptions {
    readonly runtime: FlowRuntime;
    readonly client: Client;
    /** The registered name of the method by which the client authenticated. */
    readonly method: string;
    readonly confirmation: Confirmation | undefined;
    readonly proof: Proof<Presented | null>;
    /** The scopes of the access token: those that were proven, or fewer. */
    readonly scopes: readonly string[];
    /** Claims that the project adds to every token. */
    readonly accessTokenClaims: Readonly<Record<string, unknown>>;
    readonly idTokenClaims: Readonly<Record<string, unknown>>;
}

/** Issues the tokens of one proven request: serialises them, and stages what has to be stored. Nothing is stored here. */
export const issuance = ({ runtime, client, method, confirmation, proof, scopes, accessTokenClaims, idTokenClaims }: IssuanceOptions) => {

    const { shared, name: flow, tokenType } = runtime;
    const { grant, target, nonce, lineage, exchange } = proof;
    const now = shared.clock();
    const seconds = secondsOf(now);
    const lifetimes = clientLifetimes(runtime, client);
    const ttl = Math.min(lifetimes.ttl, (exchange?.endsAt ?? Infinity) - seconds);
    const staged: TokenRecord[] = [];
    const issued = new Set<'access_token' | 'refresh_token' | 'id_token'>();
    const issuers = new Issuers();
    const accessTokens = new Map<unknown, Pick<AccessTokenData, 'exp' | 'scope'>>();
    const idTokens = new Map<unknown, string | undefined>();        // Each with the access token that it speaks of
    let refreshToken: string | undefined;
    let latestScope: string | undefined;

    const user = grant.subject === null ? null : shared.openid.subjectOf(client, grant.subject);
    const subject = user ?? client.id;
    const lineageBegins = exchange === undefined ? now : grant.createdAt * 1000;            // Who exchanges again and again gets no more time
    const absoluteExpiresAt = lineage?.absoluteExpiresAt ?? lineageBegins + lifetimes.absolute * 1000;
    const idleExpiresAt = Math.min(now + lifetimes.idle * 1000, absoluteExpiresAt);
    const isKept = lineage?.isKept ?? false;
    let latest = isKept ? idleExpiresAt : now;              // A token that is kept lives on with its grant
    const isRefreshable = !isKept && runtime.isRefreshable && proof.refreshable !== false && mayUse(client, 'refresh_token') && (exchange?.isRefreshable ?? (!grant.scopes.includes('openid') || grant.scopes.includes('offline_access')));

    const stage = (kind: TokenKind, record: (address: { readonly grantId: string; readonly key: string }) => TokenRecord): string => {

        const { value, place } = newToken(kind, grant.id);
        staged.push(record(place));
        return value;
    };

    const checkAccessToken = ({ sub, client_id: clientId, scope, aud, exp }: AccessTokenData): void => {

        const left = parseScope(scope);
        const audience = [aud].flat();
        const problem = [
            sub !== subject && 'sub',
            clientId !== client.id && 'client_id',
            !left.every((wanted) => scopes.includes(wanted)) && 'scope',
            !(audience.length > 0 && audience.every((uri) => target.audience.includes(uri))) && 'aud',
            !isTime(exp, seconds, ttl) && 'exp'
        ].find((wrong) => wrong !== false);
        if (problem !== undefined) {
            throw new Error(`A token handler changed the ${problem} of an access token to what was not proven: scope and aud may be narrowed, exp, in seconds since the epoch, may come earlier than setTokenTTL() or the token that was exchanged says, sub and client_id stay`);
        }

        assertScopeLeft(left, scopes);
    };

    const accessToken = issuers.issuing<AccessTokenData, string>(async (data) => {

        checkAccessToken(data);
        latestScope = data.scope;
        const { exp, aud } = data;
        const issue = { issuer: shared.issuer(), clientId: client.id, flow, alg: runtime.accessTokenAlgorithm, ttl: exp - seconds, now, confirmation, grantId: grant.id, exchangeId: exchange?.record.id };
        const own = { sub: data.sub, scope: data.scope, aud, ...withoutProtocolClaims(data), ...actorsOf(exchange) };
        const format = shared.resources.formatOf([aud].flat()) ?? runtime.accessTokenFormat;
        const token = format === 'jwt' ?
            (await signAccessToken(shared.keys, issue, own)).token :
            stage('access_token', ({ grantId, key }) => ({ kind: 'access_token', grantId, key, value: { ...accessTokenPayload(issue, own) }, expiresAt: exp * 1000 }));
        latest = Math.max(latest, exp * 1000);
        accessTokens.set(token, { exp, scope: data.scope });
        issued.add('access_token');
        return token;
    });

    const getDefaultAccessTokenData = (): AccessTokenData => {

        const [only = '', ...others] = target.audience;
        return {
            sub: subject,
            client_id: client.id,
            aud: others.length === 0 ? only : [...target.audience],
            scope: formatScope(scopes) ?? '',
            exp: seconds + ttl,
            ...withoutProtocolClaims(accessTokenClaims)
        };
    };

    const lineageTokens = issuers.issuing<RefreshTokenData, string>(async (data) => {

        if (refreshToken !== undefined) {
            throw new Error('A token handler issued two refresh tokens for one request: one grant has one lineage');
        }

        if (proof.refreshable === false) {
            throw new Error('A token handler issued a refresh token that was not granted: issue what getDefaultRefreshTokenData() answers, which is null then');
        }

        if (exchange?.isRefreshable === false) {
            throw new Error('A token handler issued a refresh token that the policy of the exchange did not allow: answer { refreshToken: true } in setPolicy(), or issue none');
        }

        const { exp, ...members } = data;
        if (!isTime(exp, seconds, lifetimes.absolute)) {
            throw new Error('A token handler gave a refresh token an exp that is no time to come: give seconds since the epoch, no later than setRefreshTokenTTL() allows');
        }

        const successor = lineage?.successor ?? null;
        const expiresAt = Math.min(successor?.expiresAt ?? exp * 1000, absoluteExpiresAt);
        latest = Math.max(latest, expiresAt);
        issued.add('refresh_token');
        const willBeKept = runtime.refresh.rotation === 'public' && method !== 'none' && exp === secondsOf(idleExpiresAt);
        const binding = { issuedAt: now, absoluteExpiresAt, ...willBeKept && { idleExpiresAt }, method, confirmation: confirmation ?? null, data: members, ...exchange && { exchange: exchange.record } };
        refreshToken = successor?.value ?? stage('refresh_token', (address) => refreshRecord(address, binding, willBeKept ? absoluteExpiresAt : expiresAt));
        return refreshToken;
    });

    const getDefaultRefreshTokenData = (): RefreshTokenData | null =>
        (isRefreshable ? { exp: secondsOf(idleExpiresAt) } : null);

    /** What an ID token says of the sign-in: what a handler does to its grant changes nothing of it. */
    const proven = {
        nonce: nonce ?? undefined,
        auth_time: grant.authTime ?? undefined,
        acr: grant.acr ?? undefined,
        amr: grant.amr.length === 0 ? undefined : [...grant.amr],
        sid: grant.sid ?? undefined,
        azp: undefined
    };

    const checkIdToken = (data: IdTokenData): void => {

        if (getDefaultIdTokenData() === null) {
            throw new Error('A token handler issued an ID token that was not granted: issue what getDefaultIdTokenData() answers, which is null without the scope openid');
        }

        const changed = Object.entries({ ...proven, sub: user }).find(([name, value]) => isChanged(data[name], value))?.[0];
        if (changed !== undefined || !isTime(data.exp, seconds, lifetimes.idTokenTtl)) {
            throw new Error(`A token handler changed the ${changed ?? 'exp'} of an ID token to what was not proven: nonce, auth_time, acr, amr, sid, azp and sub stay, exp, in seconds since the epoch, may come earlier`);
        }
    };

    const idToken = issuers.issuing<IdTokenData, string>(async (data) => {

        checkIdToken(data);
        const { exp, aud: _aud, ...claims } = data;
        const alg = client.metadata.id_token_signed_response_alg ?? runtime.idTokenAlgorithm;
        const beside = await accessToken.latest();
        shared.keys.use('id_token', alg);
        const { token } = await signIdToken(shared.keys, { issuer: shared.issuer(), clientId: client.id, alg, ttl: exp - seconds, now }, Object.assign({}, claims, { access_token: beside }));
        latest = Math.max(latest, exp * 1000);
        idTokens.set(token, beside);
        issued.add('id_token');
        return token;
    });

    const getDefaultIdTokenData = (): IdTokenData | null => (user !== null && runtime.openid && scopes.includes('openid') && (latestScope === undefined || parseScope(latestScope).includes('openid')) ? {
        sub: user,
        aud: client.id,
        exp: seconds + lifetimes.idTokenTtl,
        ...withoutProtocolClaims(idTokenClaims),
        ...proven,
        amr: proven.amr && [...proven.amr]
    } : null);

    const defaultResponse = async (): Promise<TokenResponse> => {

        const token = await accessToken.issued(getDefaultAccessTokenData());
        return {
            access_token: token,
            refresh_token: await lineageTokens.issued(getDefaultRefreshTokenData()),
            id_token: await idToken.issued(getDefaultIdTokenData()),
            ...described(token)
        };
    };

    /** What RFC 6749 §5.1 and RFC 8693 §2.2.1 want said about an access token. */
    const described = (token: unknown) => {

        const data = accessTokens.get(token);
        const exchanged = typeof exchange?.issuedTokenType === 'string' ? { issued_token_type: exchange.issuedTokenType } : {};
        return data === undefined ? exchanged : { token_type: tokenType.name, expires_in: data.exp - seconds, scope: formatScope(data.scope), ...exchanged };
    };

    const checkReply = ({ access_token: access, refresh_token: refresh, id_token: identity }: Readonly<Record<string, unknown>>): void => {

        if (refreshToken !== undefined && refresh !== refreshToken) {           // The old one dies with the reply: without the new one the client would be locked out
            throw new Error('A token handler issued a refresh token and did not return it: return { refresh_token: await refreshTokenIssuer.issue(...) }, or issue none');
        }

        const spokenOf = idTokens.get(identity);
        if (spokenOf !== undefined && spokenOf !== access) {
            throw new Error('A token handler returned an ID token whose at_hash is of another access token than the one beside it: issue the access token first, then call defaultResponse(), which takes it and makes an ID token for it');
        }

        const scope = accessTokens.get(access)?.scope;
        if (idTokens.has(identity) && scope !== undefined && !parseScope(scope).includes('openid')) {
            throw new Error('A token handler returned an ID token beside an access token without the scope openid: issue the access token first, then getDefaultIdTokenData() answers null');
        }
    };

    return {
        checkReply,
        tokens: {
            grant, client,
            scopes: [...scopes],                                // A copy: what a handler does to it widens nothing
            resources: [...target.audience],
            getDefaultAccessTokenData, defaultResponse,
            accessTokenIssuer: accessToken.issuer
        },
        refreshTokens: { getDefaultRefreshTokenData, refreshTokenIssuer: lineageTokens.issuer },
        idTokens: { getDefaultIdTokenData, idTokenIssuer: idToken.issuer },
        described,
        close: async () => await issuers.close(),
        issued: () => [...issued],
        staged: (reply: Readonly<Record<string, unknown>>): Staged => ({ tokens: staged, expiresAt: latest, reply })
    };
};

/** What {@link issuance} makes. */
export type Issuance = ReturnType<typeof issuance>;

const secondsOf = (milliseconds: number): number => Math.floor(milliseconds / 1000);

const isChanged = (given: unknown, meant: unknown): boolean => given !== meant && !isDeepStrictEqual(given, meant);

/** Never later than configured: the keys that verify a token are published for so long and no longer. All in seconds. */
const isTime = (exp: number, now: number, longest: number): boolean => Number.isSafeInteger(exp) && exp > now && exp <= now + longest;

/** Who acts, and whom the exchange lets act next: nobody else writes the chain, nor lifts the restriction (RFC 8693 §4.1, §4.4). */
const actorsOf = (exchange: ProvenExchange | undefined): object => {

    const { act = null, mayAct = null } = exchange?.record ?? {};
    return { ...act && { act }, ...mayAct && { may_act: mayAct } };
};

const withoutProtocolClaims = (claims: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {

    const own = Object.keys(claims).filter((name) => !protocolClaims.includes(name));
    return own.length === 0 ? {} : Object.fromEntries(own.map((name) => [name, claims[name]]));
};
