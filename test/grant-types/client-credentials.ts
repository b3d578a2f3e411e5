import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OAuth2Error } from '../../lib';
import { clientCredentials, newGrant } from '../../lib/grant-types/client-credentials';
import { Form } from '../../lib/protocol/form';
import { grantOf } from '../../lib/stores/grant';
import { epoch } from '../fixture/clock';
import { aliceGrant, grantBench } from '../fixture/grants';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('The grant type client_credentials', () => {

    it('reads nothing', () => {

        expect(clientCredentials.type).to.equal('client_credentials');
        expect(clientCredentials.read(Form.from({ code: 'c' }))).to.equal({});
    });
});

describe('newGrant()', () => {

    it('opens the grant with what was issued, once', async () => {

        const { store, request, clock } = grantBench();
        const grant = aliceGrant('g', { subject: null });
        const { settle, abandon, ...proof } = newGrant(grant, request({ narrow: () => ({ audience: ['x'], scopes: ['read'] }) }));
        expect(proof).to.equal({ grant, presented: null, target: { audience: ['x'], scopes: ['read'] }, nonce: null, lineage: null });
        await abandon();
        expect(await store.findGrant('g')).to.be.null();

        const token = { kind: 'access_token', grantId: 'g', key: 'k', value: { sub: 'app' }, expiresAt: epoch + 60_000 };
        expect(await settle({ tokens: [token], expiresAt: epoch + 60_000, reply: {} })).to.be.true();
        const record = await store.findGrant('g');
        expect(record === null ? null : grantOf(record)).to.equal(grant);
        expect(await store.findToken(token)).to.include({ value: { sub: 'app' } });
        expect(await settle({ tokens: [token], expiresAt: epoch + 90_000, reply: {} })).to.be.false();
        await abandon();
        expect(await store.findGrant('g')).to.not.be.null();
        clock.advance(60);
        expect(await store.findGrant('g')).to.be.null();
    });

    it('asks for what is granted, and stores nothing if it is too much', async () => {

        const { store, request } = grantBench();
        const asked: unknown[] = [];
        const narrow = (grant: unknown) => {

            asked.push(grant);
            throw new OAuth2Error('invalid_scope', 'Too much');
        };

        expect(() => newGrant(aliceGrant('g'), request({ narrow }))).to.throw(OAuth2Error, 'Too much');
        expect(asked).to.equal([aliceGrant('g')]);
        expect(await store.findGrant('g')).to.be.null();
    });
});
