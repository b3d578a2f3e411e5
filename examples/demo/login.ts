import { OAuth2Error, OAuth2TokenResponse, OIDCAuthorizationCodeBuilder, type UnprovenTokenContext } from 'hapi-oauth2-flows';

import { allowedScope, checkResource, isRedirectUriOf, provenClient, userScopes, type DemoClient } from './clients';
import type { Demo } from './demo';
import { OneTimeCodes, randomValue, type DemoGrant } from './grants';
import { checkPassword } from './users';

/** What a code stands for. */
interface Code {
    readonly grant: DemoGrant;
    readonly redirectUri: string;
    readonly codeChallenge: string | undefined;
    readonly nonce: string | undefined;
}

/** What a refresh token stands for, and what it was exchanged for: a reply for each scope that was asked for. */
interface RefreshToken {
    readonly grant: DemoGrant;
    exchanged?: { readonly at: number; readonly successor: string | undefined; readonly replies: Map<string, Promise<Reply>> };
}

/** A reply that may be asked for again. */
interface Reply {
    readonly at: number;
    readonly response: OAuth2TokenResponse;
    readonly expiresIn: number;
}

/** How long a reply that got lost can be asked for again. */
const graceMs = 10_000;

const invalidGrant = (): OAuth2Error => new OAuth2Error('invalid_grant', 'The code or token is unknown, used, expired or not yours');

/** A person signs in and lets a client act for them. */
export const loginFlow = ({ clients, grants, clock, issuer }: Demo) => {

    const codes = new OneTimeCodes<Code>(clock);
    const refreshTokens = new OneTimeCodes<RefreshToken>(clock);

    const newRefreshToken = (grant: DemoGrant): string | undefined => {

        const granted = grant.scope.split(' ');
        const isRefreshable = clients.get(grant.clientId)?.grant_types.includes('refresh_token') && (!granted.includes('openid') || granted.includes('offline_access'));
        if (!isRefreshable) {
            return undefined;
        }

        const value = randomValue();
        refreshTokens.add(value, { grant }, 14 * 24 * 60 * 60);
        return value;
    };

    const respond = async (ctx: UnprovenTokenContext, grant: DemoGrant, scope: string, refreshToken: string | undefined, nonce?: string): Promise<Reply> => {

        const at = clock();
        const { token, expiresIn } = await ctx.createJwtAccessToken({ sub: grant.subject, scope, demo_grant: grant.id });
        const response = new OAuth2TokenResponse({ access_token: token }).setTokenType(ctx.tokenType).setExpiresIn(expiresIn).setScope(scope).setRefreshToken(refreshToken);
        if (scope.split(' ').includes('openid')) {
            const idToken = await ctx.createIdToken({ sub: grant.subject, nonce, auth_time: grant.authTime, acr: 'urn:hapi-oauth2:acr:password', amr: ['pwd'], access_token: token });
            response.setIdToken(idToken.token);
        }

        return { at, response, expiresIn };
    };

    const checkRedirect = (clientId: string, redirectUri: string): DemoClient => {

        const client = clients.get(clientId);
        if (client === undefined || !isRedirectUriOf(client, redirectUri)) {
            throw new OAuth2Error('invalid_request', 'The client or its redirect_uri is not known here');
        }

        return client;
    };

    return OIDCAuthorizationCodeBuilder
        .create()
        .setDescription('People who sign in')
        .setTokenTTL(3600)
        .addClientAuthenticationMethod('client_secret_basic')
        .addClientAuthenticationMethod('client_secret_post')
        .addClientAuthenticationMethod('none')
        .setScopes(userScopes)
        .authorizationRoute((route) => route.setGETResponseRenderer(({ clientId, redirectUri }, _request, h) => {

            checkRedirect(clientId, redirectUri);               // Before anybody types a password
            return h.continue;
        }).generateCode(({ clientId, redirectUri, scope, nonce, codeChallenge, resource, username, password }) => {

            const client = checkRedirect(clientId, redirectUri);
            checkResource(issuer(), resource);
            const granted = allowedScope(client, scope);
            const subject = checkPassword(username, password);
            if (subject === null) {
                return null;
            }

            const value = randomValue();
            const grant = grants.add({ clientId, subject, scope: granted, authTime: Math.floor(clock() / 1000) });
            codes.add(value, { grant, redirectUri, codeChallenge, nonce }, 60);
            return { type: 'code', value };
        }))
        .tokenRoute((route) => route.generateToken(async (ctx) => {

            const client = provenClient(clients, ctx);
            checkResource(issuer(), ctx.resource);
            const code = codes.find(ctx.code, true);
            if (code?.data.grant.clientId !== client.client_id || (ctx.redirectUri ?? code.data.redirectUri) !== code.data.redirectUri || !ctx.verifyCodeVerifier(ctx.codeVerifier, code.data.codeChallenge)) {
                throw invalidGrant();
            }

            if (code.used) {
                grants.revoke(code.data.grant);                 // Two know the code: neither keeps what it got (OAuth 2.1 §4.1.3)
                throw invalidGrant();
            }

            if (codes.isExpired(code)) {
                throw invalidGrant();
            }

            code.used = true;
            const { grant, nonce } = code.data;
            return (await respond(ctx, grant, grant.scope, newRefreshToken(grant), nonce)).response;
        }))
        .refreshTokenRoute((route) => route.generateToken(async (ctx) => {

            const client = provenClient(clients, ctx);
            checkResource(issuer(), ctx.resource);
            const found = refreshTokens.find(ctx.refreshToken);
            if (found?.data.grant.clientId !== client.client_id || !grants.isLive(found.data.grant.id)) {
                throw invalidGrant();
            }

            const { data } = found;
            const scope = ctx.scope ?? data.grant.scope;
            if (!scope.split(' ').every((name) => data.grant.scope.split(' ').includes(name))) {
                throw new OAuth2Error('invalid_scope', 'A refresh cannot widen the scope');
            }

            if (data.exchanged !== undefined && clock() >= data.exchanged.at + graceMs) {
                grants.revoke(data.grant);
                throw invalidGrant();
            }

            // A double click or a lost reply: the same again, unless the client shows that it got it by using what was in it
            const exchanged = data.exchanged ??= { at: clock(), successor: newRefreshToken(data.grant), replies: new Map() };
            found.used = true;
            if (refreshTokens.find(exchanged.successor ?? '')?.used) {
                throw invalidGrant();
            }

            const reply = exchanged.replies.get(scope) ?? respond(ctx, data.grant, scope, exchanged.successor);
            exchanged.replies.set(scope, reply);                // Before anything is awaited
            const { at, response, expiresIn } = await reply;
            return { ...response.toJSON(), expires_in: expiresIn - Math.floor((clock() - at) / 1000) };
        }))
        .validate((_request, { jwtAccessTokenPayload }) => ({ isValid: grants.isLive(jwtAccessTokenPayload?.demo_grant) }));
};
