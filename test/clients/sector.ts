import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { sectorOf } from '../../lib/clients/sector';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('The sector of a client (OpenID Connect Core §8.1)', () => {

    it('is the one host of its redirect URIs', () => {

        expect(sectorOf({ redirect_uris: ['https://app.example.com/cb'] })).to.equal('app.example.com');
        expect(sectorOf({ redirect_uris: ['https://app.example.com/cb', 'https://app.example.com:8443/other?x=1'] })).to.equal('app.example.com');
    });

    it('is the host of its sector identifier, whatever the redirect URIs are', () => {

        expect(sectorOf({ redirect_uris: ['https://a.example.com/', 'com.example.app:/cb'], sector_identifier_uri: 'https://example.com/uris.json' })).to.equal('example.com');
        expect(sectorOf({ sector_identifier_uri: 'https://EXAMPLE.com' })).to.equal('example.com');
    });

    it('is nowhere with several hosts, none, or one that every app has', () => {

        for (const uris of [[], ['https://a.example.com/', 'https://b.example.com/'], ['http://127.0.0.1/cb'], ['http://localhost:1/cb', 'https://a.example.com/'], ['com.example.app:/cb'], ['com.example.app://host/cb']]) {
            expect(sectorOf({ redirect_uris: uris }), uris.join(' ')).to.be.null();
        }

        expect(sectorOf({})).to.be.null();
    });
});
