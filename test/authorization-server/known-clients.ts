import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { grantsOfKnownClients } from '../../lib/authorization-server/known-clients';
import { ClientRegistry } from '../../lib/clients/registry';
import { newGrantId, newTokenValue } from '../../lib/protocol/token-value';
import { exchangeRecord } from '../../lib/stores/exchange';
import { grantRecord } from '../../lib/stores/grant';
import { epoch } from '../fixture/clock';
import { aliceGrant, grantBench, placeOf } from '../fixture/grants';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const kept = async () => {

    const { store, clock } = grantBench();
    const id = newGrantId();
    const place = placeOf(newTokenValue('access_token', id));
    const expiresAt = clock.now() + 60_000;
    await store.openGrant(grantRecord(aliceGrant(id), expiresAt), [{ ...place, value: { a: 1 }, expiresAt }]);
    return { store, id, place };
};

describe('grantsOfKnownClients()', () => {

    it('rule 8: answers no grant of a client that is not registered any more, nor a token as if its grant lived', async () => {

        const { store, id, place } = await kept();
        const clients = new Map([['app', { client_id: 'app', token_endpoint_auth_method: 'none' as const, grant_types: [] }]]);
        const grants = grantsOfKnownClients(store, new ClientRegistry(clients));
        expect(await grants.findGrant(id)).to.equal(await store.findGrant(id)).and.to.not.be.null();
        expect(await grants.findToken(place)).to.equal(await store.findToken(place)).and.to.not.be.null();
        clients.delete('app');
        expect(await grants.findGrant(id)).to.be.null();
        expect(await grants.findToken(place)).to.include({ value: { a: 1 }, grant: null });
    });

    it('rule 8: answers no exchange as if its grant lived whose own client, or that of the grant, is not registered any more', async () => {

        const { store, id } = await kept();
        const exchange = { id: 'x', clientId: 'gateway', flow: 'exchange', scopes: [], resources: [], act: null, mayAct: null, ancestors: [], lastsUntil: epoch + 60_000 };
        await store.addTokens(id, [exchangeRecord(id, exchange, epoch + 60_000)]);
        const place = { kind: 'exchange', grantId: id, key: 'x' };
        const record = (clientId: string) => [clientId, { client_id: clientId, token_endpoint_auth_method: 'none' as const, grant_types: [] }] as const;
        for (const [registered, isThere] of [[['app', 'gateway'], true], [['app'], false], [['gateway'], false], [[], false]] as const) {
            const grants = grantsOfKnownClients(store, new ClientRegistry(new Map(registered.map(record))));
            expect((await grants.findToken(place))?.grant?.id === id, registered.join()).to.equal(isThere);
        }
    });

    it('leaves a token whose grant is gone as it is', async () => {

        const { store, place } = await kept();
        const found = await store.findToken(place);
        const grants = grantsOfKnownClients({ ...store, findToken: () => Promise.resolve(found && { ...found, grant: null }), findGrant: () => Promise.resolve(null), get: () => Promise.resolve(null) }, new ClientRegistry([]));
        expect(await grants.findToken(place)).to.include({ value: { a: 1 }, grant: null });
    });

    it('believes the store where no clients are registered', async () => {

        const { store, id } = await kept();
        const grants = grantsOfKnownClients(store, null);
        expect((await grants.findGrant(id))?.clientId).to.equal('app');
        expect(await grants.findGrant('nothing')).to.be.null();
    });

    it('asks for no client where there is no grant, and fails where nobody can say whether the client is there', async () => {

        const { store, id, place } = await kept();
        const grants = grantsOfKnownClients(store, new ClientRegistry({ get: () => Promise.reject(new Error('The clients are away')) }));
        expect([await grants.findGrant('nothing'), await grants.findToken({ ...place, key: 'k' })]).to.equal([null, null]);
        await expect(grants.findGrant(id)).to.reject('The clients are away');
        await expect(grants.findToken(place)).to.reject('The clients are away');
        await store.revokeGrant(id);
        expect((await grants.findToken(place))?.grant ?? null).to.be.null();
    });
});
