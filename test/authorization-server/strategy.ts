import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { AuthorizationServerBuilder, OAuth2ClientCredentialsBuilder, type AccessTokenFormat } from '../../lib';
import { testClock } from '../fixture/clock';
import { machines, quietServer } from '../fixture/flows';
import { foreignStore, proving, secrets } from '../fixture/level-2';
import { basic, form, provision } from '../fixture/provision';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const api = 'https://api.example.com';
const files = 'https://files.example.com';
const mail = 'https://mail.example.com';

const resources = (format: AccessTokenFormat) => ({
    [api]: { default: true, scopes: { 'reports:read': 'Read reports' } },
    [files]: { strategy: 'files', format, scopes: { 'files:read': 'Read files', 'files:write': 'Write files' } },
    [mail]: { strategy: 'mail', format, scopes: { 'mail:read': 'Read mail' } }
});

const strategies = ['oauth2', 'files', 'mail'] as const;

/** A server of three resources, two with a strategy of their own, and a machine that may get tokens for each. */
const threeResources = async (format: AccessTokenFormat, configure: (hub: AuthorizationServerBuilder) => unknown = () => undefined) => {

    const { server, clock, token, store } = await proving([OAuth2ClientCredentialsBuilder.create().setAccessTokenFormat(format)], (hub) => {

        hub.setClients([{ client_id: 'machine', client_secret: 'secret', grant_types: ['client_credentials'], scope: 'reports:read files:read files:write mail:read' }]).setResources(resources(format));
        configure(hub);
    });
    for (const strategy of strategies) {
        server.route({ method: 'GET', path: `/${strategy}`, options: { auth: { strategy } }, handler: ({ auth: { credentials } }) => ({ ...credentials }) });
    }

    const tokenFor = async (parameters: string) => {

        const { body } = await token(`grant_type=client_credentials&${parameters}`, basic('machine', 'secret'));
        return String(body.access_token);
    };

    const get = async (path: string, accessToken: string) => await server.inject({ url: path, headers: { authorization: `Bearer ${accessToken}` } });
    /** The strategies that take a token. */
    const opened = async (accessToken: string) => {

        const replies = await Promise.all(strategies.map(async (strategy) => ({ strategy, statusCode: (await get(`/${strategy}`, accessToken)).statusCode })));
        return replies.filter(({ statusCode }) => statusCode === 200).map(({ strategy }) => strategy);
    };

    return { server, clock, store, tokenFor, get, opened };
};

