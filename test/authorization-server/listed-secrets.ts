import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { MemoryStore, OAuth2DeviceAuthorizationBuilder, type AuthorizationServerBuilder, type Store } from '../../lib';
import { assertSecretsListed } from '../../lib/authorization-server/listed-secrets';
import { StoredKeys } from '../../lib/authorization-server/stored-keys';
import { StoredClients } from '../../lib/clients/stored-clients';
import { MemoryKeyStore } from '../../lib/keys/memory-key-store';
import { sha256 } from '../../lib/protocol/digest';
import { Secrets } from '../../lib/protocol/secrets';
import { epoch, testClock } from '../fixture/clock';
import { foreignStore } from '../fixture/level-2';
import { form, provision } from '../fixture/provision';
import { device, registeredServer } from '../fixture/registered-server';
import { staticKeys } from '../fixture/static-keys';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const older = 'o'.repeat(32);
const newer = 'n'.repeat(32);

/** The name that what was made with a secret carries. */
const nameOf = (secret: string) => new Secrets([secret]).digest('user-code', '').secret;

const keySentence = `A signing key was sealed with the secret '${nameOf(older)}', which setSecrets() no longer lists: put that secret back at the end of the list until the key is replaced, which takes its rotation interval, or ten minutes and a request after server.oauth2.keys.rotate()`;
const codeSentence = `A user code was digested with the secret '${nameOf(older)}', which setSecrets() no longer lists: put that secret back at the end of the list for ten minutes, which is how long user codes live`;

const readyKey = () => {

    const [record] = staticKeys().list();
    if (record === undefined) {
        throw new Error('There is no key');
    }

    return record;
};

/** Checks a store on behalf of a server with these secrets. */
const check = async (store: Store, ...secrets: readonly string[]) => await assertSecretsListed(store, new Secrets(secrets), new StoredKeys(store, new Secrets(secrets)));

const userCode = (key: string, value: Record<string, unknown>, expiresAt = epoch + 600_000) => ({ kind: 'user_code', key, value: { deviceKey: 'd', ...value }, expiresAt });

describe('assertSecretsListed()', () => {

    it('rule 7: names the kind of a live record whose secret is no longer listed, and says what to do, without the secret', async () => {

        const store = new MemoryStore({ clock: testClock().now });
        await new StoredKeys(store, new Secrets([older])).putIfAbsent(readyKey());
        await check(store, older);
        await check(store, newer, older);
        await expect(check(store, newer)).to.reject(keySentence);
        expect(keySentence).to.not.include(older.slice(0, 8));

        const codes = new MemoryStore({ clock: testClock().now });
        await codes.put(userCode('k', { secret: nameOf(older) }));
        await check(codes, newer, older);
        await expect(check(codes, newer)).to.reject(codeSentence);
    });

    it('rule 7: names a registered client whose secret could no longer be read', async () => {

        const { now } = testClock();
        const store = new MemoryStore({ clock: now });
        const metadata = { client_id: 'client-1', client_secret: 's'.repeat(64), token_endpoint_auth_method: 'client_secret_jwt' as const, redirect_uris: ['https://app.example.com/cb'] };
        const clients = new StoredClients({ store, secrets: new Secrets([older]), clock: now });
        await clients.add({ client: { id: 'client-1', metadata }, secretDigest: null, tokenDigest: 'digest', issuedAt: epoch / 1000, verified: true, data: {} });
        await check(store, newer, older);
        await expect(check(store, newer)).to.reject(`A secret of a registered client was sealed with the secret '${nameOf(older)}', which setSecrets() no longer lists: put that secret back at the end of the list for as long as the client is registered, or until it has changed its registration`);
        await clients.remove('client-1');
        await clients.add({ client: { id: 'client-2', metadata: { ...metadata, client_id: 'client-2', client_secret: undefined, token_endpoint_auth_method: 'client_secret_basic' } }, secretDigest: sha256('its secret'), tokenDigest: 'digest', issuedAt: epoch / 1000, verified: true, data: {} });
        await check(store, newer);
    });

    it('finds the one among thousands that needs another secret', async () => {

        const { now } = testClock();
        const { store, calls } = foreignStore(now);
        for (let i = 0; i < 2500; ++i) {
            await store.put(userCode(`k${String(i).padStart(4, '0')}`, { secret: nameOf(i === 2400 ? older : newer) }));
        }

        await expect(check(store, newer)).to.reject(codeSentence);
        expect(calls.filter((name) => name === 'list')).to.have.length(5);
        await check(store, newer, older);
    });

    it('forgets with the record', async () => {

        const { now, advance } = testClock();
        const store = new MemoryStore({ clock: now });
        await store.put(userCode('k', { secret: nameOf(older) }));
        advance(599);
        await expect(check(store, newer)).to.reject(codeSentence);
        advance(1);
        await check(store, newer);
    });

    it('minds no record that names no secret: a key without its private half, a user code of an earlier version', async () => {

        const store = new MemoryStore({ clock: testClock().now });
        const { privateJwk: _spent, ...spent } = readyKey();
        await new StoredKeys(store, new Secrets([older])).putIfAbsent(spent);
        for (const [i, value] of [{}, { secret: 7 }, { secret: null }, { sealed: 'x' }, { sealed: null }, { sealed: {} }, { sealed: { secret: 7 } }].entries()) {
            await store.put(userCode(`k${i}`, value));
        }

        await check(store, newer);
    });

    it('minds no key that the server does not use, and nothing where it has no secrets of its own', async () => {

        const store = new MemoryStore({ clock: testClock().now });
        await new StoredKeys(store, new Secrets([older])).putIfAbsent(readyKey());
        await assertSecretsListed(store, new Secrets([newer]), new MemoryKeyStore());
        await store.put(userCode('k', { secret: nameOf(older) }));
        await expect(assertSecretsListed(store, new Secrets([newer]), new MemoryKeyStore())).to.reject(codeSentence);
        await assertSecretsListed(store, undefined, new MemoryKeyStore());
    });
});

