import { createHash } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as fc from 'fast-check';

import { parseBasic } from '../../lib/protocol/basic-credentials';
import { Form } from '../../lib/protocol/form';
import { checkCodeChallenge, verifyCodeVerifier } from '../../lib/protocol/pkce';
import { checkRedirectUri, withParameters } from '../../lib/protocol/redirect-uri';
import { formatScope, knownScope, parseScope } from '../../lib/protocol/scope';
import { always, attempt } from '../fixture/property';
import { basic } from '../fixture/provision';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const text = fc.string({ unit: 'binary', maxLength: 40 });
const name = fc.oneof(text, fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', 'scope', ''));

describe('Form, whatever it is made from,', () => {

    it('gives back what was in it, and refuses what was sent twice', () => {

        always(fc.array(fc.tuple(name, text), { maxLength: 5 }), (pairs) => {

            const parsed: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
            for (const [key, value] of pairs) {
                const before = Object.hasOwn(parsed, key) ? parsed[key] : undefined;
                parsed[key] = before === undefined ? value : [before, value].flat();
            }

            const form = Form.from(parsed);
            for (const key of [...pairs.map(([one]) => one), 'toString', '__proto__']) {
                const values = pairs.filter(([one]) => one === key).map(([, value]) => value);
                expect(form.has(key)).to.equal(values.length > 0);
                expect(form.all(key)).to.equal(values.filter((value) => value !== ''));
                const got = attempt(() => form.get(key));
                expect<unknown>(got).to.equal(values.length > 1 ? { refused: 'invalid_request' } : { value: values[0] || undefined });
                expect<unknown>(attempt(() => form.require(key))).to.equal(values.length === 1 && values[0] !== '' ? { value: values[0] } : { refused: 'invalid_request' });
            }
        });
    });

    it('writes itself as a query that says the same', () => {

        always(fc.uniqueArray(fc.tuple(name, text), { selector: ([key]) => key, maxLength: 8 }), (pairs) => {

            const { search } = Form.from(Object.fromEntries(pairs));
            expect(search).to.match(/^\?[\x21\x23-\x3b\x3d\x3f-\x7e]*$/);
            expect([...new URLSearchParams(search)].sort()).to.equal([...pairs].sort());
        });
    });

    it('takes anything for nothing', () => {

        always(fc.anything(), (anything) => {

            expect(attempt(() => Form.from(anything).get('grant_type'))).to.not.equal({ refused: 'server_error' });
        });
    });
});

describe('a scope, whatever is in it,', () => {

    const token = fc.string({ unit: fc.constantFrom(...'!#abc:/.[]~'), minLength: 1, maxLength: 6 });
    const known = fc.array(token, { maxLength: 6 });

    it('is parsed to names that are names, each once, or refused as invalid_scope', () => {

        always(fc.oneof(text, known.map((names) => names.join(' ')), fc.string()), (scope) => {

            const result = attempt(() => parseScope(scope));
            if ('refused' in result) {
                expect(result.refused).to.equal('invalid_scope');
                return;
            }

            expect(new Set(result.value).size).to.equal(result.value.length);
            expect(result.value.every((one) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(one))).to.be.true();
            expect(parseScope(formatScope(result.value))).to.equal(result.value);
        });
    });

    it('never ends up as more than is known', () => {

        always(known, known, fc.boolean(), (requested, declared, dropUnknown) => {

            const all = new Set(declared);
            const result = attempt(() => knownScope(requested.join(' '), all, dropUnknown));
            const isKnown = requested.every((one) => all.has(one));
            if ('refused' in result) {
                expect(result.refused).to.equal('invalid_scope');
                expect(isKnown).to.be.false();
                return;
            }

            expect((result.value ?? '').split(' ').filter((one) => one !== '' && !all.has(one))).to.equal([]);
            expect(isKnown || requested.includes('openid')).to.be.true();
        });
    });
});

describe('PKCE, for every verifier,', () => {

    const unreserved = fc.constantFrom(...'ABCxyz0189-._~');
    const verifier = fc.string({ unit: unreserved, minLength: 43, maxLength: 128 });
    const s256 = (value: string) => createHash('sha256').update(value).digest('base64url');

    it('accepts the one that belongs to the challenge and no other text', () => {

        always(verifier, fc.oneof(text, verifier), (right, other) => {

            expect(verifyCodeVerifier(right, s256(right))).to.be.true();
            expect(verifyCodeVerifier(other, s256(right))).to.equal(other === right);
            expect(verifyCodeVerifier(right, right)).to.be.false();
            expect(verifyCodeVerifier(other, other)).to.be.false();
            expect(checkCodeChallenge(s256(right), 'S256', true)).to.equal({ codeChallenge: s256(right), codeChallengeMethod: 'S256' });
        });
    });

    it('refuses a verifier of a wrong length or alphabet, even where the hash fits', () => {

        always(fc.oneof(text, fc.string({ unit: unreserved, maxLength: 42 }), fc.string({ unit: unreserved, minLength: 129, maxLength: 140 })), (wrong) => {

            fc.pre(!/^[\w\-.~]{43,128}$/.test(wrong));
            expect(verifyCodeVerifier(wrong, s256(wrong))).to.be.false();
        });
    });

    it('lets no challenge through but a well-formed one of S256', () => {

        always(fc.option(text, { nil: undefined }), fc.option(fc.constantFrom('S256', 'plain', 's256', ''), { nil: undefined }), fc.boolean(), (challenge, method, required) => {

            const result = attempt(() => checkCodeChallenge(challenge, method, required));
            const expected = challenge === undefined && method === undefined && !required ? { value: { codeChallenge: undefined, codeChallengeMethod: undefined } } : { refused: 'invalid_request' };
            fc.pre(challenge === undefined || !/^[\w-]{43}$/.test(challenge));
            expect(result).to.equal(expected);
        });
    });
});

describe('Basic credentials, whatever is in them,', () => {

    it('are read back as they were encoded, and as they were not', () => {

        always(text, text, (id, secret) => {

            expect(parseBasic(basic(id, secret))?.decoded).to.equal({ id, secret });
            fc.pre(!id.includes(':'));
            expect(parseBasic(`Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`)?.raw).to.equal({ id, secret });
        });
    });

    it('are read without an exception from any header', () => {

        always(fc.oneof(fc.string(), fc.base64String(), fc.uint8Array({ maxLength: 60 }).map((octets) => Buffer.from(octets).toString('base64'))), fc.constantFrom('', 'Basic ', 'basic', 'BASIC  '), (value, scheme) => {

            const parsed = parseBasic(`${scheme}${value}`);
            expect(parsed === null || [parsed.raw.id, parsed.raw.secret, parsed.decoded.id, parsed.decoded.secret].every((half) => typeof half === 'string')).to.be.true();
        });
    });
});

describe('a redirect URI, whatever it is,', () => {

    const piece = fc.constantFrom('http:', 'https:', 'HTTP:', 'javascript:', 'data:', 'com.example.app:', '//', '/', '\\', '@', ':', '?', '#', '%0d%0a', '%2f', 'localhost', '127.0.0.1', '[::1]', 'evil.example.com', 'callback', 'a=b', '&', ':80', ' ', '\n', '\0', '\t', 'é', '。', '..');
    const authority = fc.tuple(fc.constantFrom('http', 'https', 'com.example.app'), fc.constantFrom('', 'ada@', 'ada:x@', ':@', '@', 'ada%40'), fc.constantFrom('localhost', '127.0.0.1', '[::1]', '127.0.0.1.evil.example.com', 'evil.example.com'), fc.constantFrom('', ':', ':0', ':80', ':99999'), fc.constantFrom('', '/', '/callback', '/callback?a=b', '?', '#'))
        .map(([scheme, user, ...rest]) => `${scheme}://${user}${rest.join('')}`);
    const uri = fc.oneof(authority, text, fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')), fc.webUrl());

    it('is taken as it is, and only if it is safe in a header and leads to a client', () => {

        always(uri, (redirectUri) => {

            const result = attempt(() => checkRedirectUri(redirectUri));
            if ('refused' in result) {
                expect(result.refused).to.equal('invalid_request');
                return;
            }

            expect(result.value).to.equal(redirectUri);
            expect(redirectUri).to.match(/^[a-z][a-z0-9+.-]*:[\x21-\x7e]*$/i).and.not.contain('#');
            const { protocol, hostname, username, password, hash } = new URL(redirectUri);
            expect([username, password, hash]).to.equal(['', '', '']);
            expect(['javascript:', 'data:', 'vbscript:', 'file:', 'blob:', 'about:']).to.not.include(protocol);
            expect(protocol !== 'http:' || ['localhost', '[::1]'].includes(hostname) || hostname.startsWith('127.')).to.be.true();
        });
    });

    it('keeps its own spelling and query when a response is added, which reads as it was meant', () => {

        always(uri, fc.dictionary(fc.constantFrom('code', 'state', 'iss', 'error'), fc.option(text, { nil: undefined })), (redirectUri, members) => {

            fc.pre('value' in attempt(() => checkRedirectUri(redirectUri)));
            const response = withParameters(redirectUri, members);
            const present = Object.entries(members).filter((entry): entry is [string, string] => entry[1] !== undefined);
            expect(response).to.startWith(redirectUri).and.match(/^[\x21-\x7e]+$/);
            const before = [...new URL(redirectUri).searchParams];
            expect([...new URL(response).searchParams]).to.equal([...before, ...present]);
            expect(new URL(response).host).to.equal(new URL(redirectUri).host);
        });
    });
});
