import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { clientSecretDigest, type ClientMetadata } from '../../lib';
import { ClientRegistry } from '../../lib/clients/registry';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const acme = { client_id: 'acme', client_secret: 'secret of acme', grant_types: ['client_credentials'] };
const other = { ...acme, client_id: 'other' };

describe('ClientRegistry', () => {

    describe('of an array', () => {

        it('finds each client, and no other', async () => {

            const registry = new ClientRegistry([acme, other]);
            expect(await registry.find('acme')).to.equal({ id: 'acme', metadata: acme });
            expect((await registry.find('other'))?.metadata).to.shallow.equal(other);
            expect(registry.records).to.equal([acme, other]);
            for (const id of ['nobody', 'ACME', 'acme ', ' acme', 'acme\0']) {
                expect(await registry.find(id), id).to.be.null();
            }
        });

        it('may be empty', async () => {

            const registry = new ClientRegistry([]);
            expect(registry.records).to.equal([]);
            expect(await registry.find('acme')).to.be.null();
        });

        it('is what the array was: what is pushed later was never checked', async () => {

            const clients: ClientMetadata[] = [acme];
            const registry = new ClientRegistry(clients);
            clients.push({ client_id: 'late' });
            expect(await registry.find('late')).to.be.null();
            expect(registry.records).to.have.length(1);
        });

        it('refuses a record that cannot be used, naming client and field', () => {

            expect(() => new ClientRegistry([acme, { ...other, client_secret: undefined }]))
                .to.throw('setClients(): the record of client \'other\' cannot be used: client_secret is missing, which client_secret_basic needs: a client that cannot keep a secret says token_endpoint_auth_method \'none\'');
            expect(() => new ClientRegistry([acme, { ...other, client_id: 'x\n' }]))
                .to.throw('setClients(): the record of client number 2 cannot be used: client_id has to be 1 to 512 printable ASCII characters');
        });

        it('refuses a digest that cannot be one, or that is beside the secret, naming client and field and saying neither', () => {

            const digested = { ...other, client_secret: undefined, client_secret_sha256: clientSecretDigest('x'.repeat(32)) };
            expect(() => new ClientRegistry([acme, { ...digested, client_secret: 'x'.repeat(32) }])).to.throw('setClients(): the record of client \'other\' cannot be used: client_secret and client_secret_sha256 are both there, of which a client has one');
            expect(() => new ClientRegistry([{ ...digested, client_secret_sha256: 'hunter2' }])).to.throw('setClients(): the record of client \'other\' cannot be used: client_secret_sha256 has to be SHA-256 of the secret in 43 characters of base64url: make it with clientSecretDigest(secret)');
        });

        it('refuses entries that are no records', () => {

            for (const entry of [null, undefined, 'acme', 7, [acme], () => acme]) {
                // @ts-expect-error as plain JavaScript may call it
                expect(() => new ClientRegistry([acme, entry])).to.throw('setClients(): the record of client number 2 cannot be used: it is no object with a client_id');
            }
        });

        it('refuses a second client of one id', () => {

            expect(() => new ClientRegistry([acme, other, { ...acme, client_secret: 'secret two' }])).to.throw('setClients(): the client_id \'acme\' is there twice, and one of the two would never be found');
        });
    });

    describe('of a store', () => {

        it('asks it each time, in whichever way it answers', async () => {

            const asked: string[] = [];
            const answers: Record<string, unknown> = { sync: { ...acme, client_id: 'sync' }, async: Promise.resolve({ ...acme, client_id: 'async' }), nothing: undefined, none: null, noneLater: Promise.resolve(null) };
            // @ts-expect-error the answers are as plain JavaScript may give them
            const registry = new ClientRegistry({ get: (id) => (asked.push(id), answers[id]) });
            expect(registry.records).to.be.null();
            for (const id of ['sync', 'async', 'sync']) {
                expect((await registry.find(id))?.metadata.client_id).to.equal(id);
            }

            for (const id of ['nothing', 'none', 'noneLater', 'unheard']) {
                expect(await registry.find(id)).to.be.null();
            }

            expect(asked).to.equal(['sync', 'async', 'sync', 'nothing', 'none', 'noneLater', 'unheard']);
        });

        it('may be a Map, and sees what changes there', async () => {

            const clients = new Map([['acme', acme]]);
            const registry = new ClientRegistry(clients);
            expect((await registry.find('acme'))?.id).to.equal('acme');
            clients.delete('acme');
            expect(await registry.find('acme')).to.be.null();
        });

        it('fails closed on a record that cannot be used, and never says its secret', async () => {

            const broken = { ...acme, redirect_uris: ['javascript:alert(1)'] };
            const registry = new ClientRegistry(new Map([['acme', broken]]));
            for (let i = 0; i < 2; ++i) {
                await expect(registry.find('acme')).to.reject('The client store answered a record for \'acme\' that cannot be used: redirect_uris.0 has a scheme that no client can have');
            }
        });

        it('fails closed on a secret that is there beside its digest, and knows the digest that is there alone', async () => {

            const digest = clientSecretDigest('x'.repeat(32));
            const digested = { ...acme, client_secret: undefined, client_secret_sha256: digest };
            await expect(new ClientRegistry(new Map([['acme', { ...acme, client_secret_sha256: digest }]])).find('acme')).to.reject('The client store answered a record for \'acme\' that cannot be used: client_secret and client_secret_sha256 are both there, of which a client has one');
            const registry = new ClientRegistry(new Map<string, ClientMetadata>([['acme', digested], ['other', other]]));
            expect([registry.secretDigestOf(await registry.find('acme')), registry.secretDigestOf(await registry.find('other')), registry.secretDigestOf(null)]).to.equal([digest, undefined, undefined]);
        });

        it('fails closed on the record of another client, also once that was checked', async () => {

            const registry = new ClientRegistry({ get: () => acme });
            expect((await registry.find('acme'))?.id).to.equal('acme');
            for (const id of ['ACME', 'nobody', '__proto__']) {
                await expect(registry.find(id)).to.reject(`The client store answered a record for '${id}' that cannot be used: its client_id is another one`);
            }
        });

        it('fails closed on what a plain object answers for the names of its prototype', async () => {

            const clients: Record<string, ClientMetadata> = { acme };
            const registry = new ClientRegistry({ get: (id) => clients[id] });
            for (const id of ['__proto__', 'constructor', 'toString']) {
                await expect(registry.find(id)).to.reject(/^The client store answered a record for '\w+' that cannot be used: (client_id is required|it is no object with a client_id)$/);
            }
        });

        it('checks a record once, however often it is read', async () => {

            let read = 0;
            const counted = { ...acme, get client_name() {

                read++;
                return 'Acme';
            } };
            const registry = new ClientRegistry(new Map([['acme', counted]]));
            await registry.find('acme');
            const once = read;
            expect(once).to.be.above(0);
            await registry.find('acme');
            expect(read).to.equal(once);
        });

        it('lets its failures be those of the server', async () => {

            const registry = new ClientRegistry({ get: () => Promise.reject(new Error('connection lost')) });
            await expect(registry.find('acme')).to.reject('connection lost');
        });
    });

    it('does not ask for ids that no client could have', async () => {

        const asked: string[] = [];
        const registry = new ClientRegistry({ get: (id) => void asked.push(id) });
        for (const id of ['', 'x'.repeat(5_000_000), 'x'.repeat(513), 'a\0', '\r\n', 'ä', '\ud800', '\u202eemca']) {
            expect(await registry.find(id)).to.be.null();
        }

        expect(asked).to.equal([]);
    });

    it('has no keys of a client that publishes them, where nobody fetches', async () => {

        const metadata: ClientMetadata = { client_id: 'robot', token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://robot.example/keys', grant_types: ['client_credentials'] };
        expect(await new ClientRegistry([metadata]).keysFor({ id: 'robot', metadata }, { alg: 'ES256', kid: undefined })).to.equal([]);
    });

    it('refuses what is neither an array nor a store', () => {

        for (const clients of [undefined, null, {}, acme, 'acme', { get: acme }, new Set([acme])]) {
            // @ts-expect-error as plain JavaScript may call it
            expect(() => new ClientRegistry(clients)).to.throw('setClients() takes an array of client records, or a ClientStore with get(clientId), such as a Map');
        }
    });
});
