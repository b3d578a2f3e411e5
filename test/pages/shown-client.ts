import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { hasLogo, linksOf, logoOf, nameOf } from '../../lib/pages/shown-client';
import { clientCalled, look } from '../fixture/pages';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('A client on a page', () => {

    it('has a name that stands out, as text', () => {

        expect(String(nameOf(clientCalled('<b>')))).to.equal('<strong>&lt;b&gt;</strong>');
    });

    it('has links to https alone, which tell the other site nothing', () => {

        const links = String(linksOf(clientCalled('a', { clientUri: 'https://a.example/?a&b', policyUri: 'http://a.example/', tosUri: 'javascript:alert(1)' }), look().texts));
        expect([...links.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).to.equal(['https://a.example/?a&amp;b']);
        expect(links).to.contain('rel="noreferrer noopener"').and.contain('<span class="hidden">(opens in a new tab)</span>');
        const all = { clientUri: 'https://a.example/', policyUri: 'https://a.example/p', tosUri: 'https://a.example/t' };
        expect([...String(linksOf(clientCalled('a', all), look().texts)).matchAll(/>([^<>]+) <span aria/g)].map(([, text]) => text)).to.equal(['About this application', 'Its privacy policy', 'Its terms of service']);
        expect(linksOf(clientCalled('a'), look().texts) === '').to.be.true();
    });

    it('has a logo that the server itself serves, as text, and none where nobody has checked whose it is', () => {

        const of = (more: Parameters<typeof clientCalled>[1]) => String(logoOf(clientCalled('a', more)));
        expect(of({ logoUri: '/a/logo?client_id=x&"y' })).to.equal('<img class="logo" src="/a/logo?client_id=x&amp;&quot;y" alt="" width="64" height="64">\n');
        expect([of({}), of({ logoUri: '/a', isVerified: false })]).to.equal(['', '']);
        expect([hasLogo(clientCalled('a', { logoUri: '/a' })), hasLogo(clientCalled('a', { logoUri: '/a', isVerified: false })), hasLogo(clientCalled('a'))]).to.equal([true, false, false]);
    });
});
