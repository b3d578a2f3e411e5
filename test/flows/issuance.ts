import { createHash } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { epoch } from '../fixture/clock';
import { claimsOf } from '../fixture/jwt';
import { proving, type Opening } from '../fixture/level-2';
import { OAuth2AuthorizationCodeBuilder, OAuth2ClientCredentialsBuilder, OIDCAuthorizationCodeBuilder, type AccessTokenData, type ClientProof, type IdTokenData, type IssueTokens, type RefreshTokenData } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const now = epoch / 1000;
const machines = () => OAuth2ClientCredentialsBuilder.create();
const people = () => OIDCAuthorizationCodeBuilder.create();

/** What a machine gets if a handler changes the data of its access token. */
const changed = async (change: (data: AccessTokenData) => unknown, configure: Parameters<typeof proving>[1] = () => undefined) => {

    const flow = machines().tokenRoute((route) => route.issueTokens(async ({ getDefaultAccessTokenData, accessTokenIssuer }) => {

        const data = getDefaultAccessTokenData();
        change(data);
        return { access_token: await accessTokenIssuer.issue(data) };
    }));
    const bench = await proving([flow], configure);
    const reply = await bench.machine();
    return { ...reply, grants: (await bench.store.listGrants('clientId', 'machine')).items.length };
};

