import crypto, { createHash, createHmac } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { deriveKey } from '../../lib/protocol/seal';
import { Secrets } from '../../lib/protocol/secrets';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const current = 'c'.repeat(32);
const previous = 'p'.repeat(40);

describe('Secrets', () => {

    it('opens what it sealed', () => {

        const secrets = new Secrets([current]);
        const sealed = secrets.seal('signing-key', 'key 1', '{"d":"ü"}');
        expect(secrets.open('signing-key', 'key 1', sealed)).to.equal('{"d":"ü"}');
        expect(secrets.open('signing-key', '', secrets.seal('signing-key', '', ''))).to.equal('');
    });

    it('opens a text that it sealed as one, and answers null for any other', () => {

        const secrets = new Secrets([current]);
        const sealed = secrets.sealText('ticket', 'here', '{"d":"ü"}');
        expect(sealed).to.match(/^[\w-]+\.[\w-]+$/).and.not.include('ü');
        expect(secrets.openText('ticket', 'here', sealed)).to.equal('{"d":"ü"}');
        expect(new Secrets([previous, current]).openText('ticket', 'here', sealed)).to.equal('{"d":"ü"}');
        expect(secrets.openText('ticket', 'there', sealed)).to.be.null();
        expect(secrets.openText('signing-key', 'here', sealed)).to.be.null();
        expect(new Secrets([previous]).openText('ticket', 'here', sealed)).to.be.null();
        for (const text of ['', '.', sealed.replace('.', ''), `${sealed}A`, sealed.slice(0, -1), `x${sealed}`, '__proto__.x', 'x'.repeat(1_000_000)]) {
            expect(secrets.openText('ticket', 'here', text)).to.be.null();
        }
    });

    it('shows neither what it sealed nor its secret, and never seals the same twice', () => {

        const secrets = new Secrets([current]);
        const [one, other] = [secrets.seal('signing-key', 'k', 'a private key'), secrets.seal('signing-key', 'k', 'a private key')];
        expect(one.data).to.not.equal(other.data);
        expect(Buffer.from(one.data, 'base64url').toString('latin1')).to.not.include('private');
        expect(JSON.stringify(one)).to.not.include(current);
        expect(one.secret).to.equal(other.secret);
    });

    it('rule 7: makes new things with the first secret and reads old ones while theirs is listed', () => {

        const old = new Secrets([previous]).seal('signing-key', 'k', 'old');
        const rotated = new Secrets([current, previous]);
        expect(rotated.open('signing-key', 'k', old)).to.equal('old');
        const fresh = rotated.seal('signing-key', 'k', 'new');
        expect(fresh.secret).to.equal(new Secrets([current]).seal('signing-key', 'k', '').secret);
        expect(new Secrets([current]).open('signing-key', 'k', fresh)).to.equal('new');
    });

    it('rule 7: refuses a secret that is no longer listed with a sentence that says what to change', () => {

        const old = new Secrets([previous]).seal('signing-key', 'k', 'old');
        expect(() => new Secrets([current]).open('signing-key', 'k', old)).to.throw(/^A stored signing-key was sealed with the secret '[\w-]{12}', which setSecrets\(\) no longer lists/);
    });

    it('refuses what was altered, cut short, or sealed for another record', () => {

        const secrets = new Secrets([current]);
        const { secret, data } = secrets.seal('signing-key', 'key 1', 'text');
        const octets = Buffer.from(data, 'base64url');
        for (let i = 0; i < octets.length; ++i) {
            const altered = Buffer.from(octets);
            altered[i] = (altered[i] ?? 0) ^ 1;
            expect(() => secrets.open('signing-key', 'key 1', { secret, data: altered.toString('base64url') })).to.throw();
        }

        expect(() => secrets.open('signing-key', 'key 2', { secret, data })).to.throw();
        expect(() => secrets.open('signing-key', 'key 1', { secret, data: data.slice(0, 8) })).to.throw();
        expect(() => secrets.open('signing-key', 'key 1', { secret, data: '' })).to.throw();
    });

    it('says of what was altered or moved that it was, and nothing of the text', () => {

        const secrets = new Secrets([current]);
        expect(() => secrets.open('signing-key', 'key 2', secrets.seal('signing-key', 'key 1', 'text'))).to.throw('A stored signing-key was altered, or sealed for another record');
    });

    it('rule 7: has a key for each purpose', () => {

        const secrets = new Secrets([current]);
        expect(() => secrets.open('ticket', 'k', secrets.seal('signing-key', 'k', 'text'))).to.throw(/^A stored ticket was altered/);
        expect(secrets.digest('user-code', 'BCDF').data).to.not.equal(secrets.digest('client-secret', 'BCDF').data);
    });

    it('rule 7: digests a short value so that the same value is found again, by who has the secret', () => {

        const secrets = new Secrets([current]);
        const digest = secrets.digest('user-code', 'BCDFGHJK');
        expect(digest.data).to.match(/^[\w-]{43}$/);
        expect(digest).to.equal(new Secrets([current, previous]).digest('user-code', 'BCDFGHJK'));
        expect(digest.secret).to.equal(secrets.seal('ticket', '', '').secret);
        expect(secrets.digest('user-code', 'BCDFGHJL').data).to.not.equal(digest.data);
        expect(new Secrets([previous]).digest('user-code', 'BCDFGHJK').data).to.not.equal(digest.data);
        expect(JSON.stringify(digest)).to.not.include('BCDF');
    });

    it('rule 7: is no hash that can be tried without the secret, nor made with the key that seals', () => {

        const { data } = new Secrets([current]).digest('user-code', 'BCDFGHJK');
        const hmac = (key: string | Buffer) => createHmac('sha256', key).update('BCDFGHJK').digest('base64url');
        const guesses = [createHash('sha256').update('BCDFGHJK').digest('base64url'), hmac(''), hmac('user-code'), hmac(current), hmac(deriveKey(current, 'user-code'))];
        expect(guesses).to.not.include(data);
        expect(data).to.equal(hmac(deriveKey(current, 'digest user-code')));
    });

    it('rule 7: finds what was digested before a rotation, under each listed secret once, the current one first', () => {

        const before = new Secrets([previous]).digest('user-code', 'BCDFGHJK');
        const rotated = new Secrets([current, previous, current, previous]);
        const now = rotated.digest('user-code', 'BCDFGHJK');
        expect(rotated.digests('user-code', 'BCDFGHJK')).to.equal([now, before]);
        expect(new Secrets([current]).digests('user-code', 'BCDFGHJK')).to.equal([now]);
    });

    it('rule 7: says whether a secret is listed that something names', () => {

        const { secret } = new Secrets([previous]).digest('user-code', 'BCDFGHJK');
        expect([new Secrets([current, previous]).lists(secret), new Secrets([previous]).lists(secret), new Secrets([current]).lists(secret)]).to.equal([true, true, false]);
        expect(['', previous, '__proto__', 'constructor'].filter((name) => new Secrets([previous]).lists(name))).to.equal([]);
    });

    it('is generated for development, never twice the same', () => {

        const [one, other] = [Secrets.generate(), Secrets.generate()];
        expect(one.open('ticket', 'k', one.seal('ticket', 'k', 'text'))).to.equal('text');
        expect(() => other.open('ticket', 'k', one.seal('ticket', 'k', 'text'))).to.throw(/which setSecrets\(\) no longer lists/);
    });

    it('derives each key once: the second use of a purpose costs no HKDF', () => {

        const derived: string[] = [];
        const { hkdfSync } = crypto;
        const counted: typeof hkdfSync = (digest, key, salt, info, length) => {

            derived.push(typeof info === 'string' ? info : '');
            return hkdfSync(digest, key, salt, info, length);
        };

        Object.assign(crypto, { hkdfSync: counted });

        try {
            const secrets = new Secrets([current, previous]);
            for (let i = 0; i < 3; ++i) {
                secrets.open('ticket', 'k', secrets.seal('ticket', 'k', 'text'));
                secrets.digests('ticket', 'text');
            }
        }
        finally {
            Object.assign(crypto, { hkdfSync });
        }

        expect(derived.filter((label) => label.includes('ticket')).sort()).to.equal(['hapi-oauth2-flows digest ticket', 'hapi-oauth2-flows digest ticket', 'hapi-oauth2-flows ticket']);
    });

    it('takes no secret that could be guessed', () => {

        for (const secrets of [[], ['short'], [current, 'x'.repeat(31)], [JSON.parse('null')]]) {
            expect(() => new Secrets(secrets)).to.throw(/^setSecrets\(\) takes at least one secret of 32 characters or more/);
        }
    });
});
