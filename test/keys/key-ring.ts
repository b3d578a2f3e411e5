import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import type { KeyPurpose, SigningKeyRecord } from '../../lib';
import { KeyRing, slotOf } from '../../lib/keys/key-ring';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const policy = { intervalMs: 100, leadMs: 10, retentionMs: 20 };

const key = (purpose: KeyPurpose, alg: string, generation: number): SigningKeyRecord =>
    ({ id: `${purpose}:${alg}:${generation}`, kid: `${alg} ${generation}`, purpose, alg, generation, signsFrom: (generation - 1) * 100, publicJwk: {}, privateJwk: {} });

describe('KeyRing', () => {

    const records = [key('access_token', 'ES256', 2), key('access_token', 'ES256', 1), key('id_token', 'ES256', 1), key('access_token', 'RS256', 1)];
    const ring = new KeyRing(records);

    it('tells keys apart by what they are for', () => {

        expect(ring.has({ purpose: 'access_token', alg: 'ES256' })).to.be.true();
        expect(ring.has({ purpose: 'id_token', alg: 'RS256' })).to.be.false();
        expect(ring.of({ purpose: 'access_token', alg: 'ES256' }).signing(100)?.id).to.equal('access_token:ES256:2');
        expect(ring.of({ purpose: 'id_token', alg: 'ES256' }).signing(100)?.id).to.equal('id_token:ES256:1');
        expect(ring.of({ purpose: 'id_token', alg: 'RS256' }).next).to.equal(1);
        expect(slotOf({ purpose: 'id_token', alg: 'RS256' })).to.equal('id_token:RS256');
    });

    it('finds a key by its name and what it is for, even where two purposes have one name', () => {

        expect(ring.find({ purpose: 'access_token', kid: 'ES256 1' })?.id).to.equal('access_token:ES256:1');
        expect(ring.find({ purpose: 'id_token', kid: 'ES256 1' })?.id).to.equal('id_token:ES256:1');
        expect(ring.find({ purpose: 'id_token', kid: 'RS256 1' })).to.be.undefined();
        expect(ring.find({ purpose: 'id_token', kid: 'constructor' })).to.be.undefined();
    });

    it('finds a replaced key as published until its retention is over', () => {

        const name = { purpose: 'access_token', kid: 'ES256 1' } as const;
        expect(ring.findPublished(name, 120, policy)?.id).to.equal('access_token:ES256:1');
        expect(ring.findPublished(name, 121, policy)).to.be.undefined();
        expect(ring.findPublished({ ...name, kid: 'ES256 2' }, 1e9, policy)?.id).to.equal('access_token:ES256:2');
        expect(ring.findPublished({ ...name, kid: 'ES256 3' }, 0, policy)).to.be.undefined();
    });

    it('answers one set to many, until other keys are published, and nobody can change it', () => {

        const before = ring.jwks(120, policy);
        expect(before.keys.map(({ kid, use }) => `${String(kid)} ${String(use)}`).sort()).to.equal(['ES256 1 sig', 'ES256 1 sig', 'ES256 2 sig', 'RS256 1 sig']);
        expect(ring.jwks(119, policy)).to.shallow.equal(before);
        const after = ring.jwks(121, policy);
        expect(after.keys).to.have.length(3);
        expect(ring.jwks(120, policy)).to.equal(before);
        expect([after, after.keys, ...after.keys].every((value) => Object.isFrozen(value))).to.be.true();
        expect(new KeyRing([]).jwks(0, policy)).to.equal({ keys: [] });
    });

    it('lists what the keys of each use answer', () => {

        expect(ring.all((generations) => generations.kept)).to.have.length(4);
        expect(ring.all((generations) => generations.published(121, policy)).map(({ id }) => id)).to.only.include(['access_token:ES256:2', 'id_token:ES256:1', 'access_token:RS256:1']);
        expect(new KeyRing([]).all((generations) => generations.kept)).to.equal([]);
    });
});