describe('a server that starts on a store of another one', () => {

    const flow = () => OAuth2DeviceAuthorizationBuilder.create().setScopes({ email: 'Your e-mail address' });
    const clients = [{ client_id: 'tv', token_endpoint_auth_method: 'none', grant_types: ['urn:ietf:params:oauth:grant-type:device_code'], scope: 'email' }] as const;

    const startOn = async (store: Store, clock: () => number, secrets: readonly string[], configure: (hub: AuthorizationServerBuilder) => unknown = () => undefined) => {

        const { server } = await provision([flow()], (hub) => {

            hub.setClock(clock).setClients(clients).authenticateUser(() => 'alice').setStore(store).setSecrets(secrets);
            configure(hub);
        }, false);
        await server.initialize();
        return server;
    };

    it('rule 7: is refused its start as long as something lives that was made with a secret it does not list', async () => {

        const { now, advance } = testClock();
        const { store } = foreignStore(now);
        const first = await startOn(store, now, [older]);
        await expect(startOn(store, now, [newer])).to.reject(keySentence);
        const second = await startOn(store, now, [newer, older]);

        const both = [await first.inject('/oauth2/keys'), await second.inject('/oauth2/keys')].map(({ payload }) => payload);
        expect(both[0]).to.equal(both[1]);
        await second.oauth2.keys.rotate();
        advance(601);
        await second.inject('/oauth2/keys');                // The new key signs: the old one loses its private half
        await startOn(store, now, [newer]);
        await expect(startOn(store, now, ['m'.repeat(32)])).to.reject(keySentence.replace(nameOf(older), nameOf(newer)));
    });

    it('rule 7: is refused its start for a user code too, and starts when that has expired', async () => {

        const { now, advance } = testClock();
        const { store } = foreignStore(now);
        const ownKeys = (hub: AuthorizationServerBuilder) => hub.setJwksKeyStore(staticKeys());
        const first = await startOn(store, now, [older], ownKeys);
        const { statusCode } = await first.inject(form('/oauth2/device_authorization', { client_id: 'tv' }));
        expect(statusCode).to.equal(200);
        await expect(startOn(store, now, [newer], ownKeys)).to.reject(codeSentence);
        await startOn(store, now, [newer, older], ownKeys);
        advance(600);
        await startOn(store, now, [newer], ownKeys);
    });

    it('finds the device of a user code from before the rotation while its secret is listed', async () => {

        const { now } = testClock();
        const { store } = foreignStore(now);
        const processWith = async (secrets: readonly string[]) => await registeredServer([device()], (hub) => hub.setClock(now).setStore(store).setSecrets(secrets));
        const { body } = await (await processWith([older])).post('/oauth2/device_authorization', { client_id: 'tv' });
        expect((await (await processWith([newer, older])).enterUserCode(body.user_code)).asked.statusCode).to.equal(200);
        expect((await (await processWith([newer])).enterUserCode(body.user_code)).asked.payload).to.include('The code, the username or the password is wrong');
    });
});
