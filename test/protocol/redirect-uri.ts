import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { checkRedirectUri, isLoopback, withParameters } from '../../lib/protocol/redirect-uri';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('checkRedirectUri()', () => {

    for (const uri of ['https://app.example.com/cb', 'https://app.example.com/cb?a=b', 'http://localhost:1234/', 'http://127.0.0.1/cb', 'http://[::1]:8080/cb', 'com.example.app:/cb', 'cursor://cb']) {
        it(`accepts ${uri} as it is spelled`, () => {

            expect(checkRedirectUri(uri)).to.equal(uri);
        });
    }

    const refused: Record<string, readonly string[]> = {
        'is not an absolute URI': ['', '/cb', 'app.example.com', '//app.example.com/cb', 'https://', 'https://app.example.com/c b', 'https://app.example.com/cb\r\nSet-Cookie: a=b', 'java\tscript:alert(1)', 'https://app.example.com/ä'],
        'has a fragment': ['https://app.example.com/cb#', 'https://app.example.com/cb#x', 'com.example.app:/cb#x'],
        'has a scheme that no client can have': ['javascript:alert(1)', 'JavaScript://%0aalert(1)', 'data:text/html,x', 'vbscript:x', 'file:///etc/passwd', 'blob:https://a/b', 'about:blank'],
        'carries credentials': ['https://me@app.example.com', 'https://:pw@app.example.com', 'https://localhost@evil.example.com/'],
        'is http, which only a loopback address may be': ['http://app.example.com/cb', 'http://localhost.example.com', 'http://127.0.0.1.example.com', 'http://10.0.0.1/cb']
    };

    for (const [problem, uris] of Object.entries(refused)) {
        for (const uri of uris) {
            it(`rule 14: refuses ${JSON.stringify(uri)}, which ${problem}`, async () => {

                expect(await refusal(() => checkRedirectUri(uri))).to.equal({ code: 'invalid_request', reason: 'redirect_uri_malformed' });
                expect(() => checkRedirectUri(uri)).to.throw(`The redirect_uri ${problem}`);
            });
        }
    }
});

describe('isLoopback()', () => {

    it('knows the names of this machine (RFC 8252 §7.3)', () => {

        for (const name of ['localhost', '127.0.0.1', '127.255.0.1', '[::1]']) {
            expect(isLoopback(name)).to.be.true();
        }

        for (const name of ['localhost.', 'xlocalhost', '127.0.0.1.', '1127.0.0.1', '127.0.0', '128.0.0.1', '[::]', '0.0.0.0', '']) {
            expect(isLoopback(name), name).to.be.false();
        }
    });
});

describe('withParameters()', () => {

    it('begins a query or goes on with it, and leaves out what is not there', () => {

        expect(withParameters('https://a/cb', { code: 'x', state: undefined })).to.equal('https://a/cb?code=x');
        expect(withParameters('https://a/cb?b=c%20d+e', { code: 'x', iss: 'https://i' })).to.equal('https://a/cb?b=c%20d+e&code=x&iss=https%3A%2F%2Fi');
    });

    it('brings every state back byte for byte, in both ways of reading a query', () => {

        for (const state of ['a b', 'a+b', '%41', '&x=y', '#', 'ä日', '"<>\'', '=', ' ']) {
            const uri = withParameters('com.example.app:/cb', { state });
            expect(new URL(uri).searchParams.get('state')).to.equal(state);
            expect(decodeURIComponent(uri.slice('com.example.app:/cb?state='.length))).to.equal(state);
        }
    });
});
