import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { checkRedirectUri, isLoopback, isLoopbackRedirect, isPrivateUseRedirect, matchesRegistered, privateUseSchemes, redirectUriProblem, withParameters } from '../../lib/protocol/redirect-uri';
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
        'is not an absolute URI': ['', '/cb', 'app.example.com', '//app.example.com/cb', 'https://', 'https://app.example.com/c b', 'https://app.example.com/cb\r\nSet-Cookie: a=b', 'java\tscript:alert(1)', 'https://app.example.com/ä', 'https://app.example.com\\@evil.example.com/'],
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

describe('redirectUriProblem()', () => {

    for (const uri of ['https://app.example.com', 'https://app.example.com?a=b', 'https://APP.example.com:8443/cb?a=b', 'https://xn--bcher-kva.example/cb', 'https://192.0.2.7/cb', 'https://[2001:db8::1]/cb', 'http://localhost:1234/', 'http://127.0.0.1/cb', 'http://[::1]:8080/cb', 'com.example.app:/cb', 'com.example.app://cb/x']) {
        it(`finds nothing wrong with ${uri}`, () => {

            expect(redirectUriProblem(uri)).to.be.undefined();
        });
    }

    const host = 'has a host that not every program reads alike: spell it plainly';
    const dot = 'has a scheme without a dot, which any app could claim: turn a domain name round, such as com.example.app (RFC 8252 §7.1)';
    const refused: Record<string, readonly string[]> = {
        'is not an absolute URI': ['', '/cb', 'https://', 'https://a b/', 'https://app.example.com\\@evil.example.com/', 'https:\\\\app.example.com', 'https://bücher.example/', 'https://app.example.com%2f@evil.example.com%2f', 'https://app.example.com%00/', 'http://localhost:99999/', 'https://app\u3002example.com/'],
        'has a fragment': ['https://app.example.com/cb#'],
        'has a scheme that no client can have': ['javascript:alert(1)', 'JaVaScRiPt://com.example.app/%0aalert(1)', 'data:text/html,x', 'vbscript:x', 'file:///etc/passwd', 'blob:https://a/b', 'about:blank'],
        'carries credentials': ['https://app.example.com@evil.example.com/', 'https://:pw@app.example.com', 'http://localhost:80@evil.example.com/', 'http://127.0.0.1%20@evil.example.com/', 'com.example.app://user@x'],
        'is http, which only a loopback address may be': ['http://app.example.com/cb', 'http://localhost.evil/', 'http://localhost./', 'http://127.0.0.1.evil/', 'http://127.0.0.1%2eevil/', 'http://0.0.0.0/', 'http://[::ffff:127.0.0.1]/', 'http://[::]/', 'http://xlocalhost/'],
        [host]: ['https:app.example.com', 'https:/app.example.com', 'https:///app.example.com', 'https://%61pp.example.com/', 'https://app%2eexample.com/', 'http://%6cocalhost/', 'http://127.1/', 'http://0x7f.0.0.1/', 'http://2130706433/', 'http://0177.0.0.1/', 'http://[0:0:0:0:0:0:0:1]/', 'http://127.000.000.001/', 'https://@app.example.com/', 'https://app.example.com:/'],
        [dot]: ['cursor://cb', 'myapp:/cb', 'urn:ietf:wg:oauth:2.0:oob', 'mailto:a@example.com', 'intent://cb', 'ftp://app.example.com/', 'ws://localhost/', 'x-javascript:alert(1)', 'view-source:https://app.example.com']
    };

    for (const [problem, uris] of Object.entries(refused)) {
        for (const uri of uris) {
            it(`rule 14: says that ${JSON.stringify(uri)} ${problem}`, () => {

                expect(redirectUriProblem(uri)).to.equal(problem);
            });
        }
    }
});

