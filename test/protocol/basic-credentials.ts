import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { parseBasic } from '../../lib/protocol/basic-credentials';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const header = (text: string, scheme = 'Basic') => `${scheme} ${Buffer.from(text).toString('base64')}`;

describe('parseBasic()', () => {

    it('gives both readings', () => {

        expect(parseBasic(header('a%3Ab:c+d%20e'))).to.equal({ raw: { id: 'a%3Ab', secret: 'c+d%20e' }, decoded: { id: 'a:b', secret: 'c d e' } });
    });

    it('splits at the first colon (RFC 7617 §2)', () => {

        expect(parseBasic(header('id:se:cr:et'))?.raw).to.equal({ id: 'id', secret: 'se:cr:et' });
        expect(parseBasic(header(':x'))?.raw).to.equal({ id: '', secret: 'x' });
        expect(parseBasic(header('x:'))?.raw).to.equal({ id: 'x', secret: '' });
    });

    it('reads UTF-8', () => {

        expect(parseBasic(header('jürgen:日本'))?.raw).to.equal({ id: 'jürgen', secret: '日本' });
        expect(parseBasic(header('j%C3%BCrgen:%E6%97%A5'))?.decoded).to.equal({ id: 'jürgen', secret: '日' });
    });

    it('takes each half that cannot be decoded as it is', () => {

        expect(parseBasic(header('50%:a%20b'))?.decoded).to.equal({ id: '50%', secret: 'a b' });
        expect(parseBasic(header('a%20b:100%'))?.decoded).to.equal({ id: 'a b', secret: '100%' });
        expect(parseBasic(header('a:%C3'))?.decoded.secret).to.equal('%C3');
    });

    it('knows its scheme in any case, with any number of spaces', () => {

        expect(parseBasic(header('a:b', 'bASIC'))?.raw.id).to.equal('a');
        expect(parseBasic(`${header('a:b', 'Basic  ')}  `)?.raw.id).to.equal('a');
        expect(parseBasic(header('a:b').replace(/=+$/, ''))?.raw.id).to.equal('a');
    });

    for (const text of ['', 'Basic', 'Basic ', 'Basic ====', 'Bearer YTpi', 'xBasic YTpi', 'Basic YTpi YTpi', 'Basic YT*i', 'Basic YTp-_i', 'Basic YTpi===', header('no colon'), header('')]) {
        it(`refuses '${text}'`, () => {

            expect(parseBasic(text)).to.be.null();
        });
    }
});
