import { clientKind } from '../clients/stored-clients';
import { userCodeKind } from '../grant-types/device-state';
import type { JwksKeyStore } from '../keys/key-store';
import type { Secrets } from '../protocol/secrets';
import { everyItem } from '../stores/pages';
import type { Store, StoredValue } from '../stores/store';
import { StoredKeys, signingKeyKind } from './stored-keys';

/** Records that were made with a secret and name it: in `secret`, or in the `secret` of what is sealed in them. */
interface SecretKind {
    readonly kind: string;
    /** How one of them is called in a sentence, and what was done with its secret. */
    readonly what: string;
    /** How long they need it. */
    readonly until: string;
}

const kinds: readonly SecretKind[] = [
    { kind: signingKeyKind, what: 'signing key was sealed', until: 'until the key is replaced, which takes its rotation interval, or ten minutes and a request after server.oauth2.keys.rotate()' },
    { kind: clientKind, what: 'secret of a registered client was sealed', until: 'for as long as the client is registered, or until it has changed its registration' },
    { kind: userCodeKind, what: 'user code was digested', until: 'for ten minutes, which is how long user codes live' }
];

/** Larger pages than where somebody waits for one: there may be as many user codes as devices have asked for in ten minutes. */
const limit = 1000;

/**
 * Throws a sentence if something live in the store was made with a secret that is no longer listed: nobody could read it or find it again.
 *
 * Without secrets of its own a server reads nothing that outlives it. Signing keys count where the server keeps them in its store, not where they
 * are left from before it had a key store of its own.
 */
export const assertSecretsListed = async (store: Pick<Store, 'list'>, secrets: Secrets | undefined, keys: JwksKeyStore): Promise<void> => {

    const read = secrets === undefined ? [] : kinds.filter(({ kind }) => keys instanceof StoredKeys || kind !== signingKeyKind);
    for (const { kind, what, until } of read) {
        for await (const { value } of everyItem((cursor) => store.list(kind, cursor, limit))) {
            const id = secretOf(value);
            if (id !== undefined && secrets?.lists(id) === false) {
                throw new Error(`A ${what} with the secret '${id}', which setSecrets() no longer lists: put that secret back at the end of the list ${until}`);
            }
        }
    }
};

/** The name of the secret that a record was made with, if it says one. */
const secretOf = ({ secret, sealed, sealedSecret = sealed }: StoredValue): string | undefined => {

    const name: unknown = typeof sealedSecret === 'object' && sealedSecret !== null ? Reflect.get(sealedSecret, 'secret') : secret;
    return typeof name === 'string' ? name : undefined;
};
