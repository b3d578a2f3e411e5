import type { Request, ResponseToolkit } from '@hapi/hapi';

import { handlerUtilities } from '../authorization-server/handler-utilities';
import type { AuthorizedRequest } from '../endpoints/authorization-steps';
import { OAuth2Error, answerOf, refusalIn } from '../error';
import { codeRecord } from '../grant-types/authorization-code';
import { assertScopeLeft } from '../protocol/scope';
import { newGrantId, newToken, readTokenValue } from '../protocol/token-value';
import { grantRecord, type Grant } from '../stores/grant';
import type { Store, TokenRecord } from '../stores/store';
import { Issuers } from './issuer';
import type { CodeData, GrantData, IssueCode, ProvenCodeContext } from './proven-context';
import type { FlowRuntime } from './runtime';

/** Lifetime of an authorization code in seconds: the most that RFC 6749 §4.1.2 and FAPI recommend agree on. */
const codeLifetime = 60;

/** A handler that makes a code for a user who has agreed. */
export type IssueAuthorizationCode = IssueCode<ProvenCodeContext, { readonly code: string }>;

/** Opens a grant with its code: what the handler makes of them is stored in one call once it has returned, and nothing if it failed. */
export const provenCode = (runtime: FlowRuntime, issueCode: IssueAuthorizationCode = (ctx) => ctx.defaultResponse()) => async (authorized: AuthorizedRequest, request: Request, h: ResponseToolkit): Promise<string> => {

    const { shared, name: flow } = runtime;
    const { client, authorization, redirectUriNamed, target, parameters, subject, acr, amr, authTime, session } = authorized;
    shared.openid.assertMet(authorization.claims, { client, subject, acr });
    const claims = shared.openid.allowed(authorization.claims, { client, scopes: target.scopes, known: runtime.knownScopes });
    const now = shared.clock();
    const seconds = Math.floor(now / 1000);
    let grant: Grant = {
        id: newGrantId(), clientId: client.id, subject, scopes: target.scopes, resources: target.audience,
        authTime, acr, amr, claims, flow, createdAt: seconds, sessionId: session.id, sid: session.sid, data: {}
    };
    let issued: { readonly value: string; readonly record: TokenRecord } | undefined;

    const issuers = new Issuers();
    const { issuer: grantIssuer } = issuers.issuing<GrantData, Grant>(async ({ scopes, resources, ...data }) => {

        if (!scopes.every((scope) => target.scopes.includes(scope)) || !resources.every((uri) => target.audience.includes(uri)) || issued !== undefined) {
            throw new Error('issueCode() widened what was agreed to, or issued the grant after its code: scopes and resources may be narrowed, and the grant comes first');
        }

        assertScopeLeft(scopes, target.scopes);
        grant = { ...grant, scopes: [...scopes], resources: [...resources], claims: shared.openid.narrowed(claims, scopes, target.scopes), data };
        return grant;
    });

    const { issuer: authorizationCodeIssuer, ...authorizationCode } = issuers.issuing<CodeData, string>(async ({ exp, ...data }) => {

        const { value, place } = newToken('authorization_code', grant.id);
        if (issued !== undefined || !(Number.isSafeInteger(exp) && exp > seconds && exp <= seconds + codeLifetime)) {
            throw new Error(`issueCode() issued two codes, or one whose exp is not within ${codeLifetime} seconds: give seconds since the epoch`);
        }

        const record = codeRecord(place, {
            issuedAt: now,
            expiresAt: exp * 1000,
            redirectUri: authorization.redirectUri,
            redirectUriNamed,
            codeChallenge: authorization.codeChallenge ?? null,
            nonce: authorization.nonce ?? null,
            data
        });
        issued = { value, record };
        return value;
    });

    const getDefaultGrantData = (): GrantData => ({ scopes: [...target.scopes], resources: [...target.audience] });
    const getDefaultAuthorizationCodeData = (): CodeData => ({ exp: seconds + codeLifetime });
    const result: unknown = await answerOf(() => issueCode({
        ...handlerUtilities(request, shared.clock),
        client, subject, getDefaultGrantData, grantIssuer, getDefaultAuthorizationCodeData, authorizationCodeIssuer,
        parameters: { ...parameters },
        scopes: [...target.scopes],                         // A copy: what a handler does to it widens nothing
        resources: [...target.audience],
        defaultResponse: async () => ({ code: await authorizationCode.issued(getDefaultAuthorizationCodeData()) })
    }, request, h)).finally(() => issuers.close());

    const refusal = refusalIn(result);
    if (refusal !== null) {
        throw refusal;
    }

    if (issued === undefined || typeof result !== 'object' || result === null || !('code' in result) || result.code !== issued.value || !await shared.store.openGrant(grantRecord(grant, issued.record.expiresAt), [issued.record])) {
        throw unusable();
    }

    request.log(['oauth', 'issued'], { client_id: client.id, subject, grant_id: grant.id, scope: grant.scopes.join(' '), issued: ['authorization_code'] });
    return issued.value;
};

/** Ends the grant of a code that reaches nobody. */
export const endCode = async (store: Store, code: string): Promise<void> => {

    const place = readTokenValue(code);
    if (place !== null) {
        await store.revokeGrant(place.grantId);
    }
};

const unusable = (): OAuth2Error => new OAuth2Error('server_error', undefined, {
    reason: 'handler_returned_nonsense',
    cause: new Error('issueCode() returned no code that it issued: return { code: await authorizationCodeIssuer.issue(getDefaultAuthorizationCodeData()) }, await defaultResponse(), or { error }')
});
