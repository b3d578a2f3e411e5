import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { ScopeClaims } from '../../lib/protocol/scope-claims';
import { chooseClaims, type UserClaims } from '../../lib/protocol/user-claims';
import { alice } from '../fixture/openid-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const everything = new ScopeClaims().claimsOf(['profile', 'email', 'address', 'phone']);

/** What a handler in plain JavaScript may answer. */
const anything = (claims: object): UserClaims => claims;

describe('The claims of a user', () => {

    it('are those that are wanted, and no others', () => {

        const { secret: _secret, team_id: _team, ...standard } = alice;
        expect(chooseClaims(alice, everything)).to.equal({ claims: standard, unusable: [] });
        expect(chooseClaims(alice, ['email', 'unknown'])).to.equal({ claims: { email: 'alice@example.com' }, unusable: [] });
        expect(chooseClaims(alice, [])).to.equal({ claims: {}, unusable: [] });
        expect(chooseClaims(Object.create({ name: 'inherited' }), ['name', 'constructor', '__proto__'])).to.equal({ claims: {}, unusable: [] });
    });

    it('come in the languages that are known, or in the one that is wanted', () => {

        const known = anything({ name: 'Alice', 'name#de': 'Alicia', 'name#fr': 5 });
        expect(chooseClaims(known, ['name'])).to.equal({ claims: { name: 'Alice', 'name#de': 'Alicia' }, unusable: ['name#fr'] });
        expect(chooseClaims(known, ['name#de'])).to.equal({ claims: { 'name#de': 'Alicia' }, unusable: [] });
    });

    it('that are not known are left out without a word: certification refuses null and empty text', () => {

        const nothing = Object.fromEntries(everything.flatMap((name, index) => [[name, [null, undefined, '', 'null'][index % 4]]]));
        expect(chooseClaims(nothing, everything)).to.equal({ claims: {}, unusable: [] });
        expect(chooseClaims({ address: { formatted: '', country: null, region: undefined } }, everything)).to.equal({ claims: {}, unusable: [] });
        expect(chooseClaims({ address: {} }, everything)).to.equal({ claims: {}, unusable: [] });
    });

    it('that are of a wrong kind are left out, and named', () => {

        const wrong: readonly (readonly [string, unknown])[] = [
            ['name', 5], ['email', true], ['phone_number', 49], ['locale', {}], ['email_verified', 'true'], ['email_verified', 1], ['phone_number_verified', 'false'],
            ['updated_at', '1700000000'], ['updated_at', new Date(0)], ['updated_at', NaN], ['updated_at', Infinity],
            ['birthdate', '31.01.1990'], ['birthdate', '1990-1-1'], ['birthdate', new Date(0)], ['birthdate', '1990-01'],
            ['address', 'Here 1'], ['address', ['Here 1']], ['address', { country: 49 }], ['address', true]
        ];
        for (const [name, value] of wrong) {
            expect(chooseClaims(anything({ [name]: value, nickname: 'al' }), everything), `${name} ${String(value)}`).to.equal({ claims: { nickname: 'al' }, unusable: [name] });
        }

        expect(chooseClaims(anything({ birthdate: '0000-01-31', address: { country: 'DE', planet: 'Earth', postal_code: '' } }), everything)).to.equal({ claims: { birthdate: '0000-01-31', address: { country: 'DE' } }, unusable: [] });
        expect(chooseClaims({ birthdate: '1990', updated_at: 0, email_verified: false }, everything)).to.equal({ claims: { birthdate: '1990', updated_at: 0, email_verified: false }, unusable: [] });
    });

    it('of a server\'s own are what JSON makes of them', () => {

        const loop: Record<string, unknown> = {};
        loop.self = loop;
        const own = anything({ teams: [1, { a: null }], since: new Date(0), zero: 0, no: false, big: 1n, call: () => 1, loop });
        expect(chooseClaims(own, ['teams', 'since', 'zero', 'no', 'big', 'call', 'loop'])).to.equal({
            claims: { teams: [1, { a: null }], since: '1970-01-01T00:00:00.000Z', zero: 0, no: false }, unusable: ['big', 'call', 'loop']
        });
    });
});
