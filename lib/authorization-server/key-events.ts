import type { Server } from '@hapi/hapi';

import type { KeyChange } from '../keys/signing-keys';

/** What happens to the signing keys, in the server's log: which key, never the key. */
export const keyEvents = (server: Server): { readonly onFailure: (cause: unknown) => void; readonly onChange: (change: KeyChange) => void } => ({
    onFailure: (cause) => {

        server.log(['oauth', 'keys', 'error'], new Error('The key store does not answer: the keys at hand have to do', { cause }));
    },
    onChange: ({ step, kid, purpose, alg, signsFrom }) => {

        server.log(['oauth', 'rotated'], { what: 'signing_key', step, kid, purpose, alg, signs_from: Math.floor(signsFrom / 1000) });
    }
});