describe('The strategy of a resource', () => {

    for (const format of ['jwt', 'opaque'] as const) {
        describe(`with ${format} tokens`, () => {

            it('rule 16: takes the tokens for its resource, and no strategy takes those of another', async () => {

                const { tokenFor, opened } = await threeResources(format);
                expect(await opened(await tokenFor(`resource=${files}&scope=files:read`))).to.equal(['files']);
                expect(await opened(await tokenFor(`resource=${mail}&scope=mail:read`))).to.equal(['mail']);
                expect(await opened(await tokenFor(`resource=${api}&scope=reports:read`))).to.equal(['oauth2']);
                expect(await opened(await tokenFor('scope=reports:read'))).to.equal(['oauth2']);
                expect(await opened(await tokenFor('scope=mail:read'))).to.equal(['mail']);
            });

            it('rule 16: takes a token that is for several resources, as each of theirs does', async () => {

                const { tokenFor, opened } = await threeResources(format);
                expect(await opened(await tokenFor(`resource=${files}&resource=${mail}&scope=files:read+mail:read`))).to.equal(['files', 'mail']);
                expect(await opened(await tokenFor(`resource=${api}&resource=${mail}&scope=mail:read`))).to.equal(['oauth2', 'mail']);
            });

            it('takes another spelling of a resource for the one that was declared', async () => {

                const { tokenFor, opened } = await threeResources(format);
                expect(await opened(await tokenFor('resource=HTTPS://FILES.example.com/&scope=files:read'))).to.equal(['files']);
            });

            it('says which scope a token lacks, in its challenge', async () => {

                const { server, tokenFor, get } = await threeResources(format);
                server.route({ method: 'GET', path: '/write', options: { auth: { strategy: 'files', access: { scope: ['files:write'] } } }, handler: () => 'ok' });
                const refused = await get('/write', await tokenFor(`resource=${files}&scope=files:read`));
                expect([refused.statusCode, refused.headers['www-authenticate']]).to.equal([403, 'Bearer error="insufficient_scope", scope="files:write"']);
                expect((await get('/write', await tokenFor(`resource=${files}&scope=files:write`))).statusCode).to.equal(200);
                const foreign = await get('/write', await tokenFor(`resource=${mail}&scope=mail:read`));
                expect([foreign.statusCode, foreign.headers['www-authenticate']]).to.equal([401, 'Bearer error="invalid_token", error_description="The access token is not valid here"']);
            });

            it('lets the next strategy of a route have a token that is for another resource', async () => {

                const { server, tokenFor, get } = await threeResources(format);
                server.route({ method: 'GET', path: '/any', options: { auth: { strategies: ['files', 'oauth2'] } }, handler: () => 'ok' });
                expect((await get('/any', await tokenFor('scope=reports:read'))).statusCode).to.equal(200);
                expect((await get('/any', await tokenFor('scope=files:read'))).statusCode).to.equal(200);
                expect((await get('/any', await tokenFor('scope=mail:read'))).statusCode).to.equal(401);
            });

            it('rule 25: believes for its own revocation window that a grant lives, whatever another strategy has learned', async () => {

                const { now, advance } = testClock();
                const { store } = foreignStore(now);
                const { tokenFor, opened, get } = await threeResources(format, (hub) => hub.setClock(now).setStore(store).setRevocationWindow(5));
                const token = await tokenFor(`resource=${files}&resource=${mail}&scope=files:read+mail:read`);
                expect((await get('/files', token)).statusCode).to.equal(200);
                const [grant] = (await store.listGrants('clientId', 'machine')).items;
                await store.revokeGrant(grant?.id ?? '');
                expect(await opened(token)).to.equal(['files']);
                advance(4);
                expect(await opened(token)).to.equal(['files']);
                advance(1);
                expect(await opened(token)).to.equal([]);
            });

            it('asks at each request where the window is 0', async () => {

                const { now } = testClock();
                const { store } = foreignStore(now);
                const { server, tokenFor, opened } = await threeResources(format, (hub) => hub.setClock(now).setStore(store).setRevocationWindow(0));
                const token = await tokenFor(`resource=${files}&scope=files:read`);
                expect(await opened(token)).to.equal(['files']);
                expect(await server.oauth2.grants.revokeClient('machine')).to.equal(1);
                expect(await opened(token)).to.equal([]);
            });

            it('asks at each request where the store says that it is in the process, whatever the window', async () => {

                const { now } = testClock();
                const store = new Proxy(foreignStore(now).store, { get: (target, name) => (name === 'isInProcess' ? true : Reflect.get(target, name)) });
                const { server, tokenFor, opened } = await threeResources(format, (hub) => hub.setClock(now).setStore(store).setRevocationWindow(3600));
                const token = await tokenFor(`resource=${files}&scope=files:read`);
                expect(await opened(token)).to.equal(['files']);
                expect(await server.oauth2.grants.revokeClient('machine')).to.equal(1);
                expect(await opened(token)).to.equal([]);
            });

            it('takes no token that has expired', async () => {

                const { clock, tokenFor, opened } = await threeResources(format);
                const token = await tokenFor(`resource=${files}&scope=files:read`);
                clock.advance(3599);
                expect(await opened(token)).to.equal(['files']);
                clock.advance(1);
                expect(await opened(token)).to.equal([]);
            });
        });
    }

    it('of the default resource takes what oauth2 takes', async () => {

        const { server, token } = await proving([OAuth2ClientCredentialsBuilder.create()], (hub) => hub.setResources({ [api]: { strategy: 'api' } }));
        server.route({ method: 'GET', path: '/api', options: { auth: 'api' }, handler: () => 'ok' });
        const { body } = await token('grant_type=client_credentials', basic('machine', secrets.machine));
        for (const url of ['/api', '/protected']) {
            expect((await server.inject({ url, headers: { authorization: `Bearer ${String(body.access_token)}` } })).statusCode).to.equal(200);
        }
    });

    it('at level 1 takes a token that says whom it is for, and asks no validate about one that does not', async () => {

        const asked: string[] = [];
        const flow = OAuth2ClientCredentialsBuilder.create()
            .tokenRoute((route) => route.generateToken(async ({ createJwtAccessToken, scope }) => ({ access_token: (await createJwtAccessToken({ aud: scope === 'files' ? files : undefined })).token })))
            .validate((_request, { token }) => {

                asked.push(token);
                return { isValid: true, credentials: {} };
            });
        const { server } = await provision([flow], (hub) => hub.setResources({ [files]: { strategy: 'files' }, [mail]: {} }));
        for (const strategy of ['oauth2', 'files']) {
            server.route({ method: 'GET', path: `/${strategy}`, options: { auth: strategy }, handler: () => 'ok' });
        }

        const tokenFor = async (scope: string) => {

            const { payload } = await server.inject(form('/oauth2/token', { grant_type: 'client_credentials', scope }, { authorization: basic('m', 's') }));
            return String(Object(JSON.parse(payload)).access_token);
        };

        const status = async (url: string, token: string) => (await server.inject({ url, headers: { authorization: `Bearer ${token}` } })).statusCode;
        const [forFiles, forServer] = [await tokenFor('files'), await tokenFor('server')];
        expect([await status('/files', forFiles), await status('/files', forServer), await status('/files', 'opaque')]).to.equal([200, 401, 401]);
        expect(asked).to.equal([forFiles]);
        expect([await status('/oauth2', forFiles), await status('/oauth2', forServer), await status('/oauth2', 'opaque')]).to.equal([401, 200, 200]);
    });
});

