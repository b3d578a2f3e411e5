import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { AuthorizationServerBuilder, OAuth2DeviceAuthorizationBuilder, type CodeData, type IssueCode, type Issuer, type ProvenDeviceCodeContext, type ProvenDeviceCodeResponse } from '../../lib';
import { claimsOf } from '../fixture/jwt';
import { quietServer } from '../fixture/flows';
import { clients, device, deviceCodeType, registeredServer, webAuthorization } from '../fixture/registered-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

type Handler = IssueCode<ProvenDeviceCodeContext, ProvenDeviceCodeResponse>;

const start = async (issueCode?: Handler) => {

    const bench = await registeredServer([device().authorizationRoute((route) => (issueCode === undefined ? route : route.issueCode(issueCode)))]);
    const started = await bench.post('/oauth2/device_authorization', { client_id: 'tv' });
    const poll = () => bench.post('/oauth2/token', { grant_type: deviceCodeType, client_id: 'tv', device_code: String(started.body.device_code) });
    const decide = async (decision: 'allow' | 'deny') => {

        return await (await bench.enterUserCode(started.body.user_code)).decide(decision);
    };

    return { ...bench, started, poll, decide };
};

describe('The codes of a registered device', () => {

    it('lead from the device to its user and back', async () => {

        const { server, started, poll, decide } = await start();
        expect(started.statusCode).to.equal(200);
        expect(started.body).to.include({ verification_uri: 'http://localhost/oauth2/device', expires_in: 600, interval: 5 });
        expect((await poll()).body.error).to.equal('authorization_pending');
        expect((await decide('allow')).statusCode).to.equal(200);
        const { statusCode, body } = await poll();
        expect(statusCode).to.equal(200);
        expect(claimsOf(body.access_token)).to.include({ sub: 'alice', client_id: 'tv', scope: 'email' });
        expect(body.refresh_token).to.be.a.string();
        expect((await poll()).body.error).to.equal('invalid_grant');
        expect((await server.oauth2.grants.list({ subject: 'alice' })).items.length).to.equal(1);
    });

    it('say what each scope allows: in the flow\'s words, else in the resource\'s', async () => {

        const { post, enterUserCode } = await registeredServer([OAuth2DeviceAuthorizationBuilder.create()], (hub) => hub.setResources({ 'https://api.example.com': { scopes: { email: 'Read & answer your mail' } } }));
        const { body } = await post('/oauth2/device_authorization', { client_id: 'tv' });
        const { asked } = await enterUserCode(body.user_code);
        expect(asked.payload).to.contain('Read &amp; answer your mail');
    });

    it('tell the device when its user says no', async () => {

        const { poll, decide } = await start();
        await decide('deny');
        expect((await poll()).body.error).to.equal('access_denied');
        expect((await poll()).body.error).to.equal('access_denied');
    });

    it('can be redeemed no more once the grant is revoked', async () => {

        const { server, poll, decide } = await start();
        await decide('allow');
        await server.oauth2.grants.revokeSubject('alice');
        expect((await poll()).body.error).to.equal('invalid_grant');
    });

    it('carry what a handler makes of them: a shorter life, data of its own', async () => {

        const { started, server, decide } = await start(async ({ client, scopes, resources, deviceCodeIssuer, getDefaultDeviceCodeData, defaultResponse }) => {

            await deviceCodeIssuer.issue({ ...getDefaultDeviceCodeData(), room: `${client.id} ${scopes.join()} ${resources.length}` });
            return { ...await defaultResponse(), model: 'tv9', nothing: undefined };
        });
        expect(started.body).to.include({ model: 'tv9', verification_uri: 'http://localhost/oauth2/device', expires_in: 600, interval: 5 });
        await decide('allow');
        expect((await server.oauth2.grants.list({ subject: 'alice' })).items[0]?.data).to.equal({ room: 'tv email 1' });
        const alone = await start(async ({ deviceCodeIssuer, getDefaultDeviceCodeData }) => ({ device_code: await deviceCodeIssuer.issue(getDefaultDeviceCodeData()) }));
        expect(Object.keys(alone.started.body).sort()).to.equal(['device_code', 'expires_in', 'interval', 'user_code', 'verification_uri', 'verification_uri_complete']);
        expect((await alone.decide('allow')).statusCode).to.equal(200);
        const two = await start(async ({ deviceCodeIssuer, getDefaultDeviceCodeData, defaultResponse }) => {

            await defaultResponse();
            return { device_code: await deviceCodeIssuer.issue(getDefaultDeviceCodeData()) };
        });
        expect(two.started.statusCode).to.equal(500);
        const own = await start(async ({ deviceCodeIssuer, getDefaultDeviceCodeData }) => ({
            device_code: await deviceCodeIssuer.issue({ exp: getDefaultDeviceCodeData().exp - 300, room: 'kitchen' }), user_code: ''
        }));
        expect(own.started.body.expires_in).to.equal(300);
        await own.decide('allow');
        expect((await own.server.oauth2.grants.list({ subject: 'alice' })).items[0]?.data).to.equal({ room: 'kitchen' });
    });

    it('attack: come from no issuer that was kept', async () => {

        const kept: Issuer<CodeData>[] = [];
        const { started } = await start(async ({ deviceCodeIssuer, defaultResponse }) => {

            kept.push(deviceCodeIssuer);
            return await defaultResponse();
        });
        expect(started.statusCode).to.equal(200);
        await expect(kept[0]?.issue({ exp: 1 }) ?? Promise.resolve()).to.reject(/kept and called after its handler/);
    });

    it('are refused by the handler, and never what it makes up', async () => {

        expect((await start(() => ({ error: 'access_denied', error_description: 'Not this one' }))).started.body).to.equal({ error: 'access_denied', error_description: 'Not this one' });
        expect((await start(() => ({ error: 'access_denied' }))).started.body.error).to.equal('access_denied');
        const madeUp: readonly Handler[] = [
            () => ({ device_code: 'made-up', user_code: 'made-up' }),
            () => JSON.parse('null'),
            () => JSON.parse('"text"'),
            () => JSON.parse('{"error":"made_up"}'),
            async ({ defaultResponse }) => ({ ...await defaultResponse(), device_code: 'other' }),
            async ({ defaultResponse }) => JSON.parse(await defaultResponse().then(() => 'null')),
            async ({ defaultResponse }) => JSON.parse(await defaultResponse().then(() => '"text"')),
            async ({ defaultResponse }) => JSON.parse(await defaultResponse().then(() => '{}')),
            async ({ defaultResponse }) => JSON.parse(JSON.stringify({ ...await defaultResponse(), device_code: undefined })),
            async ({ deviceCodeIssuer }) => ({ device_code: await deviceCodeIssuer.issue({ exp: 1_893_456_000 + 601 }), user_code: '' }),
            async ({ deviceCodeIssuer }) => ({ device_code: await deviceCodeIssuer.issue({ exp: 1_893_456_000 }), user_code: '' }),
            async ({ deviceCodeIssuer }) => ({ device_code: await deviceCodeIssuer.issue({ exp: 1_893_456_000.5 }), user_code: '' })
        ];
        for (const handler of madeUp) {
            const { started: { statusCode, body } } = await start(handler);
            expect({ statusCode, error: body.error }).to.equal({ statusCode: 500, error: 'server_error' });
        }
    });

    it('give tokens that can be refreshed, and refresh tokens nothing else', async () => {

        const { post, poll, decide } = await start();
        await decide('allow');
        const { body } = await poll();
        const refreshed = await post('/oauth2/token', { grant_type: 'refresh_token', client_id: 'tv', refresh_token: String(body.refresh_token) });
        expect(refreshed.body).to.include({ token_type: 'Bearer', scope: 'email' }).and.not.include('id_token');
        expect((await post('/oauth2/token', { grant_type: 'refresh_token', client_id: 'tv' })).body.error).to.equal('invalid_request');
    });

    it('are the project\'s own on a server with clients, too, whose devices are proven first', async () => {

        const own = device().authorizationRoute((route) => route.generateCode(({ clientId }) => ({ device_code: clientId, user_code: 'U', verification_uri: 'https://app.example.com/tv' }))).tokenRoute((route) => route.generateToken(() => null));
        const { post } = await registeredServer([own]);
        expect((await post('/oauth2/device_authorization', { client_id: 'tv' })).body.device_code).to.equal('tv');
        expect((await post('/oauth2/device_authorization', { client_id: 'web', client_secret: 'wrong' })).body.error).to.equal('invalid_client');
        expect((await post('/oauth2/device_authorization', {}, webAuthorization)).body.error).to.equal('unauthorized_client');
    });

    it('are the framework\'s or the project\'s, not both', async () => {

        const hub = () => AuthorizationServerBuilder.create().setClients(clients);
        const verifying = OAuth2DeviceAuthorizationBuilder.create().authorizationRoute((route) => route.verifyUserCode(() => null));
        await expect(quietServer().register([hub(), verifying])).to.reject(/generateCode\(\) in authorizationRoute\(\), so its handlers prove, but no handler in tokenRoute\(\)/);
        const moved = await registeredServer([device().authorizationRoute((route) => route.setPath('/start').setVerificationPath('/tv'))]);
        expect((await moved.post('/start', { client_id: 'tv' })).body.verification_uri).to.equal('http://localhost/tv');
        const plain = await registeredServer([device()]);
        expect((await plain.post('/oauth2/device_authorization', { client_id: 'tv' })).statusCode).to.equal(200);
        expect((await plain.post('/oauth2/device_authorization', { client_id: 'nobody' })).body.error).to.equal('invalid_client');
    });
});
