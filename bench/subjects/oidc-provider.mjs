// oidc-provider on its own Koa app, as `provider.callback()` gives it. Resource indicators are on, since its access tokens are JWTs only for a
// resource; the resource is the default one, so that requests look the same. Its rotation of refresh tokens is on.
//
// Its own memory adapter keeps the last one or two thousand records only, fewer than are made here before the clock starts: this one is a Map
// without a limit, which is no slower. It does not look at expiry: the library does that itself.
//
// Codes, refresh tokens and device codes are made with its own models, under grants of its own.

import { createServer } from 'node:http';

import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

import { algorithm, client, form, grantTypes, loginScope, paths, pkce, resource, scope, subject, ttl } from '../settings.mjs';

export const title = 'oidc-provider';
export const packages = ['oidc-provider'];
export const hasIdToken = true;
export const scenarios = ['client-credentials-jwt', 'client-credentials-opaque', 'code-exchange', 'refresh', 'introspection', 'device-polling'];

/** All models share one Map, as in its own adapter: what hangs on a grant is found by its id. */
const adapter = () => {

    const records = new Map();
    const indexes = new Map();
    const index = (name, key) => {

        indexes.set(name, key);
    };

    return class {

        constructor(model) {

            this.model = model;
        }

        async upsert(id, payload) {

            const key = `${this.model}:${id}`;
            records.set(key, payload);
            const { grantId, userCode, uid } = payload;
            if (grantId && this.model !== 'Grant') {
                const members = indexes.get(`grant:${grantId}`) ?? [];
                members.push(key);
                index(`grant:${grantId}`, members);
            }

            if (userCode) {
                index(`userCode:${userCode}`, key);
            }

            if (this.model === 'Session') {
                index(`uid:${uid}`, key);
            }
        }

        async find(id) {

            return records.get(`${this.model}:${id}`);
        }

        async findByUserCode(userCode) {

            return records.get(indexes.get(`userCode:${userCode}`));
        }

        async findByUid(uid) {

            return records.get(indexes.get(`uid:${uid}`));
        }

        async consume(id) {

            records.get(`${this.model}:${id}`).consumed = Math.floor(Date.now() / 1000);
        }

        async destroy(id) {

            records.delete(`${this.model}:${id}`);
        }

        async revokeByGrantId(grantId) {

            for (const key of indexes.get(`grant:${grantId}`) ?? []) {
                records.delete(key);
            }

            indexes.delete(`grant:${grantId}`);
        }
    };
};

export const start = async ({ format }) => {

    const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
    const http = createServer();
    await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
    const { port } = http.address();

    const provider = new Provider(`http://127.0.0.1:${port}`, {
        adapter: adapter(),
        jwks: { keys: [{ ...await exportJWK(privateKey), use: 'sig', alg: algorithm }] },
        cookies: { keys: ['a-secret-for-benchmarks-of-more-than-32-characters'] },
        clients: [{
            client_id: client.id, client_secret: client.secret, token_endpoint_auth_method: 'client_secret_post', redirect_uris: [client.redirectUri],
            grant_types: Object.values(grantTypes), response_types: ['code'], id_token_signed_response_alg: algorithm
        }],
        scopes: ['openid', 'offline_access', scope],
        routes: { token: paths.token, introspection: paths.introspection },
        findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
        rotateRefreshToken: true,
        ttl: { AccessToken: ttl.accessToken, ClientCredentials: ttl.accessToken, AuthorizationCode: ttl.code, DeviceCode: ttl.deviceCode, Grant: 90 * 86_400, IdToken: ttl.idToken, RefreshToken: ttl.refreshToken },
        features: {
            clientCredentials: { enabled: true },
            deviceFlow: { enabled: true },
            devInteractions: { enabled: false },
            introspection: { enabled: true },
            resourceIndicators: {
                enabled: true,
                defaultResource: () => resource,
                useGrantedResource: () => true,
                getResourceServerInfo: () => ({
                    scope, audience: resource, accessTokenTTL: ttl.accessToken, accessTokenFormat: format,
                    ...format === 'jwt' ? { jwt: { sign: { alg: algorithm } } } : {}
                })
            }
        }
    });
    http.on('request', provider.callback());

    const known = await provider.Client.find(client.id);
    const grant = async () => {

        const opened = new provider.Grant({ accountId: subject, clientId: client.id });
        opened.addOIDCScope('openid offline_access');
        opened.addResourceScope(resource, scope);
        return await opened.save(90 * 86_400);
    };

    const of = async () => ({ client: known, accountId: subject, grantId: await grant(), scope: loginScope, resource, authTime: Math.floor(Date.now() / 1000), gty: grantTypes.code });
    const posted = async (parameters) => {

        const response = await fetch(`http://127.0.0.1:${port}${paths.token}`, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: form(parameters) });
        return await response.json();
    };

    return {
        port,
        make: {
            code: async () => await new provider.AuthorizationCode({ ...await of(), redirectUri: client.redirectUri, codeChallenge: pkce.challenge, codeChallengeMethod: 'S256' }).save(),
            refresh: async () => await new provider.RefreshToken({ ...await of(), rotations: 0 }).save(),
            token: async () => (await posted({ grant_type: grantTypes.clientCredentials, scope })).access_token,
            device: async () => await new provider.DeviceCode({ client: known, params: { client_id: client.id, scope }, userCode: Math.random().toString(36).slice(2, 10).toUpperCase(), deviceInfo: {} }).save()
        }
    };
};
