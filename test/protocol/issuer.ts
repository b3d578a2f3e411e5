import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { isLoopbackIssuer, issuerPath, issuerProblem, publicUrl } from '../../lib/protocol/issuer';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('issuerProblem()', () => {

    it('finds none in an issuer identifier', () => {

        for (const issuer of ['https://auth.example.com', 'https://auth.example.com/tenant', 'http://localhost:3000', 'https://auth.example.com:8443/']) {
            expect(issuerProblem(issuer), issuer).to.be.undefined();
        }
    });

    it('says what an issuer must not be (RFC 8414 §2)', () => {

        const problems = {
            'auth.example.com': 'is not a URL',
            '': 'is not a URL',
            'https://a.example.com?x': 'has a query, a fragment or credentials',
            'https://a.example.com?': 'has a query, a fragment or credentials',
            'https://a.example.com#x': 'has a query, a fragment or credentials',
            'https://a.example.com#': 'has a query, a fragment or credentials',
            'https://me@a.example.com': 'has a query, a fragment or credentials',
            'https://:pw@a.example.com': 'has a query, a fragment or credentials',
            'ftp://a.example.com': 'is neither https nor http'
        };
        for (const [issuer, problem] of Object.entries(problems)) {
            expect(issuerProblem(issuer), issuer).to.equal(problem);
        }
    });
});

describe('isLoopbackIssuer()', () => {

    it('rule 6: knows this machine, whatever the port and path', () => {

        for (const issuer of ['http://localhost', 'http://localhost:3000/x', 'https://127.0.0.1', 'http://127.1', 'http://[::1]:80']) {
            expect(isLoopbackIssuer(issuer), issuer).to.be.true();
        }
    });

    it('rule 6: knows what only looks like it', () => {

        for (const issuer of ['https://localhost.example.com', 'https://127.0.0.1.example.com', 'http://0.0.0.0', 'http://10.0.0.1', 'https://example.com/localhost', 'http://[::2]']) {
            expect(isLoopbackIssuer(issuer), issuer).to.be.false();
        }
    });
});

describe('issuerPath()', () => {

    it('has no slash at its end', () => {

        expect(issuerPath('https://a.example.com')).to.equal('');
        expect(issuerPath('https://a.example.com/')).to.equal('');
        expect(issuerPath('https://a.example.com/tenant/one')).to.equal('/tenant/one');
        expect(issuerPath('https://a.example.com/tenant/')).to.equal('/tenant');
    });
});

describe('publicUrl()', () => {

    it('is the origin of the issuer and the path, even where the path looks like a host', () => {

        expect(publicUrl('https://a.example.com/tenant', '/oauth2/token')).to.equal('https://a.example.com/oauth2/token');
        expect(publicUrl('http://localhost:3000', '/')).to.equal('http://localhost:3000/');
        expect(publicUrl('https://a.example.com', '//evil.example.com/x')).to.equal('https://a.example.com//evil.example.com/x');
    });
});
