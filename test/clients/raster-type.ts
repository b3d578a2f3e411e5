import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { rasterTypeOf } from '../../lib/clients/raster-type';
import { pictures } from '../fixture/logos';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('rasterTypeOf()', () => {

    it('is what a picture is by its first octets', () => {

        expect(Object.values(pictures).map(rasterTypeOf)).to.equal(['image/png', 'image/jpeg', 'image/gif', 'image/gif', 'image/webp']);
    });

    it('attack: is none for what is no picture, or holds a script', () => {

        const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
        for (const text of ['', svg, `<?xml version="1.0"?>${svg}`, `\ufeff${svg}`, '<!doctype html><script>', ' GIF89a', '\nGIF89a', 'GIF88a', 'RIFF....WAVEfmt ', 'RIFF..WEBPVP8', 'BM', '%PDF-1.7', 'PNG\r\n\u001a\n', 'GIF', '{"a":1}']) {
            expect(rasterTypeOf(Buffer.from(text)), text).to.be.null();
        }

        expect(rasterTypeOf(Buffer.from('89504e470a1a0a', 'hex'))).to.be.null();
        expect(rasterTypeOf(Buffer.from('0000000c6a5020200d0a870a', 'hex'))).to.be.null();
    });
});