describe('privateUseSchemes()', () => {

    it('rule 14: are schemes without a dot that redirect URIs may have, and no others', () => {

        const schemes = privateUseSchemes(['cursor', 'VSCode', 'x-app+1']);
        for (const uri of ['cursor://cb', 'cursor:/cb', 'CURSOR://cb', 'vscode://cb', 'x-app+1:/cb', 'com.example.app:/cb']) {
            expect(redirectUriProblem(uri, schemes), uri).to.be.undefined();
        }

        for (const uri of ['cursors://cb', 'curso://cb', 'cursor-x://cb', 'myapp:/cb', 'mailto:cursor', 'intent://cb#Intent;scheme=cursor;end']) {
            expect(redirectUriProblem(uri, schemes), uri).to.be.a.string();
        }

        expect(redirectUriProblem('cursor://cb#x', schemes)).to.equal('has a fragment');
        expect(redirectUriProblem('cursor://me@cb', schemes)).to.equal('carries credentials');
        expect(redirectUriProblem('javascript:cursor://cb', schemes)).to.equal('has a scheme that no client can have');
        expect(redirectUriProblem('cursor://cb', privateUseSchemes([]))).to.match(/^has a scheme without a dot/);
    });

    it('attack: are never those that run or read something in the browser, nor the web\'s', () => {

        for (const scheme of ['javascript', 'JavaScript', 'data', 'vbscript', 'file', 'blob', 'about', 'http', 'HTTPS', 'ws', 'wss', 'ftp']) {
            expect(() => privateUseSchemes(['cursor', scheme])).to.throw(`allowRedirectSchemes() cannot allow '${scheme}', which no app can claim for itself: list only schemes that native apps have, or leave it out`);
        }

        for (const scheme of ['cursor:', 'cursor://', '', ' cursor', 'cursor\n', '*', '1app', 'ä']) {
            expect(() => privateUseSchemes([scheme]), scheme).to.throw(`allowRedirectSchemes() takes a list of schemes without a colon, such as ['cursor'], not '${scheme}'`);
        }

        const fromJavaScript: (schemes: never) => unknown = privateUseSchemes;
        for (const schemes of ['cursor', null, [['cursor']], [7]]) {
            expect(() => Reflect.apply(fromJavaScript, undefined, [schemes])).to.throw('allowRedirectSchemes() takes a list of schemes without a colon, such as [\'cursor\']');
        }
    });
});

