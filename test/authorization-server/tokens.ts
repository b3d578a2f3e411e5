import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { decodeJwt } from 'jose';

import { OAuth2ClientCredentialsBuilder, OIDCAuthorizationCodeBuilder, type TokenType } from '../../lib';
import { machines } from '../fixture/flows';
import { foreignStore, proving } from '../fixture/level-2';
import { form, provision } from '../fixture/provision';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const api = 'https://api.example.com';
const none = { active: false };

/** A server at level 2, with every kind of token of one user. */
const bench = async (format: 'jwt' | 'opaque' = 'jwt', configure: Parameters<typeof proving>[1] = () => undefined) => {

    const known = await proving([OIDCAuthorizationCodeBuilder.create().setAccessTokenFormat(format), OAuth2ClientCredentialsBuilder.create()], configure);
    const { value, grant } = await known.openCode();
    const { body } = await known.redeem(value);
    const logged: unknown[] = [];
    known.server.events.on('log', ({ tags, data }) => logged.push([tags, data]));
    return { ...known, tokens: known.server.oauth2.tokens, grant, logged, access: String(body.access_token), refreshToken: String(body.refresh_token), idToken: String(body.id_token) };
};

describe('server.oauth2.tokens', () => {

    for (const format of ['jwt', 'opaque'] as const) {
        it(`verifies an access token, as credentials have its claims: ${format}`, async () => {

            const { tokens, access, grant, server } = await bench(format);
            const { result } = await server.inject({ url: '/protected', headers: { authorization: `Bearer ${access}` } });
            const claims = await tokens.verify(access);
            expect(claims).to.include({ sub: 'alice', client_id: 'web', grant_id: grant.id, flow: 'oidc-authorization-code', aud: 'http://localhost' });
            expect(claims).to.equal(Object(result).claims);
        });

        it(`rule 25: verifies nothing of a grant that was revoked, at once: ${format}`, async () => {

            const { tokens, access, refreshToken, grant, store } = await bench(format, (hub) => hub.setRevocationWindow(3600));
            expect(await tokens.verify(access)).to.not.be.null();
            await store.revokeGrant(grant.id);
            expect(await tokens.verify(access)).to.be.null();
            expect(await tokens.introspect(access)).to.equal(none);
            expect(await tokens.introspect(refreshToken)).to.equal(none);
        });

        it(`verifies nothing that has expired: ${format}`, async () => {

            const { tokens, access, clock } = await bench(format);
            clock.advance(3599.999);
            expect(await tokens.verify(access)).to.not.be.null();
            clock.advance(0.001);
            expect(await tokens.verify(access)).to.be.null();
        });
    }

    it('attack: verifies no refresh token, ID token or code, nor what somebody made up', async () => {

        const { tokens, access, refreshToken, idToken, openCode } = await bench();
        const [head, body] = access.split('.');
        for (const text of [refreshToken, idToken, (await openCode()).value, `${head}.${body}.AAAA`, 'x', '', 'a.b.c', '__proto__']) {
            expect(await tokens.verify(text), text).to.be.null();
        }
    });

    it('verifies a token for the server, or for the audience that is asked for', async () => {

        const { tokens, machine } = await bench('jwt', (hub) => hub.setResources({ 'https://mine.example.com': { default: true }, [api]: {} }));
        const token = async (resource: string) => String((await machine({ resource })).body.access_token);
        const [mine, other] = [await token('https://mine.example.com'), await token(api)];
        expect(await tokens.verify(mine)).to.include({ sub: 'machine' });
        expect(await tokens.verify(other)).to.be.null();
        expect(await tokens.verify(other, {})).to.be.null();
        expect(await tokens.verify(other, { audience: api })).to.include({ aud: api });
        expect(await tokens.verify(mine, { audience: api })).to.be.null();
        expect(await tokens.introspect(other)).to.include({ active: true, aud: api });
    });

    it('attack: verifies no token that is bound to a key, which nobody has proven here', async () => {

        const bound: TokenType = { name: 'Toy', bind: () => ({ jkt: 'the-key' }), verify: () => undefined };
        for (const format of ['jwt', 'opaque'] as const) {
            const { server, machine } = await proving([OAuth2ClientCredentialsBuilder.create().setTokenType(bound).setAccessTokenFormat(format)]);
            const token = String((await machine()).body.access_token);
            expect(await server.oauth2.tokens.verify(token)).to.be.null();
            expect(await server.oauth2.tokens.introspect(token)).to.include({ active: true, cnf: { jkt: 'the-key' }, token_type: 'DPoP' });
        }
    });

    it('introspects as the endpoint does: without what is the server\'s own', async () => {

        const { tokens, access, refreshToken, clock } = await bench();
        const now = clock.now() / 1000;
        const { flow: _flow, grant_id: _grantId, ...claims } = decodeJwt(access);
        expect(await tokens.introspect(access)).to.equal({ ...claims, token_type: 'Bearer', active: true });
        expect(await tokens.introspect(refreshToken)).to.include({ active: true, sub: 'alice', client_id: 'web', iat: now, exp: now + 14 * 86_400 });
        expect(await tokens.introspect('x')).to.equal(none);
    });

    it('revokes the grant of an access token, a refresh token or a replaced one, and says so once', async () => {

        for (const kind of ['access_token', 'refresh_token', 'replaced'] as const) {
            const { tokens, access, refreshToken, refresh, grant, logged, store, openRefresh } = await bench();
            const other = await openRefresh();
            if (kind === 'replaced') {
                await refresh(refreshToken);
            }

            const token = kind === 'access_token' ? access : refreshToken;
            expect(await tokens.revoke(token)).to.be.true();
            expect(await tokens.revoke(token)).to.be.false();
            expect(await tokens.verify(access)).to.be.null();
            expect(await store.findGrant(other.grant.id)).to.not.be.null();
            expect(logged).to.equal([[['oauth', 'revoked'], { what: kind === 'access_token' ? kind : 'refresh_token', grant_id: grant.id, client_id: 'web' }]]);
        }
    });

    it('of many that revoke one grant at once, tells one that it lived', async () => {

        const { tokens, access, refreshToken, logged } = await bench();
        const answers = await Promise.all([access, refreshToken, access, refreshToken].map((token) => tokens.revoke(token)));
        expect(answers.filter((lived) => lived)).to.have.length(1);
        expect(logged).to.have.length(1);
    });

    it('revokes nothing for any other text', async () => {

        const { tokens, idToken, openCode, logged, store } = await bench();
        const { value, grant } = await openCode();
        for (const text of [value, idToken, 'x', '']) {
            expect(await tokens.revoke(text)).to.be.false();
        }

        expect(await store.findGrant(grant.id)).to.not.be.null();
        expect(logged).to.be.empty();
    });

    it('says nothing about a token while the store is away', async () => {

        const { server, machine } = await proving([OAuth2ClientCredentialsBuilder.create()], (hub) => hub.setStore(foreignStore(Date.now, { findGrant: () => {

            throw new Error('away');
        } }).store).setClock(Date.now));
        const token = String((await machine()).body.access_token);
        await expect(server.oauth2.tokens.verify(token)).to.reject();
        await expect(server.oauth2.tokens.introspect(token)).to.reject();
    });
});

