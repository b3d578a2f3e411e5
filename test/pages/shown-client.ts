import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { linksOf, logoOriginOf, nameOf } from '../../lib/pages/shown-client';
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

    it('has a logo from https alone, and from no place that could add to the policy', () => {

        expect(logoOriginOf(clientCalled('a', { logoUri: 'https://a.example:8443/x' }))).to.equal(['https://a.example:8443']);
        for (const logoUri of [undefined, '', 'http://a.example/x', 'data:image/png;base64,AAAA', 'javascript:1', '//a.example/x', 'https://']) {
            expect(logoOriginOf(clientCalled('a', { logoUri })), logoUri).to.equal([]);
        }

        for (const logoUri of ['https://a.example; script-src *', 'https://a.example, *', 'https://*/x', 'https://*.example/x', 'https://a.example\\;/x', 'https://a.example\u0027/x']) {
            expect(logoOriginOf(clientCalled('a', { logoUri })).join(''), logoUri).to.match(/^(?:https:\/\/[\w.-]+)?$/);
        }
    });
});
