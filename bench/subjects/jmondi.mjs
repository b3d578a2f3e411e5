// @jmondi/oauth2-server on Fastify, with its adapter for it. Its own JwtService signs with jsonwebtoken and HS256; for the same work as the others it
// is given one that signs ES256 with jose, through the interface that it has for that. Codes and refresh tokens are opaque, as they are elsewhere.
// It has no ID tokens, so its code exchange and refresh sign once where others sign twice, and no opaque access tokens.
//
// The repositories are Maps. Codes come from its own authorization endpoint's functions.

import { randomBytes } from 'node:crypto';

import formbody from '@fastify/formbody';
import { AuthorizationServer, DateInterval } from '@jmondi/oauth2-server';
import { handleFastifyError, handleFastifyReply, requestFromFastify } from '@jmondi/oauth2-server/fastify';
import fastify from 'fastify';
import { decodeJwt, generateKeyPair, jwtVerify, SignJWT } from 'jose';

import { algorithm, client, form, grantTypes, paths, pkce, resource, scope, subject, ttl } from '../settings.mjs';

export const title = '@jmondi/oauth2-server';
export const packages = ['@jmondi/oauth2-server', 'fastify', 'jose'];
export const hasIdToken = false;
export const scenarios = ['client-credentials-jwt', 'code-exchange', 'refresh', 'introspection'];
export const notes = {
    'code-exchange': 'no ID token', refresh: 'no ID token', introspection: 'JWT'
};

const random = () => randomBytes(32).toString('base64url');
const later = (seconds) => new Date(Date.now() + seconds * 1000);

const repositories = () => {

    const known = {
        id: client.id, name: client.id, secret: client.secret, redirectUris: [client.redirectUri], scopes: [{ name: scope }],
        allowedGrants: [grantTypes.clientCredentials, grantTypes.code, grantTypes.refresh]
    };
    const [access, refresh, codes] = [new Map(), new Map(), new Map()];
    return {
        client: {
            getByIdentifier: async (id) => (id === client.id ? known : null),
            isClientValid: async (grantType, { secret, allowedGrants }, presented) => secret === presented && allowedGrants.includes(grantType)
        },
        scope: {
            getAllByIdentifiers: async (names) => names.map((name) => ({ name })),
            finalize: async (scopes) => scopes
        },
        user: {
            getUserByCredentials: async (id) => ({ id })
        },
        token: {
            issueToken: async (issuedTo, scopes, user) => ({ accessToken: random(), accessTokenExpiresAt: later(ttl.accessToken), client: issuedTo, user, scopes }),
            issueRefreshToken: async (token) => {                   // Is not persisted afterwards by the library

                Object.assign(token, { refreshToken: random(), refreshTokenExpiresAt: later(ttl.refreshToken) });
                refresh.set(token.refreshToken, token);
                return token;
            },
            persist: async (token) => {

                access.set(token.accessToken, token);
            },
            revoke: async (token) => {

                access.delete(token.accessToken);
                refresh.delete(token.refreshToken);
            },
            isRefreshTokenRevoked: async ({ refreshToken }) => !refresh.has(refreshToken),
            getByRefreshToken: async (value) => refresh.get(value),
            getByAccessToken: async (value) => access.get(value)
        },
        code: {
            issueAuthCode: (issuedTo, user, scopes) => ({ code: random(), user, client: issuedTo, redirectUri: client.redirectUri, scopes, expiresAt: later(ttl.code) }),
            persist: async (code) => {

                codes.set(code.code, code);
            },
            getByIdentifier: async (code) => codes.get(code),
            isRevoked: async (code) => !codes.has(code),
            revoke: async (code) => {

                codes.delete(code);
            }
        }
    };
};

export const start = async () => {

    const { publicKey, privateKey } = await generateKeyPair(algorithm);
    const jwt = {
        sign: (payload) => new SignJWT(payload).setProtectedHeader({ alg: algorithm, typ: 'JWT' }).sign(privateKey),
        verify: async (token) => (await jwtVerify(token, publicKey, { algorithms: [algorithm] })).payload,
        decode: decodeJwt,
        extraTokenFields: () => ({ aud: resource })
    };
    const stored = repositories();
    const authorizationServer = new AuthorizationServer(stored.client, stored.token, stored.scope, jwt, { issuer: 'http://127.0.0.1', useOpaqueAuthorizationCodes: true, useOpaqueRefreshTokens: true });
    const lifetime = new DateInterval(`${ttl.accessToken}s`);
    authorizationServer.enableGrantTypes(
        [grantTypes.clientCredentials, lifetime], [grantTypes.refresh, lifetime], [{ grant: grantTypes.code, authCodeRepository: stored.code, userRepository: stored.user }, lifetime]
    );

    const app = fastify({ logger: false });
    await app.register(formbody);
    const route = (path, respond) => app.post(path, async (request, reply) => {

        try {
            handleFastifyReply(reply, await respond(requestFromFastify(request)));
        }
        catch (err) {
            handleFastifyError(err, reply);
        }

        return reply;
    });
    route(paths.token, (request) => authorizationServer.respondToAccessTokenRequest(request));
    route(paths.introspection, (request) => authorizationServer.introspect(request));
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address();

    const posted = async (parameters) => {

        const { payload } = await app.inject({ method: 'POST', url: paths.token, headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: form(parameters) });
        return JSON.parse(payload);
    };

    const code = async () => {

        const query = { response_type: 'code', client_id: client.id, redirect_uri: client.redirectUri, scope, state: 'state', code_challenge: pkce.challenge, code_challenge_method: 'S256' };
        const request = await authorizationServer.validateAuthorizationRequest({ query, body: {}, headers: {} });
        Object.assign(request, { user: { id: subject }, isAuthorizationApproved: true });
        const { headers: { location } } = await authorizationServer.completeAuthorizationRequest(request);
        return new URL(location).searchParams.get('code');
    };

    return {
        port,
        make: {
            code,
            refresh: async () => (await posted({ grant_type: grantTypes.code, code: await code(), redirect_uri: client.redirectUri, code_verifier: pkce.verifier })).refresh_token,
            token: async () => (await posted({ grant_type: grantTypes.clientCredentials, scope })).access_token
        }
    };
};