describe('addStrategy()', () => {

    const taken = async (name: string) => {

        const server = quietServer();
        server.auth.scheme('own', () => ({ authenticate: (_request, h) => h.continue }));
        server.auth.strategy('mine', 'own');
        await server.register([AuthorizationServerBuilder.create().setResources({ [api]: {}, [files]: { strategy: name } }), machines()]);
    };

    it('refuses a name that the app, the hub or a flow has, and says whose strategy cannot have it', async () => {

        for (const name of ['mine', 'oauth2']) {
            await expect(taken(name)).to.reject(`The resource '${files}' cannot have the auth strategy '${name}', because there is one of that name already: choose another with strategy in setResources()`);
        }

        await expect(taken('oauth2-client-credentials')).to.reject('Flow \'oauth2-client-credentials\' cannot have the auth strategy \'oauth2-client-credentials\', because there is one of that name already: choose another with strategyName()');
        await taken('files');
    });

    it('refuses the name of the hub\'s strategy too, and says how to choose another', async () => {

        const server = quietServer();
        server.auth.scheme('own', () => ({ authenticate: (_request, h) => h.continue }));
        server.auth.strategy('oauth2', 'own');
        await expect(server.register(AuthorizationServerBuilder.create())).to.reject('The AuthorizationServerBuilder cannot have the auth strategy \'oauth2\', because there is one of that name already: choose another with strategyName()');
    });

    it('counts the strategy as one of the server\'s, whose refusals are challenged', async () => {

        const { server } = await provision([machines()], (hub) => hub.strategyName('tokens').setResources({ [api]: {}, [files]: { strategy: 'files' } }));
        expect([...server.plugins['hapi-oauth2-flows'].authorizationServer.strategies]).to.equal(['tokens', 'files', 'oauth2-client-credentials']);
    });
});
