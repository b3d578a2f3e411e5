import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { epoch } from '../fixture/clock';
import { codeVerifier, people, redirectUri, users } from '../fixture/flows';
import { claimsOf, headerOf } from '../fixture/jwt';
import { basic, form, provision } from '../fixture/provision';
import { OAuth2AuthorizationCodeBuilder, OAuth2ClientCredentialsBuilder, OAuth2Error, OAuth2TokenResponse, type TokenResult, type TokenType } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

type Reply = Record<string, unknown>;

const request = { grant_type: 'client_credentials' };

const answer = async (generate: () => TokenResult | Promise<TokenResult>) => {

    const { server } = await provision([OAuth2ClientCredentialsBuilder.create().tokenRoute((route) => route.generateToken(generate))]);
    const { statusCode, payload } = await server.inject(form('/oauth2/token', request, { authorization: basic('m', 's') }));
    return { statusCode, body: { ...Object(JSON.parse(payload)) } as Reply };
};

describe('A token handler', () => {

    it('gets what the client sent', async () => {

        const seen: Reply[] = [];
        const flow = OAuth2AuthorizationCodeBuilder.create().setTokenTTL(120).tokenRoute((route) => route.generateToken((ctx) => {

            seen.push({ ...ctx });
            return null;
        }));
        const { server } = await provision([flow]);
        await server.inject(form('/oauth2/token', `grant_type=authorization_code&code=c&code_verifier=${codeVerifier}&redirect_uri=${encodeURIComponent(redirectUri)}&scope=a&resource=urn:a&resource=urn:b`, { authorization: basic('spa', 'secret') }));
        await server.inject(form('/oauth2/token', 'grant_type=authorization_code&code=c&client_id=spa'));

        expect(seen[0]).to.include({
            grantType: 'authorization_code', clientId: 'spa', clientSecret: 'secret', clientAuthenticationMethod: 'client_secret_basic', ttl: 120, tokenType: 'Bearer',
            scope: 'a', resource: ['urn:a', 'urn:b'], confirmation: undefined, code: 'c', codeVerifier, redirectUri
        });
        expect(seen[1]).to.include({ clientSecret: undefined, clientAuthenticationMethod: 'none', scope: undefined, resource: [], codeVerifier: undefined, redirectUri: undefined });
        expect(Object.keys(seen[0] ?? {})).to.not.include(['refreshToken', 'deviceCode']);
    });

    it('answers with a response object, a plain object, a refusal or null', async () => {

        expect(await answer(() => new OAuth2TokenResponse({ access_token: 'a' }).setExpiresIn(60))).to.equal({ statusCode: 200, body: { access_token: 'a', expires_in: 60, token_type: 'Bearer' } });
        expect(await answer(() => ({ access_token: 'a', token_type: 'N_A', plan: 'gold' }))).to.equal({ statusCode: 200, body: { access_token: 'a', token_type: 'N_A', plan: 'gold' } });
        expect(await answer(() => ({ error: 'invalid_grant', error_description: 'No' }))).to.equal({ statusCode: 400, body: { error: 'invalid_grant', error_description: 'No' } });
        expect(await answer(() => null)).to.equal({ statusCode: 400, body: { error: 'invalid_request', error_description: 'The request was not accepted' } });
    });

    it('refuses by throwing an OAuth2Error; what else it throws says nothing', async () => {

        expect(await answer(() => Promise.reject(new OAuth2Error('invalid_target', 'Not this one')))).to.equal({ statusCode: 400, body: { error: 'invalid_target', error_description: 'Not this one' } });
        expect(await answer(() => Promise.reject(new Error('hunter2')))).to.equal({ statusCode: 500, body: { error: 'server_error', error_description: 'The server could not answer this request' } });
        expect(await answer(() => undefined as unknown as TokenResult)).to.equal({ statusCode: 500, body: { error: 'server_error', error_description: 'The server could not answer this request' } });
    });

    it('does not run for a client or a form that is not in order', async () => {

        const flow = users().tokenRoute((route) => route.generateToken(() => {

            throw new Error('must not run');
        }));
        const { server } = await provision([flow.setScopes({ a: 'A' })]);
        const refused = ['client_id=spa', 'client_id=spa&code=', 'code=c', 'client_id=spa&code=c&scope=b', 'client_id=spa&code=c&code_verifier=1&code_verifier=2', 'client_id=a&client_id=b&code=c'];
        for (const body of refused) {
            expect((await server.inject(form('/oauth2/token', `grant_type=authorization_code&${body}`))).statusCode, body).to.equal(400);
        }

        expect((await server.inject(form('/oauth2/token', 'grant_type=authorization_code&code=c', { authorization: 'Basic' }))).statusCode).to.equal(401);
    });

    it('signs tokens for the client, the flow and the time of the request', async () => {

        const { server, clock } = await provision([people().setTokenTTL(60)], (hub) => hub.setIssuer('http://localhost:8080'));
        clock.advance(5.5);
        const { result } = await server.inject<Reply>(form('/oauth2/token', { grant_type: 'authorization_code', client_id: 'spa', code: 'c' }));
        const iat = epoch / 1000 + 5;
        expect(claimsOf(result?.access_token)).to.include({ iss: 'http://localhost:8080', aud: 'http://localhost:8080', sub: 'alice', client_id: 'spa', flow: 'oidc-authorization-code', scope: 'openid', iat, exp: iat + 60 });
        expect(claimsOf(result?.id_token)).to.include({ iss: 'http://localhost:8080', aud: 'spa', sub: 'alice', iat, exp: iat + 3600 });
        expect(claimsOf(result?.id_token).at_hash).to.be.a.string();
        expect([headerOf(result?.access_token).alg, headerOf(result?.id_token).alg]).to.equal(['ES256', 'RS256']);
    });

    it('may sign an ID token in a flow that is not OpenID Connect\'s', async () => {

        const flow = users().setIdTokenAlgorithm('ES256').tokenRoute((route) => route.generateToken(async ({ createIdToken }) => ({ access_token: 'a', id_token: (await createIdToken({ sub: 'alice' })).token })));
        const { server } = await provision([flow]);
        const { result } = await server.inject<Reply>(form('/oauth2/token', { grant_type: 'authorization_code', client_id: 'spa', code: 'c' }));
        const { kid } = headerOf(result?.id_token);
        const keys = await server.inject<{ keys: { kid: string }[] }>('/oauth2/keys');
        expect(keys.result?.keys.map((key) => key.kid)).to.include(String(kid));
    });

    it('gets what the request proves to hold, and its tokens are bound to that', async () => {

        const seen: unknown[] = [];
        const tokenType: TokenType = {
            name: 'DPoP',
            bind: async (what, { now }) => {

                seen.push([what.method, what.url, what.headers.dpop, now]);
                return await Promise.resolve({ jkt: 'thumbprint' });
            },
            verify: () => undefined
        };
        const flow = OAuth2ClientCredentialsBuilder.create().setTokenType(tokenType).tokenRoute((route) => route.generateToken(async ({ confirmation, createJwtAccessToken, tokenType: name }) => ({ access_token: (await createJwtAccessToken({})).token, confirmation, name })));
        const { server } = await provision([], (hub) => hub.setIssuer('http://localhost:8080/tenant'));
        await server.register({ plugin: flow, routes: { prefix: '/v1' } });
        const { result } = await server.inject<Reply>(form('/v1/oauth2/token?x=1', request, { authorization: basic('m', 's'), dpop: 'proof' }));
        expect(seen).to.equal([['POST', 'http://localhost:8080/v1/oauth2/token', 'proof', epoch]]);
        expect(result).to.include({ confirmation: { jkt: 'thumbprint' }, name: 'DPoP', token_type: 'DPoP' });
        expect(claimsOf(result?.access_token).cnf).to.equal({ jkt: 'thumbprint' });
    });
});
