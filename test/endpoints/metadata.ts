import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import type { Server } from '@hapi/hapi';

import { codeVerifier, devices, machines, people, users } from '../fixture/flows';
import { form, listening, provision } from '../fixture/provision';
import { ClientSecretBasic, OAuth2AuthorizationCodeBuilder, OIDCAuthorizationCodeBuilder, PrivateKeyJwt, ClientSecretJwt } from '../../lib';
import { derivedMembers, metadataDocument, openidConfiguration, type FlowMetadata } from '../../lib/endpoints/metadata';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

type Document = Record<string, unknown>;

const document = async (server: Server, path: string) => (await server.inject<Document>(path)).result ?? {};

const refreshing = () => people().refreshTokenRoute((route) => route.generateToken(() => null));

/** A flow as the metadata sees it. */
const flow = (changes: Partial<FlowMetadata> = {}): FlowMetadata => ({ name: 'x', tokenPath: '/token', grantTypes: ['g'], clientAuthentication: [], scopes: [], tokenType: {}, ...changes });

const source = { issuer: 'https://auth.example.com/tenant', jwksPath: '/keys', additional: {} };

describe('The metadata', () => {

    it('of one flow says what it serves and nothing else', async () => {

        const { server } = await provision([machines()], (hub) => hub.setIssuer('http://localhost:8080'));

        expect(await document(server, '/.well-known/oauth-authorization-server')).to.equal({
            issuer: 'http://localhost:8080',
            token_endpoint: 'http://localhost:8080/oauth2/token',
            jwks_uri: 'http://localhost:8080/oauth2/keys',
            grant_types_supported: ['client_credentials'],
            response_types_supported: [],
            token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post']
        });
        expect((await server.inject('/.well-known/openid-configuration')).statusCode).to.equal(404);
    });

    it('is made once, and anew when a flow joins or hapi has got its port', async () => {

        const { server } = await provision([machines()]);
        const path = '/.well-known/oauth-authorization-server';
        const [one, other] = [await server.inject<object>(path), await server.inject<object>(path)];
        expect(one.result).to.shallow.equal(other.result);
        expect(() => Object.assign(one.result ?? {}, { issuer: 'https://evil.example' })).to.throw(TypeError);
        expect(() => Object.assign(Reflect.get(one.result ?? {}, 'grant_types_supported'), ['password'])).to.throw(TypeError);
        expect(await document(server, path)).to.include({ issuer: server.oauth2.issuer, grant_types_supported: ['client_credentials'] });
        await server.register(devices());
        expect((await document(server, path)).grant_types_supported).to.equal(['client_credentials', 'urn:ietf:params:oauth:grant-type:device_code']);
        await server.start();
        const { issuer } = await document(server, path);
        await server.stop();
        expect(issuer).to.equal(`http://localhost:${server.info.port}`);
    });

    it('says how answers reach clients: by query alone where a handler redirects, in each way where clients are registered', async () => {

        const openid = async (configure?: Parameters<typeof provision>[1], flows = [OIDCAuthorizationCodeBuilder.create()]) => {

            const { server } = await provision(flows, configure);
            return (await document(server, '/.well-known/openid-configuration')).response_modes_supported;
        };

        expect(await openid(undefined, [people()])).to.equal(['query']);
        expect(await openid((hub) => hub.setClients([]))).to.equal(['query', 'fragment', 'form_post']);
    });

    it('of several flows is merged from all at one token endpoint', async () => {

        const { server } = await provision([
            machines().setScopes({ 'reports:read': 'Read' }).addClientAuthenticationMethod(new ClientSecretBasic()).addClientAuthenticationMethod(new ClientSecretJwt().getClientSecret(() => null)),
            refreshing().addClientAuthenticationMethod('none').addClientAuthenticationMethod(new PrivateKeyJwt().addAlgorithm('ES256').getPublicKeyForClient(() => null)),
            devices()
        ], (hub) => hub.setIssuer('http://localhost:8080'));

        const expected = {
            issuer: 'http://localhost:8080',
            authorization_endpoint: 'http://localhost:8080/oauth2/authorize',
            token_endpoint: 'http://localhost:8080/oauth2/token',
            device_authorization_endpoint: 'http://localhost:8080/oauth2/device_authorization',
            jwks_uri: 'http://localhost:8080/oauth2/keys',
            grant_types_supported: ['client_credentials', 'authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
            response_types_supported: ['code'],
            response_modes_supported: ['query'],
            scopes_supported: ['reports:read', 'openid', 'email', 'offline_access'],
            token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_jwt', 'none', 'private_key_jwt', 'client_secret_post'],
            token_endpoint_auth_signing_alg_values_supported: ['HS256', 'ES256'],
            code_challenge_methods_supported: ['S256'],
            authorization_response_iss_parameter_supported: true
        };
        expect(await document(server, '/.well-known/oauth-authorization-server')).to.equal(expected);
        expect(await document(server, '/.well-known/openid-configuration')).to.equal({
            ...expected,
            subject_types_supported: ['public'],
            id_token_signing_alg_values_supported: ['RS256'],
            request_parameter_supported: false,
            request_uri_parameter_supported: false
        });
    });

    it('advertises only what answers: every endpoint, grant type, method and scope', async () => {

        const { server } = await provision([]);
        await server.register({ plugin: refreshing(), routes: { prefix: '/v1' } });
        await server.register({ plugin: devices(), routes: { prefix: '/v1' } });
        await listening(server, async (url) => {

            const response = await fetch(`${url}/.well-known/openid-configuration`);
            expect(response.headers.get('cache-control')).to.equal('public, max-age=300');
            expect(response.headers.get('content-type')).to.match(/^application\/json/);
            const metadata = { ...Object(await response.json()) } as Document;

            const endpoints = Object.entries(metadata).filter(([name]) => name.endsWith('_endpoint') || name === 'jwks_uri');
            expect(endpoints).to.have.length(4);
            for (const [name, endpoint] of endpoints) {
                expect((await fetch(String(endpoint))).status, name).to.not.equal(404);
            }

            for (const grantType of metadata.grant_types_supported as string[]) {
                const reply = await fetch(String(metadata.token_endpoint), { method: 'POST', body: new URLSearchParams({ grant_type: grantType, client_id: 'spa' }) });
                expect(await reply.text(), grantType).to.not.include('unsupported_grant_type');
            }
        });
    });

    it('is at the issuer\'s path, while the endpoints stay where they are', async () => {

        const { server } = await provision([people()], (hub) => hub.setIssuer('http://localhost:8080/tenant/'));

        for (const path of ['/.well-known/oauth-authorization-server/tenant', '/.well-known/openid-configuration/tenant', '/tenant/.well-known/openid-configuration']) {
            expect(await document(server, path), path).to.include({ issuer: 'http://localhost:8080/tenant/', token_endpoint: 'http://localhost:8080/oauth2/token' });
        }

        expect((await server.inject('/.well-known/openid-configuration')).statusCode).to.equal(404);
    });

    it('of an OpenID flow that is not the first names that flow\'s endpoints', async () => {

        const plain = users().tokenRoute((route) => route.setPath('/plain/token')).authorizationRoute((route) => route.setPath('/plain/authorize'));
        const { server } = await provision([plain, people()], (hub) => hub.setIssuer('http://localhost:8080'));

        expect(await document(server, '/.well-known/oauth-authorization-server')).to.include({ token_endpoint: 'http://localhost:8080/plain/token', authorization_endpoint: 'http://localhost:8080/plain/authorize' });
        const openid = await document(server, '/.well-known/openid-configuration');
        expect(openid).to.include({ token_endpoint: 'http://localhost:8080/oauth2/token', authorization_endpoint: 'http://localhost:8080/oauth2/authorize' });
        expect(openid.scopes_supported).to.equal(['openid', 'email']);
    });

    it('appears with the flow that makes it true, also when that comes later', async () => {

        const { server } = await provision([users().tokenRoute((route) => route.setPath('/plain/token'))]);
        expect((await server.inject('/.well-known/openid-configuration')).statusCode).to.equal(404);
        await server.register(people().authorizationRoute((route) => route.setPath('/openid/authorize')));
        expect((await server.inject('/.well-known/openid-configuration')).statusCode).to.equal(200);
        await server.register(OIDCAuthorizationCodeBuilder.create().strategyName('third').authorizationRoute((route) => route.setPath('/third/authorize').generateCode(() => null)).tokenRoute((route) => route.setPath('/third').generateToken(() => null)));
        expect((await server.inject('/.well-known/openid-configuration')).statusCode).to.equal(200);
    });

    it('leaves out a refresh token that is served elsewhere', async () => {

        const { server } = await provision([people().refreshTokenRoute((route) => route.setPath('/refresh').generateToken(() => ({ access_token: 'refreshed' })))]);

        expect((await document(server, '/.well-known/openid-configuration')).grant_types_supported).to.equal(['authorization_code']);
        const { result } = await server.inject<Document>(form('/refresh', { grant_type: 'refresh_token', client_id: 'spa', refresh_token: 'r' }));
        expect(result).to.include({ access_token: 'refreshed' });
        expect((await server.inject(form('/refresh', { grant_type: 'authorization_code', client_id: 'spa', code: 'c', code_verifier: codeVerifier }))).result).to.include({ error: 'unsupported_grant_type' });
    });

    it('has the members that only the app knows, from the hub and from flows, but no word about what is served', async () => {

        const { server } = await provision([people().additionalConfiguration({ claims_supported: ['sub'] }).additionalConfiguration({ service_documentation: 'https://docs.example.com' })],
            (hub) => hub.additionalConfiguration({ op_policy_uri: 'https://example.com/policy', claims_supported: ['sub'] }));

        expect(await document(server, '/.well-known/oauth-authorization-server')).to.include({ op_policy_uri: 'https://example.com/policy', claims_supported: ['sub'], service_documentation: 'https://docs.example.com' });
        for (const member of derivedMembers) {
            await expect(server.register(OIDCAuthorizationCodeBuilder.create().strategyName('other').additionalConfiguration({ [member]: [] }).tokenRoute((route) => route.setPath('/x').generateToken(() => null))))
                .to.reject(Error, `Flow 'other': additionalConfiguration() takes only members that do not say what is served: the server works those out itself (${member})`);
        }
    });

    it('names every member that is derived as one that the app cannot set', () => {

        const all = flow({ authorizationPath: '/a', deviceAuthorizationPath: '/d', scopes: ['s'], idTokenAlg: 'ES256', clientAuthentication: [{ method: 'm', algorithms: ['A'] }] });
        expect(Object.keys(openidConfiguration({ ...source, management: { paths: { introspection: '/i', revocation: '/r', registration: '/reg' }, clientAuthentication: all.clientAuthentication }, flows: [all] }) ?? {})).to.only.include([...derivedMembers]);
    });

    it('names the first flow\'s token endpoint where none has an authorization endpoint, and none where there is no flow', () => {

        expect(metadataDocument({ ...source, flows: [flow(), flow({ tokenPath: '/other', grantTypes: ['h'] })] })).to.include({ token_endpoint: 'https://auth.example.com/token', grant_types_supported: ['g'] });
        expect(metadataDocument({ ...source, flows: [] })).to.equal({ issuer: source.issuer, jwks_uri: 'https://auth.example.com/keys', grant_types_supported: [], response_types_supported: [], token_endpoint_auth_methods_supported: [] });
    });

    it('lists the ID token algorithms of its own token endpoint only', () => {

        const provider = flow({ authorizationPath: '/a', idTokenAlg: 'RS256' });
        const flows = [provider, flow({ idTokenAlg: 'ES256' }), flow({ tokenPath: '/other', idTokenAlg: 'PS256', authorizationPath: '/b' }), flow()];
        expect(openidConfiguration({ ...source, flows })?.id_token_signing_alg_values_supported).to.equal(['RS256', 'ES256']);
    });

    it('advertises the algorithm that signs ID tokens', async () => {

        const { server } = await provision([people().setIdTokenAlgorithm('ES256')]);
        expect((await document(server, '/.well-known/openid-configuration')).id_token_signing_alg_values_supported).to.equal(['ES256']);
    });

    it('of an OpenID flow names its own authorization endpoint, though a plain flow shares the token endpoint', () => {

        const flows = [flow({ authorizationPath: '/plain' }), flow({ authorizationPath: '/openid', idTokenAlg: 'RS256' })];
        expect(metadataDocument({ ...source, flows }).authorization_endpoint).to.equal('https://auth.example.com/plain');
        expect(openidConfiguration({ ...source, flows })?.authorization_endpoint).to.equal('https://auth.example.com/openid');
    });

    it('keeps the first authorization endpoint of two that share a token endpoint', async () => {

        const second = OAuth2AuthorizationCodeBuilder.create().strategyName('second').tokenRoute((route) => route.setPath('/second').generateToken(() => null))
            .authorizationRoute((route) => route.setPath('/second/authorize').generateCode(() => null));
        const { server } = await provision([users(), second], (hub) => hub.setIssuer('http://localhost:8080'));
        expect(await document(server, '/.well-known/oauth-authorization-server')).to.include({ authorization_endpoint: 'http://localhost:8080/oauth2/authorize', token_endpoint: 'http://localhost:8080/oauth2/token' });
    });
});
