import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import type { ClientMetadata } from '../../lib';
import { numberOn } from '../fixture/authorization';
import { deviceCodeType } from '../fixture/registered-server';
import { ruleClients, ruleServer } from '../fixture/rule-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const outcome = ({ statusCode, body }: { readonly statusCode: number; readonly body: Readonly<Record<string, unknown>> }) => [statusCode, body.error];
const unknownClient = [401, 'invalid_client'];

/** A device that waits, and its client, which may be unregistered, or changed so that devices are nothing for it any more. */
const waitingDevice = async () => {

    const clients = new Map<string, ClientMetadata>(ruleClients.map((client) => [client.client_id, client]));
    const bench = await ruleServer({ clients });
    const { body } = await bench.send('/oauth2/device_authorization', {}, 'tv');
    const poll = async () => {

        bench.clock.advance(20);
        return outcome(await bench.send('/oauth2/token', { grant_type: deviceCodeType, device_code: String(body.device_code) }, 'tv'));
    };

    const register = (): unknown => clients.set('tv', { client_id: 'tv', token_endpoint_auth_method: 'none', grant_types: [deviceCodeType], scope: 'email' });
    const change = (): unknown => clients.set('tv', { client_id: 'tv', token_endpoint_auth_method: 'none', grant_types: ['refresh_token'], scope: 'email' });
    return { ...bench, userCode: body.user_code, poll, register, change, unregister: () => clients.delete('tv') };
};

describe('A device whose client was unregistered', () => {

    it('attack: hears that its client is unknown while it waits, and cannot be approved', async () => {

        const { userCode, enterUserCode, poll, unregister } = await waitingDevice();
        expect(await poll()).to.equal([400, 'authorization_pending']);
        unregister();
        expect(await poll()).to.equal(unknownClient);
        const { asked } = await enterUserCode(userCode);
        expect([asked.statusCode, asked.payload.includes('waits no more')]).to.equal([400, true]);
    });

    it('attack: is not connected by who was asked before, also for a client that comes later under its name', async () => {

        const { userCode, enterUserCode, poll, unregister, register, server, eventsOf } = await waitingDevice();
        const { decide } = await enterUserCode(userCode);
        unregister();
        const { statusCode, payload } = await decide('allow');
        expect([statusCode, payload.includes('waits no more')]).to.equal([400, true]);
        expect([(await server.oauth2.grants.list({ subject: 'alice' })).items, eventsOf('approved')]).to.equal([[], []]);
        expect(await poll()).to.equal(unknownClient);
        register();
        expect(await poll()).to.equal([400, 'authorization_pending']);
    });

    it('attack: gets no tokens for what was approved before', async () => {

        const { userCode, enterUserCode, poll, unregister, register, server } = await waitingDevice();
        await (await enterUserCode(userCode)).decide('allow');
        unregister();
        expect(await poll()).to.equal(unknownClient);
        expect(await server.oauth2.grants.revokeClient('tv')).to.equal(1);
        register();
        expect(await poll()).to.equal([400, 'invalid_grant']);
    });

    it('may be denied all the same', async () => {

        const { userCode, enterUserCode, poll, unregister, register } = await waitingDevice();
        const { decide } = await enterUserCode(userCode);
        unregister();
        expect((await decide('deny')).statusCode).to.equal(200);
        register();
        expect(await poll()).to.equal([400, 'access_denied']);
    });
});

describe('A device whose client may no longer have devices', () => {

    it('attack: cannot be approved, neither by who was asked before nor by who comes later', async () => {

        const { userCode, enterUserCode, poll, change, register, server, eventsOf } = await waitingDevice();
        const { decide } = await enterUserCode(userCode);
        change();
        const pages = [await decide('allow'), (await enterUserCode(userCode)).asked];
        for (const { statusCode, payload } of pages) {
            expect([statusCode, payload.includes('waits no more')]).to.equal([400, true]);
        }

        expect(eventsOf('refused')).to.equal(pages.map((page) => ({ reason: 'device_gone', error: 'invalid_request', client_id: 'tv', reference: numberOn(page) })));

        expect((await server.oauth2.grants.list({ subject: 'alice' })).items).to.equal([]);
        expect(eventsOf('approved')).to.equal([]);
        expect(await poll()).to.equal([400, 'unauthorized_client']);
        register();
        expect(await poll()).to.equal([400, 'authorization_pending']);
    });

    it('may be denied all the same', async () => {

        const { userCode, enterUserCode, poll, change, register } = await waitingDevice();
        const { decide } = await enterUserCode(userCode);
        change();
        expect((await decide('deny')).statusCode).to.equal(200);
        register();
        expect(await poll()).to.equal([400, 'access_denied']);
    });
});