describe('matchesRegistered()', () => {

    const registered = ['https://app.example.com/cb?a=b', 'http://127.0.0.1/cb', 'http://[::1]:3000/cb?x=%41', 'http://localhost', 'http://127.0.0.2/cb', 'https://localhost/cb', 'com.example.app:/cb'];

    it('rule 14: takes what is registered, letter by letter', () => {

        for (const uri of registered) {
            expect(matchesRegistered(registered, uri, false), uri).to.be.true();
            expect(matchesRegistered(registered, uri, true), uri).to.be.true();
        }

        expect(matchesRegistered([], 'https://app.example.com/cb', true)).to.be.false();
    });

    it('rule 14: takes any port of a registered loopback address, from native clients alone', () => {

        for (const uri of ['http://127.0.0.1:1/cb', 'http://127.0.0.1:80/cb', 'http://127.0.0.1:65535/cb', 'http://[::1]:4321/cb?x=%41', 'http://[::1]/cb?x=%41', 'http://localhost:8080']) {
            expect(matchesRegistered(registered, uri, true), uri).to.be.true();
            expect(matchesRegistered(registered, uri, false), uri).to.be.false();
        }
    });

    it('rule 14: takes no other port anywhere else', () => {

        for (const uri of ['https://app.example.com:8443/cb?a=b', 'https://app.example.com:443/cb?a=b', 'http://127.0.0.2:3000/cb', 'https://localhost:3000/cb', 'com.example.app:3000/cb', 'http://10.0.0.1:3000/cb']) {
            expect(matchesRegistered(registered, uri, true), uri).to.be.false();
        }
    });

    const attacks: Record<string, readonly string[]> = {
        'another path': ['http://127.0.0.1:3000/', 'http://127.0.0.1:3000/cb/', 'http://127.0.0.1:3000/CB', 'http://127.0.0.1:3000/cb/../cb', 'http://127.0.0.1:3000//cb', 'http://127.0.0.1:3000/./cb', 'http://127.0.0.1:3000/%63b', 'http://127.0.0.1:3000/cb%00', 'http://localhost:3000/', 'http://127.0.0.1:3000/cb;x'],
        'another query': ['http://127.0.0.1:3000/cb?', 'http://127.0.0.1:3000/cb?a', 'http://[::1]:3000/cb', 'http://[::1]:3000/cb?x=A', 'https://app.example.com/cb', 'https://app.example.com/cb?a=b&c', 'https://app.example.com/cb?A=b'],
        'a fragment': ['http://127.0.0.1:3000/cb#', 'http://127.0.0.1:3000/cb#x', 'http://localhost:3000#x', 'https://app.example.com/cb?a=b#'],
        'another scheme': ['https://127.0.0.1:3000/cb', 'HTTP://127.0.0.1:3000/cb', 'ftp://127.0.0.1:3000/cb', 'http:127.0.0.1:3000/cb', '//127.0.0.1:3000/cb', 'http:/127.0.0.1:3000/cb', 'javascript:http://127.0.0.1:3000/cb'],
        'another name of this machine': ['http://localhost:3000/cb', 'http://127.1:3000/cb', 'http://127.0.0.3:3000/cb', 'http://0x7f000001:3000/cb', 'http://2130706433:3000/cb', 'http://0177.0.0.1:3000/cb', 'http://[0:0:0:0:0:0:0:1]:3000/cb?x=%41', 'http://[::ffff:127.0.0.1]:3000/cb', 'http://LOCALHOST:3000', 'http://localhost.:3000', 'http://0:3000/cb'],
        'a host that only begins or ends like it': ['http://localhost.evil:3000', 'http://localhost.evil', 'http://127.0.0.1.evil:3000/cb', 'http://127.0.0.10:3000/cb', 'http://evil-127.0.0.1:3000/cb', 'http://evil.127.0.0.1/cb', 'http://localhostx', 'https://app.example.com.evil/cb?a=b'],
        'a host in disguise': ['http://%6cocalhost:3000', 'http://localhost%2eevil:3000', 'http://127%2e0%2e0%2e1:3000/cb', 'http://localhost%00.evil:3000', 'http://loc\u0430lhost:3000', 'http://\uff11\uff12\uff17.0.0.1:3000/cb', 'http://127\u30020\u30020\u30021:3000/cb', 'http://\u24db\u24de\u24d2alhost:3000', 'http://local\u00adhost:3000', 'http://localhost\u200b:3000'],
        'credentials': ['http://localhost@evil', 'http://localhost:3000@evil', 'http://127.0.0.1:3000@evil/cb', 'http://127.0.0.1:pw@evil/cb', 'http://evil@127.0.0.1:3000/cb', 'http://@127.0.0.1:3000/cb', 'http://:@127.0.0.1:3000/cb', 'http://evil%40127.0.0.1:3000/cb'],
        'backslashes': ['http://127.0.0.1:3000\\cb', 'http:\\\\127.0.0.1:3000/cb', 'http://127.0.0.1:3000\\@evil/cb', 'http://localhost\\@evil', 'http://localhost\\.evil', 'http://evil\\@127.0.0.1:3000/cb'],
        'a port that is none': ['http://127.0.0.1:/cb', 'http://127.0.0.1:0/cb', 'http://127.0.0.1:080/cb', 'http://127.0.0.1:65536/cb', 'http://127.0.0.1:99999/cb', 'http://127.0.0.1:123456/cb', 'http://127.0.0.1:-1/cb', 'http://127.0.0.1:+1/cb', 'http://127.0.0.1:3000:3000/cb', 'http://127.0.0.1:0x50/cb', 'http://127.0.0.1:3e3/cb', 'http://127.0.0.1: 80/cb', 'http://127.0.0.1:\u0663000/cb', 'http://127.0.0.1:80.evil/cb', 'http://localhost:3000evil', 'http://localhost:evil'],
        'white space and control characters': [' http://127.0.0.1:3000/cb', 'http://127.0.0.1:3000/cb ', 'http://127.0.0.1:3000/cb\n', 'http://127.0.0.1:3000/cb\r\nSet-Cookie: a=b', 'http://127.0.0.1:30\t00/cb', 'http://127.0.0.1:3000/cb\0', '\nhttp://127.0.0.1:3000/cb', 'http://127.0.0.1:3000/cb\u2028']
    };

    for (const [name, uris] of Object.entries(attacks)) {
        it(`rule 14: refuses ${name}, to native clients, too`, () => {

            for (const uri of uris) {
                expect(matchesRegistered(registered, uri, true), JSON.stringify(uri)).to.be.false();
                expect(matchesRegistered(registered, uri, false), JSON.stringify(uri)).to.be.false();
            }
        });
    }

    it('is not slowed down by megabytes', () => {

        for (const uri of [`http://127.0.0.1:${'1'.repeat(2_000_000)}/cb`, `http://127.0.0.1:3000/${'a'.repeat(2_000_000)}`, 'http://localhost'.repeat(100_000)]) {
            expect(matchesRegistered(registered, uri, true)).to.be.false();
        }
    });
});

describe('a redirect URI', () => {

    it('leads to this machine, to an app, or to a site', () => {

        const kinds = (uri: string) => [isLoopbackRedirect(uri), isPrivateUseRedirect(uri)];
        for (const uri of ['http://127.0.0.1/cb', 'http://localhost:3000/cb', 'http://[::1]', 'http://127.8.8.8']) {
            expect(kinds(uri), uri).to.equal([true, false]);
        }

        for (const uri of ['https://localhost/cb', 'https://app.example.com/cb']) {
            expect(kinds(uri), uri).to.equal([false, false]);
        }

        expect(kinds('com.example.app:/cb')).to.equal([false, true]);
        expect(kinds('com.example.app://localhost/cb')).to.equal([false, true]);
    });
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