describe('The default reply', () => {

    it('is complete: access, refresh and ID token of what was proven', async () => {

        const { openCode, redeem } = await proving([people()]);
        const { value, grant } = await openCode({ nonce: 'n', authTime: now - 5, acr: 'gold', amr: ['pwd'] });
        const { statusCode, body, headers } = await redeem(value);
        expect([statusCode, headers['cache-control']]).to.equal([200, 'no-store']);
        expect(body).to.include({ token_type: 'Bearer', expires_in: 3600, scope: 'openid email offline_access' });
        expect(claimsOf(body.access_token)).to.include({ sub: 'alice', client_id: 'web', grant_id: grant.id, flow: 'oidc-authorization-code', aud: 'http://localhost', exp: now + 3600, scope: 'openid email offline_access' });
        expect(claimsOf(body.id_token)).to.include({ sub: 'alice', aud: 'web', nonce: 'n', auth_time: now - 5, acr: 'gold', amr: ['pwd'], exp: now + 3600 });
        expect(claimsOf(body.id_token).at_hash).to.be.a.string();
        expect(body.refresh_token).to.match(/^r[\w-]{65}$/);
    });

    it('says nothing in an ID token that nobody knows', async () => {

        const { openCode, redeem } = await proving([people()]);
        const claims = claimsOf((await redeem((await openCode()).value)).body.id_token);
        expect(Object.keys(claims)).to.not.include(['nonce']).and.not.include(['auth_time']).and.not.include(['amr']).and.not.include(['acr']);
    });

    it('has a refresh token only for a client and a grant that may have one, and an ID token only where openid was granted', async () => {

        const { openCode, redeem, token } = await proving([people()]);
        const members = async (changes: Opening) => Object.keys((await redeem((await openCode(changes)).value)).body).sort();
        expect(await members({ scopes: ['openid'] })).to.equal(['access_token', 'expires_in', 'id_token', 'scope', 'token_type']);
        expect(await members({ scopes: ['email'] })).to.equal(['access_token', 'expires_in', 'refresh_token', 'scope', 'token_type']);
        expect(await members({ scopes: [] })).to.equal(['access_token', 'expires_in', 'refresh_token', 'token_type']);
        const { value } = await openCode({ clientId: 'once' });
        const { body } = await token({ grant_type: 'authorization_code', client_id: 'once', code: value, code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk' }, undefined);
        expect(Object.keys(body).sort()).to.equal(['access_token', 'expires_in', 'id_token', 'scope', 'token_type']);
    });

    it('has no ID token in a flow that is not OpenID Connect\'s', async () => {

        const { openCode, redeem } = await proving([OAuth2AuthorizationCodeBuilder.create()]);
        const { body } = await redeem((await openCode({ flow: 'oauth2-authorization-code' })).value);
        expect(Object.keys(body).sort()).to.equal(['access_token', 'expires_in', 'refresh_token', 'scope', 'token_type']);
    });

    it('is made once however often it is asked for', async () => {

        const flow = machines().tokenRoute((route) => route.issueTokens(async ({ defaultResponse }) => {

            const [one, two] = await Promise.all([defaultResponse(), defaultResponse()]);
            return { ...one, same: one.access_token === two.access_token, plan: 'gold' };
        }));
        const { machine } = await proving([flow]);
        expect((await machine()).body).to.include({ same: true, plan: 'gold', expires_in: 3600, scope: 'read write', token_type: 'Bearer' });
    });

    it('names all audiences where a token is for several', async () => {

        const { machine } = await proving([machines()], (hub) => hub.setResources({ 'https://a.example': {}, 'https://b.example': {} }));
        const { body } = await machine('grant_type=client_credentials&resource=https://a.example&audience=https://b.example');
        expect(claimsOf(body.access_token).aud).to.equal(['https://a.example', 'https://b.example']);
    });
});

type Handle = IssueTokens<ClientProof & { readonly subject: unknown; readonly presented: unknown }>;
type IdTokenHandle = Parameters<TokenRouteOf<OIDCAuthorizationCodeBuilder>['issueTokens']>[0];
type TokenRouteOf<F> = F extends { tokenRoute(configure: (route: infer R) => unknown): unknown } ? R : never;

/** What a user's client gets from a handler, and whether the grant lives on. */
const redeemed = async (handle: IdTokenHandle, opening: Opening = {}, configure: Parameters<typeof proving>[1] = () => undefined) => {

    const bench = await proving([people().tokenRoute((route) => route.issueTokens(handle))], configure);
    const causes: string[] = [];
    bench.server.events.on({ name: 'request', channels: ['internal', 'error'] }, (_request, { error }) => causes.push(String(Reflect.get(Object(error), 'message'))));
    const { value, grant } = await bench.openCode({ nonce: 'n', authTime: now - 5, acr: 'gold', amr: ['pwd'], sid: 's', ...opening });
    const { statusCode, body } = await bench.redeem(value);
    return { ...bench, statusCode, body, causes, isAlive: await bench.store.findGrant(grant.id) !== null };
};

const hashOf = (token: unknown): string => createHash('sha256').update(String(token)).digest().subarray(0, 16).toString('base64url');

describe('The default reply after an issuer', () => {

    it('takes the access token, and makes the ID token for it', async () => {

        const { statusCode, body } = await redeemed(async ({ accessTokenIssuer, getDefaultAccessTokenData, defaultResponse }) => {

            const token = await accessTokenIssuer.issue({ ...getDefaultAccessTokenData(), tenant: 'acme', exp: now + 60 });
            const reply = await defaultResponse();
            return { ...reply, isSame: reply.access_token === token };
        });
        expect([statusCode, body.isSame, body.expires_in]).to.equal([200, true, 60]);
        expect(claimsOf(body.access_token).tenant).to.equal('acme');
        expect(claimsOf(body.id_token).at_hash).to.equal(hashOf(body.access_token));
    });

    it('takes the refresh token, the ID token, and what is still on its way', async () => {

        const { statusCode, body } = await redeemed(async ({ accessTokenIssuer, getDefaultAccessTokenData, refreshTokenIssuer, getDefaultRefreshTokenData, idTokenIssuer, getDefaultIdTokenData, defaultResponse }) => {

            void accessTokenIssuer.issue({ ...getDefaultAccessTokenData(), tenant: 'acme' });
            const identity = getDefaultIdTokenData();
            const [refresh, id] = await Promise.all([refreshTokenIssuer.issue(getDefaultRefreshTokenData()), idTokenIssuer.issue(identity && { ...identity, team: 1 })]);
            const reply = await defaultResponse();
            return { ...reply, areSame: reply.refresh_token === refresh && reply.id_token === id };
        });
        expect([statusCode, body.areSame]).to.equal([200, true]);
        expect(claimsOf(body.access_token).tenant).to.equal('acme');
        expect(claimsOf(body.id_token)).to.include({ team: 1, at_hash: hashOf(body.access_token) });
    });

    it('describes the access token that is replied, of several', async () => {

        const { body } = await redeemed(async ({ accessTokenIssuer, getDefaultAccessTokenData }) => {

            const first = await accessTokenIssuer.issue({ ...getDefaultAccessTokenData(), exp: now + 60 });
            await accessTokenIssuer.issue(getDefaultAccessTokenData());
            return { access_token: first };
        });
        expect(body.expires_in).to.equal(60);
    });

    it('is not asked for: an ID token beside an access token of the project\'s own, which it does not speak of', async () => {

        const { statusCode, body } = await redeemed(async ({ idTokenIssuer, getDefaultIdTokenData }) => ({ access_token: 'own', id_token: await idTokenIssuer.issue(getDefaultIdTokenData()) }));
        expect([statusCode, body.access_token, claimsOf(body.id_token).at_hash]).to.equal([200, 'own', undefined]);
    });

    it('attack: an ID token with the at_hash of another access token fails, and says what to do', async () => {

        const { statusCode, isAlive, causes } = await redeemed(async ({ accessTokenIssuer, getDefaultAccessTokenData, defaultResponse }) =>
            ({ ...await defaultResponse(), access_token: await accessTokenIssuer.issue(getDefaultAccessTokenData()) }));
        expect([statusCode, isAlive]).to.equal([500, false]);
        expect(causes.join()).to.contain('issue the access token first, then call defaultResponse()');
    });

    it('has no ID token once openid is narrowed away, by the hook or by the handler', async () => {

        const hook = await redeemed(({ defaultResponse }) => defaultResponse(), {}, (hub) => hub.onTokens(({ narrowScope }) => narrowScope(['email'])));
        expect(hook.body).to.include({ scope: 'email' }).and.not.include('id_token');
        const handler = await redeemed(async ({ accessTokenIssuer, getDefaultAccessTokenData, defaultResponse }) => {

            await accessTokenIssuer.issue({ ...getDefaultAccessTokenData(), scope: 'email' });
            return await defaultResponse();
        });
        expect(handler.body).to.include({ scope: 'email' }).and.not.include('id_token');
        for (const handle of [
            async ({ accessTokenIssuer, getDefaultAccessTokenData, getDefaultIdTokenData, idTokenIssuer }) => {

                const data = getDefaultIdTokenData();
                return { access_token: await accessTokenIssuer.issue({ ...getDefaultAccessTokenData(), scope: 'email' }), id_token: await idTokenIssuer.issue(data) };
            },
            async ({ accessTokenIssuer, getDefaultAccessTokenData, getDefaultIdTokenData, idTokenIssuer }) => {

                const id = await idTokenIssuer.issue(getDefaultIdTokenData());
                return { access_token: await accessTokenIssuer.issue({ ...getDefaultAccessTokenData(), scope: 'email' }), id_token: id };
            }
        ] satisfies IdTokenHandle[]) {
            const { statusCode, isAlive } = await redeemed(handle);
            expect([statusCode, isAlive]).to.equal([500, false]);
        }
    });
});

describe('An issuer', () => {

    it('attack: mints nothing once its handler has returned or failed', async () => {

        for (const isFailing of [false, true]) {
            const kept: (() => Promise<unknown>)[] = [];
            const handle: Handle = async ({ accessTokenIssuer, getDefaultAccessTokenData, defaultResponse }) => {

                kept.push(() => accessTokenIssuer.issue(getDefaultAccessTokenData()), defaultResponse);
                return isFailing ? { error: 'access_denied' } : await defaultResponse();
            };

            const { machine } = await proving([machines().tokenRoute((route) => route.issueTokens(handle))]);
            expect((await machine()).statusCode).to.equal(isFailing ? 400 : 200);
            await expect(kept[0]?.() ?? Promise.resolve()).to.reject(/kept and called after its handler/);
        }
    });

    it('takes claims of the project\'s own, and ignores those that say what was proven', async () => {

        const { body } = await changed((data) => Object.assign(data, { plan: 'gold', iss: 'evil', iat: 1, jti: 'x', cnf: {}, flow: 'x', grant_id: 'x', act: {}, typ: 'x' }));
        const claims = claimsOf(body.access_token);
        expect(claims).to.include({ plan: 'gold', iss: 'http://localhost', iat: now, flow: 'oauth2-client-credentials' }).and.not.include(['act', 'cnf']);
        expect([claims.jti, claims.grant_id]).to.not.include('x');
    });

    it('lets a handler narrow, and tells the client', async () => {

        const { body } = await changed((data) => Object.assign(data, { scope: 'read', exp: now + 60 }));
        expect(body).to.include({ scope: 'read', expires_in: 60 });
        const { body: refused, grants } = await changed((data) => Object.assign(data, { scope: '' }));
        expect([refused.error, grants]).to.equal(['invalid_scope', 0]);
    });

    it('attack: refuses what was not proven, and stores nothing', async () => {

        const attacks: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
            'another sub': { sub: 'alice' },
            'no sub': { sub: undefined },
            'another client': { client_id: 'web' },
            'a wider scope': { scope: 'read write admin' },
            'another audience': { aud: 'https://evil.example' },
            'one audience more': { aud: ['http://localhost', 'https://evil.example'] },
            'no audience': { aud: [] },
            'milliseconds': { exp: epoch + 3_600_000 },
            'the past': { exp: now },
            'more than a year': { exp: now + 31_536_001 },
            'no time': { exp: Number.NaN }
        };
        for (const [name, changes] of Object.entries(attacks)) {
            for (const format of ['jwt', 'opaque'] as const) {
                const { statusCode, body, grants } = await changed((data) => Object.assign(data, changes), (hub) => hub.setResources({ 'http://localhost': { format } }));
                expect([statusCode, body, grants], name).to.equal([500, { error: 'server_error', error_description: 'The server could not answer this request' }, 0]);
            }
        }
    });

    it('answers null for null', async () => {

        const flow = people().tokenRoute((route) => route.issueTokens(async ({ getDefaultAccessTokenData, getDefaultRefreshTokenData, getDefaultIdTokenData, accessTokenIssuer, refreshTokenIssuer, idTokenIssuer }) => ({
            access_token: await accessTokenIssuer.issue(getDefaultAccessTokenData()),
            refresh_token: await refreshTokenIssuer.issue(getDefaultRefreshTokenData()),
            id_token: await idTokenIssuer.issue(getDefaultIdTokenData()),
            nothing: await accessTokenIssuer.issue(null) === null
        })));
        const { openCode, redeem } = await proving([people().strategyName('other').authorizationRoute((route) => route.setPath('/login')).tokenRoute((route) => route.setPath('/other')), flow]);
        const { body } = await redeem((await openCode({ scopes: ['openid'] })).value);
        expect(Object.keys(body).sort()).to.equal(['access_token', 'expires_in', 'id_token', 'nothing', 'scope', 'token_type']);
        expect(body.nothing).to.be.true();
    });

    const refreshed = async (issue: (data: RefreshTokenData, issuer: { issue(data: RefreshTokenData): Promise<string> }) => Promise<unknown>) => {

        const flow = people().tokenRoute((route) => route.issueTokens(async ({ defaultResponse: _all, getDefaultAccessTokenData, accessTokenIssuer, getDefaultRefreshTokenData, refreshTokenIssuer }) => {

            const data = getDefaultRefreshTokenData();
            const tried = data && await issue(data, refreshTokenIssuer);
            return { access_token: await accessTokenIssuer.issue(getDefaultAccessTokenData()), refresh_token: typeof tried === 'string' ? tried : null, tried };
        }));
        const bench = await proving([flow]);
        const { value, grant } = await bench.openCode();
        return { ...await bench.redeem(value), ...bench, grant, isAlive: await bench.store.findGrant(grant.id) !== null };
    };

    it('attack: issues one refresh token for a request, and none for all time; the grant of a code ends with the failure', async () => {

        const twice = await refreshed(async (data, issuer) => [await issuer.issue(data), await issuer.issue(data)]);
        expect([twice.statusCode, twice.isAlive]).to.equal([500, false]);
        for (const exp of [epoch, now, now + 31_536_001, Number.NaN]) {
            const { statusCode, isAlive } = await refreshed((_data, issuer) => issuer.issue({ exp }));
            expect([statusCode, isAlive]).to.equal([500, false]);
        }
    });

    it('lets a refresh token end earlier, and keeps what the project gave', async () => {

        const { body, clock, refresh, statusCode } = await refreshed((data, issuer) => issuer.issue({ ...data, exp: now + 60, device: 'phone' }));
        expect(statusCode).to.equal(200);
        clock.advance(60);
        expect((await refresh(body.tried)).body).to.include({ error: 'invalid_grant' });
    });

    it('is not kept from the client: a refresh token that a handler issues is in its reply, or nothing is issued', async () => {

        const { statusCode, isAlive } = await refreshed(async (data, issuer) => [await issuer.issue(data)]);
        expect([statusCode, isAlive]).to.equal([500, false]);
    });

    it('attack: widens nothing when the lists of a context are changed', async () => {

        const flow = people().tokenRoute((route) => route.issueTokens(async ({ scopes, resources, getDefaultAccessTokenData, accessTokenIssuer }) => {

            Reflect.apply(Array.prototype.push, scopes, ['admin']);
            Reflect.apply(Array.prototype.push, resources, ['https://elsewhere.example']);
            return { access_token: await accessTokenIssuer.issue({ ...getDefaultAccessTokenData(), scope: 'admin' }) };
        }));
        const { openCode, redeem } = await proving([flow], (hub) => hub.onTokens(({ scopes }) => void Reflect.apply(Array.prototype.push, scopes, ['admin'])));
        const { value } = await openCode();
        expect((await redeem(value)).statusCode).to.equal(500);
    });

    it('attack: signs nothing that outlives the keys it can be verified with', async () => {

        const flow = people().tokenRoute((route) => route.issueTokens(async ({ getDefaultAccessTokenData, accessTokenIssuer }) => {

            const data = getDefaultAccessTokenData();
            return { access_token: await accessTokenIssuer.issue({ ...data, exp: data.exp + 1 }) };
        }));
        const { openCode, redeem } = await proving([flow]);
        const { value } = await openCode();
        expect((await redeem(value)).statusCode).to.equal(500);
    });

    it('attack: ends a lineage when its time is over, however often it is refreshed', async () => {

        const { openRefresh, refresh, clock } = await proving([people()]);
        const { value } = await openRefresh({ absolute: 100 });
        const { body } = await refresh(value);
        clock.advance(99);
        const { body: next } = await refresh(body.refresh_token);
        expect(next.refresh_token).to.be.a.string();
        clock.advance(1);
        expect((await refresh(next.refresh_token)).body).to.include({ error: 'invalid_grant' });
    });

    it('attack: signs no ID token for another user or for all time', async () => {

        for (const changes of [
            { sub: 'bob' }, { sub: undefined }, { exp: epoch }, { exp: now }, { nonce: 'other' }, { nonce: undefined }, { auth_time: now }, { auth_time: undefined }, { acr: 'platinum' }, { amr: ['mfa'] }, { amr: ['pwd', 'mfa'] },
            { sid: 'other' }, { azp: 'other' }
        ]) {
            const flow = people().tokenRoute((route) => route.issueTokens(async ({ defaultResponse, getDefaultIdTokenData, idTokenIssuer }) => {

                const data: IdTokenData | null = getDefaultIdTokenData();
                return { ...await defaultResponse(), id_token: data && await idTokenIssuer.issue(Object.assign(data, changes)) };
            }));
            const { openCode, redeem, store } = await proving([flow]);
            const { value, grant } = await openCode({ nonce: 'n', authTime: now - 5, acr: 'gold', amr: ['pwd'], sid: 's' });
            expect((await redeem(value)).statusCode, JSON.stringify(changes)).to.equal(500);
            expect(await store.findGrant(grant.id)).to.be.null();
        }
    });

    it('attack: says of a sign-in what was proven, whatever a handler does to the lists it is shown', async () => {

        const { body } = await redeemed(async ({ grant, getDefaultIdTokenData, defaultResponse }) => {

            Reflect.apply(Array.prototype.push, grant.amr, ['mfa']);
            Reflect.apply(Array.prototype.push, getDefaultIdTokenData()?.amr, ['mfa']);
            Object.assign(grant, { authTime: now, acr: 'platinum' });
            return await defaultResponse();
        });
        expect(claimsOf(body.id_token)).to.include({ amr: ['pwd'], auth_time: now - 5, acr: 'gold' });
    });
});
