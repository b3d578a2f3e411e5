import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OAuth2Error } from '../../lib';
import type { StartedDevice } from '../../lib/endpoints/proven-device-authorization';
import { newDeviceCodes } from '../../lib/grant-types/device-state';
import { epoch } from '../fixture/clock';
import { deviceServer, type DeviceReply } from '../fixture/device-server';
import { form } from '../fixture/provision';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const path = '/device_authorization';

describe('The device authorization endpoint of registered clients', () => {

    it('answers codes and what else a device needs', async () => {

        const { server, start, clock } = deviceServer();
        const { statusCode, headers, payload } = await server.inject(form(path, { client_id: 'tv', scope: 'play' }));
        expect(statusCode).to.equal(200);
        expect(headers).to.include({ 'cache-control': 'no-store', pragma: 'no-cache' });
        const { device_code: deviceCode, user_code: userCode, ...others } = JSON.parse(payload) as DeviceReply;
        expect(deviceCode).to.be.a.string();
        expect(userCode).to.match(/^[BCDFGHJ-NP-TV-XZ]{4}-[BCDFGHJ-NP-TV-XZ]{4}$/);
        expect(others).to.equal({
            verification_uri: 'https://auth.example.com/device',
            verification_uri_complete: `https://auth.example.com/device?user_code=${userCode}`,
            expires_in: 600,
            interval: 5
        });

        clock.advance(1);
        const another = await start();
        expect(another.device_code).to.not.equal(deviceCode);
        expect(another.user_code).to.not.equal(userCode);
    });

    it('keeps what the device waits for, for the client and the flow that asked', async () => {

        const { start, poll, prove } = deviceServer();
        const { device_code: deviceCode } = await start();
        expect(await poll(deviceCode)).to.equal('authorization_pending');
        expect(await poll(deviceCode, 'web')).to.equal('invalid_grant');
        await expect(prove(deviceCode, 'tv', 'another')).to.reject(OAuth2Error, 'The code or token is not valid');
    });

    it('lets the codes die after 10 minutes', async () => {

        const { start, prove, clock } = deviceServer();
        const { device_code: deviceCode } = await start();
        clock.advance(599);
        await expect(prove(deviceCode)).to.reject(OAuth2Error, 'The user has not decided yet');
        clock.advance(1);
        await expect(prove(deviceCode)).to.reject(OAuth2Error, 'The device code has expired');
    });

    it('keeps no code that who reads the store could use', async () => {

        const { start, store } = deviceServer();
        const { device_code: deviceCode, user_code: userCode } = await start();
        const kept = JSON.stringify([await store.list('device_code'), await store.list('user_code')]);
        expect(kept).to.include('"clientId":"tv"').and.include('deviceKey');
        for (const secret of [deviceCode, deviceCode.split('.').at(-1) ?? '', userCode, userCode.replace('-', '')]) {
            expect(kept).to.not.include(secret);
        }
    });

    it('refuses unknown clients, and clients that may not use device codes', async () => {

        const { server, logged, store } = deviceServer();
        const unknown = await server.inject(form(path, { client_id: 'nobody' }));
        expect([unknown.statusCode, JSON.parse(unknown.payload)]).to.equal([401, { error: 'invalid_client', error_description: 'The client is not known here' }]);
        const web = await server.inject(form(path, { client_id: 'web' }));
        expect([web.statusCode, JSON.parse(web.payload)]).to.equal([400, { error: 'unauthorized_client', error_description: 'The client may not use device codes' }]);
        expect(logged).to.include({ reason: 'grant_type_not_registered', error: 'unauthorized_client', client_id: 'web' });
        expect((await store.list('device_code')).items).to.equal([]);
    });

    it('stores nothing for a scope that the client may not have', async () => {

        const { server, store } = deviceServer({
            authorization: {
                target: () => {

                    throw new OAuth2Error('invalid_scope', 'Not this one');
                }
            }
        });
        const { statusCode, payload } = await server.inject(form(path, { client_id: 'tv' }));
        expect([statusCode, JSON.parse(payload)]).to.equal([400, { error: 'invalid_scope', error_description: 'Not this one' }]);
        expect((await store.list('device_code')).items).to.equal([]);
    });

    it('takes nothing but a posted form', async () => {

        const { server } = deviceServer();
        expect((await server.inject(`${path}?client_id=tv`)).statusCode).to.equal(405);
        expect((await server.inject({ method: 'POST', url: path, payload: { client_id: 'tv' } })).statusCode).to.equal(400);
    });

    it('lets a project choose the codes, their end and their data', async () => {

        const own = { ...newDeviceCodes(), userCode: 'BCDF-GHJK' };
        const started: StartedDevice[] = [];
        const { start, store } = deviceServer({
            authorization: {
                issueCode: async (given) => {

                    started.push(given);
                    return { codes: own, expiresAt: given.expiresAt - 60_500, data: { seat: 7 }, response: { ...own, model: 'tv9', expires_in: null } };
                }
            }
        });
        expect(await start()).to.include({ device_code: own.deviceCode, user_code: 'BCDF-GHJK', model: 'tv9', expires_in: 539, verification_uri_complete: 'https://auth.example.com/device?user_code=BCDF-GHJK' });
        expect(started[0]).to.include({ expiresAt: epoch + 600_000, target: { audience: ['https://api.example.com'], scopes: ['play'] } });
        expect(started[0]?.client.id).to.equal('tv');
        const [device] = (await store.list('device_code')).items;
        expect(device?.value).to.include({ data: { seat: 7 }, expiresAt: epoch + 539_500, issuedAt: epoch, flow: 'device', scopes: ['play'], resources: ['https://api.example.com'] });
    });

    it('tells the user code that was stored, where the chosen one was taken', async () => {

        const { start } = deviceServer({ authorization: { issueCode: async (given) => ({ ...given, codes: { ...given.codes, userCode: 'BCDF-GHJK' }, data: {}, response: { user_code: 'BCDF-GHJK' } }) } });
        expect((await start()).user_code).to.equal('BCDF-GHJK');
        const { user_code: second, verification_uri_complete: uri } = await start();
        expect(second).to.not.equal('BCDF-GHJK');
        expect(uri).to.equal(`https://auth.example.com/device?user_code=${second}`);
    });

    it('attack: tells no code, address or time that a handler made up, and stores nothing', async () => {

        for (const made of [{ device_code: 'x' }, { user_code: 'ABCD-EFGH' }, { verification_uri: 'https://evil.example' }, { verification_uri_complete: 'https://evil.example' }, { expires_in: 9e9 }, { interval: 0 }]) {
            const { start, store } = deviceServer({ authorization: { issueCode: async (given) => ({ ...given, data: {}, response: made }) } });
            expect((await start()).error).to.equal('server_error');
            expect((await store.list('device_code')).items).to.equal([]);
        }
    });

    it('passes a project\'s refusal on, and nothing of what else it throws', async () => {

        const refused = deviceServer({ authorization: { issueCode: () => Promise.reject(new OAuth2Error('access_denied', 'No more devices')) } });
        expect(await refused.start()).to.equal({ error: 'access_denied', error_description: 'No more devices' });
        const broken = deviceServer({ authorization: { issueCode: () => Promise.reject(new Error('the password of the database')) } });
        const { statusCode, payload } = await broken.server.inject(form(path, { client_id: 'tv' }));
        expect(statusCode).to.equal(500);
        expect(payload).to.include('server_error').and.not.include('database');
    });
});
