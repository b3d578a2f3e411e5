import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import type Hapi from '@hapi/hapi';

import { OAuth2PasswordBuilder, type AuthenticateUser, type AuthorizationServerBuilder } from '../../lib';
import { epoch } from '../fixture/clock';
import { quietServer } from '../fixture/flows';
import { claimsOf } from '../fixture/jwt';
import { ownGrants } from '../fixture/own-grants';
import { basic, form, provision } from '../fixture/provision';
import { refusalOf } from '../fixture/refusal';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const users: AuthenticateUser = ({ username, password }) => (password === 'right' && username !== 'nobody' ? { subject: username, acr: 'low', amr: ['pwd'] } : null);
const flow = () => OAuth2PasswordBuilder.create();
const sent = (more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> => ({ grant_type: 'password', username: 'ada', password: 'right', ...more });

/** A server with the flow that knows its users. */
const bench = (password = flow(), configure: (hub: AuthorizationServerBuilder) => unknown = () => undefined) => ownGrants([password], (hub) => {

    hub.authenticateUser(users);
    configure(hub);
});

/** The warnings of the process, and the log of the server, while it starts. */
const starting = async (server: Hapi.Server, times = 1) => {

    const warnings: string[] = [];
    const logged: unknown[] = [];
    const emitted = Object.getOwnPropertyDescriptor(process, 'emitWarning') ?? {};
    process.emitWarning = (warning: string | Error, options?: unknown) => void warnings.push(`${Object(options).code as string} ${String(warning)}`);
    server.events.on('log', ({ tags, data }) => tags.includes('password') && logged.push(data));
    try {
        for (let i = 0; i < times; ++i) {
            await server.initialize();
            await server.stop();
        }
    }
    finally {
        Object.defineProperty(process, 'emitWarning', emitted);
    }

    return { warnings, logged };
};

describe('OAuth2PasswordBuilder', () => {

    const warning = 'Flow \'oauth2-password\' serves the password grant, which must not be used (RFC 9700 §2.4): clients see their users\' passwords. Move them to the authorization code or the device flow';

    describe('at level 1', () => {

        const unproven = () => flow().tokenRoute((route) => route.generateToken(({ username, password, grantType, clientId }) => ({ access_token: [grantType, clientId, username, password].join(' ') })));

        it('gives the handler the name and the password', async () => {

            const { server } = await provision([unproven()]);
            expect(flow().name).to.equal('oauth2-password');
            const send = async (parameters: Readonly<Record<string, string>>) => (await server.inject(form('/oauth2/token', parameters, { authorization: basic('m', 's') }))).result;
            expect(await send(sent())).to.equal({ access_token: 'password m ada right', token_type: 'Bearer' });
            expect(await send({ grant_type: 'password', username: 'ada' })).to.include({ error: 'invalid_request' });
            const metadata = await server.inject<Record<string, unknown>>('/.well-known/oauth-authorization-server');
            expect(metadata.result).to.include({ grant_types_supported: ['password'], token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'] });
        });

        it('warns when the server starts, and once', async () => {

            const { server } = await provision([unproven()]);
            expect(await starting(server, 2)).to.equal({ warnings: [`HAPI_OAUTH2_PASSWORD ${warning}`], logged: [warning] });
        });

        it('needs a handler', async () => {

            expect(await refusalOf(quietServer(), flow())).to.match(/^Flow 'oauth2-password' has no handler for its tokenRoute\(\)/);
        });
    });

    describe('at level 2', () => {

        it('issues tokens to a client with its user\'s password, and tells of it', async () => {

            const { app, store, events, get, server } = await bench();
            const { statusCode, body } = await app(sent({ scope: 'read' }));
            expect(statusCode).to.equal(200);
            expect(body).to.include({ token_type: 'Bearer', expires_in: 3600, scope: 'read' }).and.not.include('id_token');
            expect(body.refresh_token).to.be.a.string();
            const claims = claimsOf(body.access_token);
            expect(claims).to.include({ sub: 'ada', client_id: 'app', aud: 'https://api.example', flow: 'oauth2-password' });
            const grant = await store.findGrant(String(claims.grant_id));
            expect(grant).to.include({ clientId: 'app', subject: 'ada' });
            expect(grant?.value).to.include({ acr: 'low', amr: ['pwd'], authTime: epoch / 1000, scopes: ['read'], data: {} });
            expect(await get(body.access_token)).to.equal(200);
            expect(events.filter(({ tags }) => tags.includes('issued')).map(({ data }) => data)).to.equal([{ grant_type: 'password', client_id: 'app', subject: 'ada', grant_id: claims.grant_id, scope: 'read', issued: ['access_token', 'refresh_token'] }]);
            expect(JSON.stringify(events)).to.not.include('right');
            const metadata = await server.inject<Record<string, unknown>>('/.well-known/oauth-authorization-server');
            expect(metadata.result?.grant_types_supported).to.equal(['password', 'refresh_token']);
        });

        it('refreshes for clients that are registered for it', async () => {

            const { app, as, refreshAs } = await bench();
            const { body } = await app(sent());
            const refreshed = await refreshAs('app', body.refresh_token);
            expect(refreshed.body).to.include({ scope: 'read write' });
            expect(claimsOf(refreshed.body.access_token)).to.include({ sub: 'ada' });
            expect((await as('once')(sent())).body).to.include({ scope: 'read write' }).and.not.include('refresh_token');
        });

        it('lets a handler issue', async () => {

            const issuing = flow().tokenRoute((route) => route.issueTokens(async ({ defaultResponse, subject, presented, grant }) => ({ ...await defaultResponse(), said: [subject, String(presented), String(grant.acr)].join(' ') })));
            const { app } = await bench(issuing);
            expect((await app(sent())).body).to.include({ said: 'ada null low' });
        });

        it('serves public clients', async () => {

            const { token } = await bench(flow(), (hub) => hub.setClients([{ client_id: 'cli', token_endpoint_auth_method: 'none', grant_types: ['password'], scope: 'read' }]));
            expect((await token(sent({ client_id: 'cli' }), undefined)).body).to.include({ scope: 'read' });
        });

        it('says the same of a wrong password and of a name that does not exist', async () => {

            const { app, stored, events } = await bench();
            const wrong = await app(sent({ password: 'wrong' }));
            expect([wrong.statusCode, wrong.body]).to.equal([400, { error: 'invalid_grant', error_description: 'The code or token is not valid' }]);
            const unknown = await app(sent({ username: 'nobody' }));
            expect([unknown.statusCode, unknown.body]).to.equal([wrong.statusCode, wrong.body]);
            expect(Object.keys(unknown.headers).sort()).to.equal(Object.keys(wrong.headers).sort());
            expect(await stored()).to.equal([]);
            expect(events.filter(({ tags }) => tags.includes('refused')).map(({ data }) => data.reason)).to.equal(['wrong_password', 'wrong_password']);
        });

        it('attack: asks for no password of a client that is not registered for it, does not prove who it is, or wants what it may not have', async () => {

            let asked = 0;
            const { as, token, stored } = await bench(flow(), (hub) => hub.authenticateUser(() => {

                ++asked;
                return 'ada';
            }));
            expect((await as('web')(sent())).body).to.include({ error: 'unauthorized_client' });
            expect((await token(sent({ client_id: 'app' }), undefined)).body).to.include({ error: 'invalid_client' });
            for (const [wish, error] of Object.entries({ 'scope=admin': 'invalid_scope', 'scope=b': 'invalid_scope', 'resource=https://evil.example': 'invalid_target', 'password=again': 'invalid_request', 'username=eve': 'invalid_request' })) {
                expect((await as('app')(`grant_type=password&username=ada&password=right&${wish}`)).body, wish).to.include({ error });
            }

            expect(asked).to.equal(0);
            expect(await stored()).to.equal([]);
        });

        it('attack: gives no token to a user who has the id of the client', async () => {

            const { app, stored, events } = await bench();
            expect((await app(sent({ username: 'app' }))).body).to.include({ error: 'invalid_grant' });
            expect(await stored()).to.equal([]);
            expect(events.some(({ data }) => data.reason === 'subject_is_client')).to.be.true();
        });

        it('attack: stops who tries passwords, for names that exist and for those that do not', async () => {

            const { app, clock } = await bench();
            for (const username of ['ada', 'nobody']) {
                for (let i = 0; i < 10; ++i) {
                    expect((await app(sent({ username, password: `guess ${i}` }))).body, `${username} ${i}`).to.include({ error: 'invalid_grant' });
                }

                const { statusCode, body, headers } = await app(sent({ username }));
                expect([statusCode, body.error, headers['retry-after']]).to.equal([429, 'temporarily_unavailable', '600']);
            }

            expect((await app(sent({ username: 'bob' }))).statusCode).to.equal(200);       // 20 failures from this address are not too many yet
            clock.advance(600);
            expect((await app(sent())).statusCode).to.equal(200);
        });

        it('attack: nonsense and failures of the project\'s handler are a server_error that says nothing', async () => {

            for (const answer of [undefined, '', 7, { subject: 'ä' }, { subject: 'ada', amr: 'pwd' }, new Error('the secret of the database')]) {
                const { app, stored } = await bench(flow(), (hub) => hub.authenticateUser(() => {

                    if (answer instanceof Error) {
                        throw answer;
                    }

                    return answer as string;
                }));
                const { statusCode, body } = await app(sent());
                expect([statusCode, body.error]).to.equal([500, 'server_error']);
                expect(JSON.stringify(body)).to.not.include('secret of');
                expect(await stored()).to.equal([]);
            }
        });

        it('warns when the server starts, and once', async () => {

            const { server } = await bench();
            expect(await starting(server, 2)).to.equal({ warnings: [`HAPI_OAUTH2_PASSWORD ${warning}`], logged: [warning] });
        });

        it('does not start without users, of whom another flow may tell', async () => {

            const { server, app } = await ownGrants([flow()]);
            await expect(server.initialize()).to.reject('Flow \'oauth2-password\' cannot verify passwords, since this server does not know its users: call authenticateUser(({ username, password }) => ...) on the AuthorizationServerBuilder');
            expect((await app(sent())).body).to.include({ error: 'server_error' });
            const { server: other } = await ownGrants([flow(), flow().strategyName('two').tokenRoute((route) => route.setPath('/two')).authenticateUser(users)]);
            expect((await starting(other)).warnings).to.have.length(2);
        });
    });
});
