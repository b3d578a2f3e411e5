import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { FlowError, runDeviceFlow } from '../../lib/testing';
import { devices } from '../fixture/flows';
import { provision } from '../fixture/provision';
import { device, login, registeredServer } from '../fixture/registered-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const tv = { clientId: 'tv', username: 'alice', password: 'right' };

describe('runDeviceFlow()', () => {

    it('asks as the device, enters the code as the user, and polls', async () => {

        const { server } = await registeredServer([login(), device()]);
        const tokens = await runDeviceFlow(server, { ...tv, scope: 'email' });
        expect(tokens.userCode).to.match(/^[A-Z]{4}-[A-Z]{4}$/);
        expect(tokens.verificationUri).to.equal('http://localhost/oauth2/device');
        expect(tokens.scope).to.equal(['email']);
        expect(await server.oauth2.tokens.verify(tokens.accessToken)).to.include({ sub: 'alice', client_id: 'tv', flow: 'oauth2-device-authorization' });

        const again = await runDeviceFlow(server, { clientId: 'tv', flow: 'oauth2-device-authorization', parameters: { scope: 'email' }, jar: new Map(tokens.jar), username: 'alice', password: 'right' });
        expect(await server.oauth2.tokens.verify(again.accessToken)).to.include({ sub: 'alice' });
    });

    it('enters the code itself where the link does not hold it', async () => {

        const { server } = await provision([devices()]);
        const tokens = await runDeviceFlow(server, { clientId: 'tv', username: 'alice', password: 'correct' });
        expect(tokens.userCode).to.equal('BCDF-GHJK');
        expect(await server.oauth2.tokens.verify(tokens.accessToken)).to.include({ sub: 'alice' });
    });

    it('says how it ended without tokens', async () => {

        const { server } = await registeredServer([login(), device()]);
        expect(await expect(runDeviceFlow(server, { ...tv, decision: 'deny' })).to.reject(FlowError)).to.include({ step: 'token', code: 'access_denied' });
        expect(await expect(runDeviceFlow(server, { ...tv, scope: 'unknown' })).to.reject(FlowError)).to.include({ step: 'device_authorization', code: 'invalid_scope' });
        expect(await expect(runDeviceFlow(server, { ...tv, password: 'wrong' })).to.reject(FlowError)).to.include({ step: 'page', statusCode: 400 });
    });
});
