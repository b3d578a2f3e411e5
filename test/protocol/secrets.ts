import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

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

    it('takes no secret that could be guessed', () => {

        for (const secrets of [[], ['short'], [current, 'x'.repeat(31)], [JSON.parse('null')]]) {
            expect(() => new Secrets(secrets)).to.throw(/^setSecrets\(\) takes at least one secret of 32 characters or more/);
        }
    });
});
