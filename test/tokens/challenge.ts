import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { BearerToken } from '../../lib';
import { attributes, authorizationOf, challengeOf } from '../../lib/tokens/challenge';
import { ToyProofToken } from '../fixture/toy-proof-token';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('A challenge', () => {

    it('names the scheme, why, and what the token type says of itself', () => {

        expect(challengeOf(new BearerToken())).to.equal('Bearer');
        expect(challengeOf(new BearerToken(), { error: 'invalid_token' })).to.equal('Bearer error="invalid_token"');
        expect(challengeOf(new ToyProofToken(), { error: 'invalid_token' })).to.equal('Toy error="invalid_token", algs="ES256"');
    });

    it('lets nothing out of its quotes', () => {

        expect(attributes({ a: 'x", b="\\y\r\n€' })).to.equal('a="x?, b=??y???"');
    });

    it('is answered with a scheme and a token', () => {

        expect(authorizationOf('Bearer abc')).to.equal({ scheme: 'Bearer', token: 'abc' });
        expect(authorizationOf('DPoP   a b')).to.equal({ scheme: 'DPoP', token: 'a b' });
        for (const nothing of [undefined, '', 'Bearer', 'Bearer ', ['Bearer a'], 5]) {
            expect(authorizationOf(nothing)).to.equal({ scheme: '', token: '' });
        }
    });
});
