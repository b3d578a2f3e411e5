import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { ClientSecretJwt, type HmacAlgorithm } from '../../lib';
import { assertionBench, assertionType, signed } from '../fixture/assertion';
import { clientKeys } from '../fixture/client-keys';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const octets = { HS256: 32, HS384: 48, HS512: 64 } as const;
const algorithms = ['HS256', 'HS384', 'HS512'] as const;

/** What becomes of an assertion that is signed with the very secret the server has. */
const outcome = async (method: ClientSecretJwt, alg: HmacAlgorithm, secret: string) => {

    const bench = assertionBench();
    const assertion = await signed({ alg }, bench.claims(), secret);
    return await refusal(() => method.present({ carrier: 'client_assertion', assertion, type: assertionType }, bench.context()));
};

describe('ClientSecretJwt', () => {

    for (const alg of algorithms) {
        it(`rule 7: takes ${alg} with a secret of ${octets[alg]} octets and refuses a shorter one (RFC 7518 §3.2)`, async () => {

            const long = 'x'.repeat(octets[alg]);
            const short = 'x'.repeat(octets[alg] - 1);
            const method = (secret: string) => new ClientSecretJwt().addAlgorithm(alg).getClientSecret(async () => secret);
            expect(await outcome(method(long), alg, long)).to.be.null();
            expect(await outcome(method(short), alg, short)).to.equal({ code: 'invalid_client', reason: 'client_key_not_found' });
        });
    }

    it('counts octets, not characters', async () => {

        const secret = 'ä'.repeat(16);
        expect(await outcome(new ClientSecretJwt().getClientSecret(() => secret), 'HS256', secret)).to.be.null();
    });

    it('asks for the secret of the client that the assertion names', async () => {

        const asked: string[] = [];
        const method = new ClientSecretJwt().getClientSecret((clientId) => {

            asked.push(clientId);
            return undefined;
        });
        expect(await outcome(method, 'HS256', 'x'.repeat(32))).to.equal({ code: 'invalid_client', reason: 'client_key_not_found' });
        expect(asked).to.equal(['robot']);
    });

    it('refuses every client as long as it has no secrets to verify with', async () => {

        const method = new ClientSecretJwt();
        expect(method.incomplete).to.match(/getClientSecret/);
        expect(await outcome(method, 'HS256', 'x'.repeat(32))).to.equal({ code: 'invalid_client', reason: 'client_key_not_found' });
        expect(method.getClientSecret(() => 'x').incomplete).to.be.undefined();
    });

    it('lets a look-up that fails be a fault of the server, not of the client', async () => {

        const method = new ClientSecretJwt().getClientSecret(() => Promise.reject(new Error('database is down')));
        await expect(outcome(method, 'HS256', 'x'.repeat(32))).to.reject(Error, 'database is down');
    });

    it('accepts HS256 unless told otherwise; the first algorithm added replaces it', () => {

        expect(new ClientSecretJwt().algorithms).to.equal(['HS256']);
        expect(new ClientSecretJwt().addAlgorithm('HS512').addAlgorithm('HS384').addAlgorithm('HS512').algorithms).to.equal(['HS512', 'HS384']);
    });

    it('takes no algorithm but HMAC', () => {

        for (const alg of ['ES256', 'none', 'toString']) {
            // @ts-expect-error as plain JavaScript may call it
            expect(() => new ClientSecretJwt().addAlgorithm(alg)).to.throw(TypeError, `ClientSecretJwt takes HS256, HS384 or HS512, not '${alg}'`);
        }
    });

    it('leaves other credentials and other algorithms to other methods', async () => {

        const bench = assertionBench();
        const method = new ClientSecretJwt().getClientSecret(() => 'x'.repeat(32));
        expect(await method.present({ carrier: 'client_secret', clientSecret: 'x' }, bench.context())).to.be.null();
        const assertion = await signed({ alg: 'ES256' }, bench.claims(), clientKeys.es256);
        expect(await method.present({ carrier: 'client_assertion', assertion, type: assertionType }, bench.context())).to.be.null();
    });
});
