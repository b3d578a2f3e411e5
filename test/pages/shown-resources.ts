import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { resourceNote, shownResources } from '../../lib/pages/shown-resources';
import { attack, attacksShown, look } from '../fixture/pages';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const issuer = 'https://auth.example.com';

describe('shownResources()', () => {

    it('are called what the operator calls them, else where they are, and leave out the server itself', () => {

        const names = new Map([['https://files.example.com', 'Acme Files']]);
        const uris = ['https://files.example.com', issuer, 'https://api.example.com/', 'https://api.example.com:8443/v1/', 'http://localhost:3000/?a=b', 'urn:example:mail'];
        expect(shownResources(uris, issuer, (uri) => names.get(uri)).map(({ uri, name }) => [uri, name])).to.equal([
            ['https://files.example.com', 'Acme Files'], ['https://api.example.com/', 'api.example.com'], ['https://api.example.com:8443/v1/', 'api.example.com:8443/v1/'],
            ['http://localhost:3000/?a=b', 'localhost:3000/?a=b'], ['urn:example:mail', 'urn:example:mail']
        ]);
        expect(shownResources([issuer], issuer, () => 'Acme')).to.equal([]);
    });
});

describe('resourceNote()', () => {

    const noteOf = (names: readonly string[], locale = 'en') => String(resourceNote(names.map((name) => ({ uri: 'https://a.example', name })), { ...look(locale), ...locale === 'tlh' ? { locale } : {} }));

    it('lists them as the language does, as text', () => {

        expect(noteOf(['a', 'b', 'c'])).to.equal('<p>This applies to <strong>a</strong>, <strong>b</strong>, and <strong>c</strong>.</p>\n');
        expect(noteOf(['a', 'b'], 'es')).to.equal('<p>Esto se aplica a <strong>a</strong> y <strong>b</strong>.</p>\n');
        expect(noteOf(['a', 'b'], 'tlh')).to.equal('<p>This applies to <strong>a</strong> and <strong>b</strong>.</p>\n');
        expect(attacksShown(noteOf([attack, '{resources}']))).to.equal(1);
    });

    it('is nothing where there is nothing to say', () => {

        expect(noteOf([])).to.equal('');
    });
});
