import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { clientSecretDigest, type ClientMetadata } from '../../lib';
import { flowOf, hubOf } from '../../lib/testing/hub';
import { proofsOf, recordOf, type TestClient } from '../../lib/testing/test-client';
import { machines, users } from '../fixture/flows';
import { basic, provision } from '../fixture/provision';
import { login, registeredServer } from '../fixture/registered-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('proofsOf()', () => {

    const prove = async (client: TestClient, record: ClientMetadata | null = null, flow = machines()) => {

        const hub = hubOf((await provision([flow])).server);
        return proofsOf(client, record, flowOf(hub, undefined, 'is there', () => true));
    };

    it('proves a client as its record says', async () => {

        const record = { client_id: 'a', client_secret: 's' };
        expect(await prove({ clientId: 'a' }, record)).to.equal({ headers: { authorization: basic('a', 's') }, parameters: {} });
        expect(await prove({ clientId: 'a' }, { ...record, token_endpoint_auth_method: 'client_secret_post' })).to.equal({ headers: {}, parameters: { client_id: 'a', client_secret: 's' } });
        expect(await prove({ clientId: 'a' }, { client_id: 'a', token_endpoint_auth_method: 'none' })).to.equal({ headers: {}, parameters: { client_id: 'a' } });
        expect(await prove({ clientId: 'a', clientSecret: 'other' }, record)).to.equal({ headers: { authorization: basic('a', 'other') }, parameters: {} });
    });

    it('proves it as the flow takes it where there is no record', async () => {

        expect(await prove({ clientId: 'a', clientSecret: 's' })).to.equal({ headers: { authorization: basic('a', 's') }, parameters: {} });
        expect(await prove({ clientId: 'a', clientSecret: 's' }, null, machines().addClientAuthenticationMethod('client_secret_post'))).to.equal({ headers: {}, parameters: { client_id: 'a', client_secret: 's' } });
        const open = await provision([users()]);
        expect(proofsOf({ clientId: 'a' }, null, flowOf(hubOf(open.server), undefined, 'is there', () => true))).to.equal({ headers: {}, parameters: { client_id: 'a' } });
    });

    it('says that it knows no secret of which there is only the digest', async () => {

        const record = { client_id: 'a', client_secret_sha256: clientSecretDigest('s'.repeat(32)) };
        await expect(prove({ clientId: 'a' }, record)).to.reject('Only the digest of the secret of the client \'a\' is registered: give clientSecret');
        expect(await prove({ clientId: 'a', clientSecret: 's' }, record)).to.equal({ headers: { authorization: basic('a', 's') }, parameters: {} });
        expect(await prove({ clientId: 'a', clientHeaders: { authorization: 'Basic x' } }, record)).to.equal({ headers: { authorization: 'Basic x' }, parameters: { client_id: 'a' } });
        expect(await prove({ clientId: 'a', clientParameters: { client_assertion: 'jwt' } }, record)).to.equal({ headers: {}, parameters: { client_id: 'a', client_assertion: 'jwt' } });
    });

    it('adds what the test sends, and no secret beside an assertion', async () => {

        expect(await prove({ clientId: 'a', clientSecret: 's', clientHeaders: { dpop: 'proof' }, clientParameters: { x: 'y' } })).to.equal({ headers: { authorization: basic('a', 's'), dpop: 'proof' }, parameters: { x: 'y' } });
        expect(await prove({ clientId: 'a', clientSecret: 's', clientParameters: { client_assertion: 'jwt' } })).to.equal({ headers: {}, parameters: { client_id: 'a', client_assertion: 'jwt' } });
    });
});

describe('recordOf()', () => {

    it('finds the record of a registered client', async () => {

        const hub = hubOf((await registeredServer([login()])).server);
        expect(await recordOf(hub, 'web')).to.include({ client_id: 'web', client_secret: 'web-secret' });
        await expect(recordOf(hub, 'nobody')).to.reject('No client \'nobody\' is registered');
        expect(await recordOf(hubOf((await provision([machines()])).server), 'nobody')).to.be.null();
    });
});
