import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { MemoryStore, clientSecretDigest } from '../../lib';
import { Registrations, type DecideRegistration } from '../../lib/clients/registrations';
import { StoredClients } from '../../lib/clients/stored-clients';
import { sha256 } from '../../lib/protocol/digest';
import { Secrets } from '../../lib/protocol/secrets';
import { clientKeys, publicHalf } from '../fixture/client-keys';
import { testClock } from '../fixture/clock';
import { refusal } from '../fixture/oauth-error';
import { request } from '../fixture/registration';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const bench = (ids: string[], exists: (id: string) => boolean) => {

    const { now: clock } = testClock();
    const store = new MemoryStore({ clock });
    const stored = new StoredClients({ store, secrets: Secrets.generate(), clock });
    const outbound = { fetch: () => Promise.reject(new Error('never')), check: () => Promise.resolve() };
    const registrations = new Registrations({ stored, outbound, clock, served: () => ({ openScopes: ['openid'], subjectTypes: ['public'] }), exists: (id) => Promise.resolve(exists(id)), newClientId: () => ids.shift() ?? 'last' });
    const decide = () => Promise.resolve({});
    return { store, stored, registrations, decide, register: () => registrations.register(request, { decide, data: {}, consume: () => Promise.resolve() }) };
};

describe('Registrations', () => {

    it('give no client the id of another, and never replace one whose id was taken in between', async () => {

        const { register, stored } = bench(['web', 'free', 'free'], (id) => id === 'web');
        const { client } = await register();
        expect(client.id).to.equal('free');
        const before = await stored.find('free');
        await expect(register()).to.reject('The id of a new client was taken in the meantime');
        expect((await stored.find('free'))?.tokenDigest).to.equal(before?.tokenDigest);
    });

    it('give up where every id is taken', async () => {

        const { register, store } = bench([], () => true);
        expect(await refusal(register)).to.equal({ code: 'temporarily_unavailable', reason: 'lost_every_race' });
        expect(store.size).to.equal(0);
    });

    it('let one of two changes through that come at once', async () => {

        const { register, registrations, decide } = bench(['a'], () => false);
        const { token } = await register();
        const found = await registrations.find('a', token);
        await registrations.replace(found, { ...request, client_id: 'a' }, { decide, token });
        expect(await refusal(() => registrations.replace(found, { ...request, client_id: 'a' }, { decide, token }))).to.equal({ code: 'temporarily_unavailable', reason: 'registration_changed_meanwhile' });
    });

    it('answer a client as it will be found from then on, vouched for or not, whatever it was before', async () => {

        for (const method of ['client_secret_basic', 'client_secret_jwt', 'none']) {
            const { registrations, stored } = bench(['a'], () => false);
            const asked = { ...request, token_endpoint_auth_method: method };
            const { client: created, token } = await registrations.register(asked, { decide: () => Promise.resolve({ verified: true }), data: {}, consume: () => Promise.resolve() });
            expect(created.unverified).to.be.undefined();
            expect((await stored.find('a'))?.client).to.equal(created);
            for (const verified of [true, false, undefined, true]) {
                const { client } = await registrations.replace(await registrations.find('a', token), { ...asked, client_id: 'a' }, { decide: () => Promise.resolve({ verified }), token });
                expect(client.unverified).to.equal(verified === true ? undefined : true);
                expect((await stored.find('a'))?.client).to.equal(client);
            }
        }
    });

    it('attack: take no digest of a secret from outside, neither of the client nor of a policy', async () => {

        const own = { client_secret_sha256: clientSecretDigest('known to whoever registers it'.padEnd(32)) };
        for (const method of ['client_secret_basic', 'client_secret_jwt', 'private_key_jwt']) {
            const { registrations, stored, store } = bench(['a'], () => false);
            const asked = { ...request, ...own, token_endpoint_auth_method: method, jwks: { keys: [publicHalf(clientKeys.es256)] } };
            const decide: DecideRegistration = (metadata) => Promise.resolve({ metadata: { ...metadata, ...own } });
            const { client, token, secret } = await registrations.register(asked, { decide, data: {}, consume: () => Promise.resolve() });
            expect(secret === undefined).to.equal(method === 'private_key_jwt');
            const changed = await registrations.replace(await registrations.find('a', token), { ...asked, client_id: 'a' }, { decide, token });
            for (const { metadata } of [client, changed.client, (await registrations.find('a', token)).client]) {
                expect(metadata).to.not.include('client_secret_sha256');
            }

            expect((await stored.find('a'))?.secretDigest).to.equal(method === 'client_secret_basic' ? sha256(secret ?? '') : null);
            expect(JSON.stringify(await store.get('client', 'a'))).to.not.include(own.client_secret_sha256);
        }
    });

    it('fail closed on a record that is not what was written', async () => {

        const { register, store, stored } = bench(['a'], () => false);
        await register();
        const record = await store.get('client', 'a');
        for (const value of [{}, { ...record?.value, metadata: { client_id: 'b' } }, { ...record?.value, metadata: { ...Object(record?.value.metadata), client_id: 'b' } }, { ...record?.value, tokenDigest: 5 }]) {
            await store.put({ kind: 'client', key: 'a', value, expiresAt: Number.MAX_SAFE_INTEGER });
            await expect(stored.find('a')).to.reject(/^The store answered a registered client/);
        }
    });
});
