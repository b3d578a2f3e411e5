import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { MemoryStore } from '../../lib';
import { StoredClients, keptSecret, withoutSecret, type StoredClient } from '../../lib/clients/stored-clients';
import { sha256 } from '../../lib/protocol/digest';
import { Secrets } from '../../lib/protocol/secrets';
import { epoch, testClock } from '../fixture/clock';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const day = 86_400;
const metadata = { redirect_uris: ['https://app.example.com/cb'] };

const client = (id: string, more: Partial<StoredClient> = {}): StoredClient => ({
    client: { id, metadata: { ...metadata, client_id: id }, unverified: true }, secretDigest: sha256(`secret of ${id}`), tokenDigest: 'digest', issuedAt: epoch / 1000, verified: false, data: {}, ...more
});

const bench = (secrets = Secrets.generate()) => {

    const clock = testClock();
    const store = new MemoryStore({ clock: clock.now });
    return { clock, store, stored: new StoredClients({ store, secrets, clock: clock.now }) };
};

describe('StoredClients', () => {

    it('finds what was added, once for each id', async () => {

        const { stored } = bench();
        expect(await stored.add(client('a', { data: { team: 'blue' } }))).to.be.true();
        expect(await stored.add(client('a', { tokenDigest: 'another' }))).to.be.false();
        expect(await stored.find('a')).to.include(client('a', { data: { team: 'blue' } }));
        for (const id of ['b', 'A', '', '__proto__']) {
            expect(await stored.find(id), id).to.be.null();
        }
    });

    it('checks a record once, and again when it was changed', async () => {

        const { stored } = bench();
        await stored.add(client('a'));
        const first = await stored.find('a');
        expect((await stored.find('a'))?.client).to.shallow.equal(first?.client);
        expect(first !== null && await stored.replace(first, client('a', { tokenDigest: 'another' }))).to.be.true();
        expect(first !== null && await stored.replace(first, client('a', { tokenDigest: 'too late' }))).to.be.false();
        expect((await stored.find('a'))?.tokenDigest).to.equal('another');
    });

    it('remembers 1000 checked records and no more, and loses nothing with those it forgets', async () => {

        const { stored } = bench();
        for (let i = 0; i < 1001; ++i) {
            await stored.add(client(`client ${i}`));
        }

        const first = await stored.find('client 0');
        for (let i = 1; i < 1000; ++i) {
            await stored.find(`client ${i}`);
        }

        const last = await stored.find('client 999');           // Found again as it is: 1000 are remembered, and this makes room
        expect(last?.client.id).to.equal('client 999');
        const again = await stored.find('client 0');
        expect(again).to.equal(first);
        expect(again?.client).to.not.shallow.equal(first?.client);
        for (const found of [first, again]) {
            expect(found === null ? undefined : stored.secretDigestOf(found.client)).to.equal(sha256('secret of client 0'));
        }
    });

    it('forgets a client at once, for this process too', async () => {

        const { stored } = bench();
        await stored.add(client('a'));
        await stored.find('a');
        await stored.remove('a');
        expect(await stored.find('a')).to.be.null();
        await stored.add(client('a', { tokenDigest: 'another' }));
        expect((await stored.find('a'))?.tokenDigest).to.equal('another');
    });

    it('keeps a client for 90 days from its last use, and one that somebody vouched for without an end', async () => {

        const { clock, store, stored } = bench();
        await stored.add(client('idle'));
        await stored.add(client('used'));
        await stored.add(client('known', { verified: true, client: { id: 'known', metadata: { ...metadata, client_id: 'known' } } }));
        const use = async (id: string) => {

            const found = await stored.find(id);
            await stored.used(found?.client ?? { id, metadata: { client_id: id } });
            return (await store.get('client', id))?.version;
        };

        const before = await use('known');
        clock.advance(45 * day);
        expect(await use('known')).to.equal(before);            // Nothing to prolong, nothing written
        await use('used');
        clock.advance(45 * day);
        expect(await stored.find('idle')).to.be.null();
        expect((await stored.find('used'))?.expiresAt).to.equal(epoch + 135 * day * 1000);
        clock.advance(10_000 * day);
        expect(await stored.find('used')).to.be.null();
        expect((await stored.find('known'))?.client.unverified).to.be.undefined();
    });

    it('does nothing for a client that it did not find, such as one of the operator\'s', async () => {

        const { store, stored } = bench();
        const operators = { id: 'web', metadata: { client_id: 'web' } };
        await stored.used(operators);
        expect(stored.secretDigestOf(operators)).to.be.undefined();
        expect((await store.list('client')).items).to.be.empty();
    });

    it('has no secret in the store: a digest of most, sealed those it computes with', async () => {

        const secrets = Secrets.generate();
        const { store, stored } = bench(secrets);
        const hmac = { ...metadata, client_id: 'hmac', token_endpoint_auth_method: 'client_secret_jwt', client_secret: 'h'.repeat(64) } as const;
        const basic = { ...metadata, client_id: 'basic', client_secret: 'b'.repeat(43) };
        for (const record of [hmac, basic]) {
            const kept = keptSecret(record);
            await stored.add({ ...client(record.client_id), secretDigest: kept.secretDigest, client: { id: record.client_id, metadata: kept.metadata, unverified: true } });
        }

        const dump = JSON.stringify((await store.list('client')).items);
        expect(dump).to.not.contain(hmac.client_secret).and.not.contain(basic.client_secret);
        const [found, plain] = [await stored.find('hmac'), await stored.find('basic')];
        expect([found?.client.metadata.client_secret, found?.secretDigest]).to.equal([hmac.client_secret, null]);
        expect([plain?.client.metadata.client_secret, plain?.secretDigest]).to.equal([undefined, sha256(basic.client_secret)]);
        expect(found === null ? 'nothing' : stored.secretDigestOf(found.client)).to.be.undefined();

        const { value } = await store.get('client', 'hmac') ?? {};
        await store.put({ kind: 'client', key: 'other', value: { ...value, metadata: { ...withoutSecret(hmac), client_id: 'other' } }, expiresAt: Number.MAX_SAFE_INTEGER });
        await expect(stored.find('other')).to.reject();         // A sealed secret opens for its own client only
        await expect(new StoredClients({ store, secrets: Secrets.generate(), clock: () => epoch }).find('hmac')).to.reject();
    });
});

describe('keptSecret()', () => {

    it('is nothing for a client without a secret', () => {

        const spa = { ...metadata, client_id: 'spa', token_endpoint_auth_method: 'none' } as const;
        expect(keptSecret(spa)).to.equal({ metadata: spa, secretDigest: null });
    });
});
