// @node-oauth/oauth2-server on plain node:http, which costs less than any framework: it has wrappers for Express and Koa only. Everything that is kept is
// in Maps, through the model that it asks for. It makes opaque access tokens by itself; for JWTs the model's `generateAccessToken` signs with jose,
// as its documentation says. It has no ID tokens and no introspection.

import { createServer } from 'node:http';

import OAuth2Server from '@node-oauth/oauth2-server';
import { generateKeyPair, SignJWT } from 'jose';

import { algorithm, client, grantTypes, pkce, resource, scope, subject, ttl } from '../settings.mjs';

export const title = '@node-oauth/oauth2-server';
export const packages = ['@node-oauth/oauth2-server', 'jose'];
export const hasIdToken = false;
export const scenarios = ['client-credentials-jwt', 'client-credentials-opaque', 'code-exchange', 'refresh'];
export const notes = { 'code-exchange': 'no ID token', refresh: 'no ID token' };

const later = (seconds) => new Date(Date.now() + seconds * 1000);

const model = (privateKey, format) => {

    const known = { id: client.id, secret: client.secret, redirectUris: [client.redirectUri], grants: [grantTypes.clientCredentials, grantTypes.code, grantTypes.refresh] };
    const [access, refresh, codes] = [new Map(), new Map(), new Map()];
    let count = 0;
    const made = {
        codes,
        getClient: async (id, secret) => (id === known.id && (secret === null || secret === known.secret) ? known : null),
        getUserFromClient: async () => ({ id: client.id }),
        validateScope: async (_user, _client, scopes) => (scopes.every((name) => name === scope) ? scopes : false),
        saveToken: async (token, issuedTo, user) => {

            const saved = { ...token, client: issuedTo, user };
            access.set(token.accessToken, saved);
            if (token.refreshToken) {
                refresh.set(token.refreshToken, saved);
            }

            return saved;
        },
        getAccessToken: async (value) => access.get(value),
        getRefreshToken: async (value) => refresh.get(value),
        revokeToken: async ({ refreshToken }) => refresh.delete(refreshToken),
        saveAuthorizationCode: async (code, issuedTo, user) => {

            const saved = { ...code, client: issuedTo, user };
            codes.set(code.authorizationCode, saved);
            return saved;
        },
        getAuthorizationCode: async (value) => codes.get(value),
        revokeAuthorizationCode: async ({ authorizationCode }) => codes.delete(authorizationCode)
    };
    if (format === 'jwt') {
        made.generateAccessToken = ({ id }, user, scopes) => new SignJWT({ client_id: id, scope: scopes.join(' ') })
            .setProtectedHeader({ alg: algorithm, typ: 'at+jwt' })
            .setIssuer('http://127.0.0.1').setAudience(resource).setSubject(user.id).setJti(String(++count)).setIssuedAt().setExpirationTime(`${ttl.accessToken}s`)
            .sign(privateKey);
    }

    return { made, known };
};

export const start = async ({ format }) => {

    const { privateKey } = await generateKeyPair(algorithm);
    const { made, known } = model(privateKey, format);
    const oauth = new OAuth2Server({ model: made, accessTokenLifetime: ttl.accessToken, refreshTokenLifetime: ttl.refreshToken, authorizationCodeLifetime: ttl.code });

    const respond = async ({ method, headers }, payload) => {

        const response = new OAuth2Server.Response();
        await oauth.token(new OAuth2Server.Request({ method, headers, query: {}, body: Object.fromEntries(new URLSearchParams(payload)) }), response).catch(() => undefined);
        return response;
    };

    const http = createServer((request, reply) => {

        const chunks = [];
        request.on('data', (chunk) => chunks.push(chunk)).on('end', async () => {

            const { status, headers, body } = await respond(request, Buffer.concat(chunks).toString());
            const text = JSON.stringify(body);
            reply.writeHead(status, { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text);
        });
    });
    await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));

    let count = 0;
    const code = async () => {

        const value = `code-${++count}-of-a-user-who-has-agreed`;
        await made.saveAuthorizationCode({ authorizationCode: value, expiresAt: later(ttl.code), redirectUri: client.redirectUri, scope: [scope], codeChallenge: pkce.challenge, codeChallengeMethod: 'S256' }, known, { id: subject });
        return value;
    };

    return {
        port: http.address().port,
        make: {
            code,
            refresh: async () => {

                const value = `refresh-${++count}-of-a-user-who-has-agreed`;
                await made.saveToken({ accessToken: `access-${count}`, accessTokenExpiresAt: later(ttl.accessToken), refreshToken: value, refreshTokenExpiresAt: later(ttl.refreshToken), scope: [scope] }, known, { id: subject });
                return value;
            }
        }
    };
};
