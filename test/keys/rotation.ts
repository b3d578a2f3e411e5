import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import type { SigningKeyRecord } from '../../lib';
import { Generations } from '../../lib/keys/rotation';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const policy = { intervalMs: 100, leadMs: 10, retentionMs: 20 };
const hintMs = 14 * 24 * 60 * 60 * 1000;

const key = (generation: number, signsFrom: number, whole = true): SigningKeyRecord => ({
    id: `access_token:ES256:${generation}`, kid: `k${generation}`, purpose: 'access_token', alg: 'ES256', generation, signsFrom, publicJwk: {},
    ...whole ? { privateJwk: {} } : {}
});

const kids = (records: readonly SigningKeyRecord[]) => records.map(({ kid }) => kid);

describe('Generations', () => {

    const two = new Generations([key(2, 100), key(1, 0)]);

    it('count up, in whatever order a store lists them', () => {

        expect(new Generations([]).next).to.equal(1);
        expect(two.next).to.equal(3);
    });

    it('sign with the newest key whose time has come', () => {

        expect(two.signing(99)?.kid).to.equal('k1');
        expect(two.signing(100)?.kid).to.equal('k2');
        expect(new Generations([]).signing(0)).to.be.undefined();
    });

    it('sign with the first key they can where none has begun, since the clock of whoever made it may run ahead', () => {

        expect(new Generations([key(1, 50)]).signing(0)?.kid).to.equal('k1');
        expect(new Generations([key(1, 0, false), key(2, 100)]).signing(99)?.kid).to.equal('k2');
        expect(new Generations([key(1, 0, false)]).signing(99)).to.be.undefined();
    });

    it('are due by the lead before the interval ends', () => {

        expect(new Generations([]).isDue(0, policy)).to.be.true();
        expect(new Generations([key(1, 0)]).isDue(89, policy)).to.be.false();
        expect(new Generations([key(1, 0)]).isDue(90, policy)).to.be.true();
        expect(two.isDue(90, policy)).to.be.false();
        expect(two.isDue(190, policy)).to.be.true();
    });

    it('publish a key before it signs and until the retention is over', () => {

        expect(kids(two.published(0, policy))).to.equal(['k1', 'k2']);
        expect(kids(two.published(120, policy))).to.equal(['k1', 'k2']);
        expect(kids(two.published(121, policy))).to.equal(['k2']);
        expect(kids(two.published(1e9, policy))).to.equal(['k2']);
    });

    it('have no use for the private half of a key that was replaced', () => {

        expect(kids(two.spent(99))).to.equal([]);
        expect(kids(two.spent(100))).to.equal(['k1']);
        expect(kids(new Generations([key(1, 0, false), key(2, 100)]).spent(100))).to.equal([]);
    });

    it('forget a key once no session can be as old as its last token', () => {

        expect(kids(two.forgotten(120 + hintMs, policy))).to.equal([]);
        expect(kids(two.forgotten(121 + hintMs, policy))).to.equal(['k1']);
    });
});