describe('server.oauth2.tokens where handlers prove', () => {

    const request = form('/oauth2/token', { grant_type: 'client_credentials', client_id: 'robot', client_secret: 's' });
    const tokenOf = async (flow = machines()) => {

        const { server, clock } = await provision([flow]);
        const token = String(Object(JSON.parse((await server.inject(request)).payload)).access_token);
        return { tokens: server.oauth2.tokens, token, clock };
    };

    it('knows a token by its signature and its claims, and nothing to revoke', async () => {

        const { tokens, token, clock } = await tokenOf();
        expect(await tokens.verify(token)).to.include({ sub: 'robot', flow: 'oauth2-client-credentials' });
        expect(await tokens.verify(token, { audience: api })).to.be.null();
        expect(await tokens.introspect(token)).to.include({ active: true, sub: 'robot', token_type: 'Bearer' }).and.not.include(['flow']);
        expect(await tokens.revoke(token)).to.be.false();
        clock.advance(600);
        expect(await tokens.verify(token)).to.be.null();
        expect(await tokens.introspect(token)).to.equal(none);
    });

    it('attack: knows none of a flow whose tokens are no JWTs', async () => {

        const { tokens, token } = await tokenOf(machines().useAccessTokenJwks(false));
        expect(await tokens.verify(token)).to.be.null();
        expect(await tokens.introspect(token)).to.equal(none);
    });

    it('attack: takes no token without a grant for one of a flow that keeps grants, or that is not there', async () => {

        const { token } = await tokenOf();
        const { server } = await proving([OAuth2ClientCredentialsBuilder.create()]);
        expect(await server.oauth2.tokens.verify(token)).to.be.null();
        expect(await server.oauth2.tokens.introspect(token)).to.equal(none);
        const { tokens } = await tokenOf(machines().strategyName('renamed'));
        expect(await tokens.verify(token)).to.be.null();
    });

    it('is there before any flow is, and knows nothing', async () => {

        const { server } = await provision([]);
        expect(await server.oauth2.tokens.verify('x')).to.be.null();
        expect(await server.oauth2.tokens.introspect('x')).to.equal(none);
        expect(await server.oauth2.tokens.revoke('x')).to.be.false();
    });
});
