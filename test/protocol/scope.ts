import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OAuth2Error } from '../../lib';
import { assertScopeLeft, allowedScope, formatScope, isOpenScope, knownScope, narrowedScope, parseScope, type ScopeRules } from '../../lib/protocol/scope';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('parseScope()', () => {

    it('splits at spaces, each name once, in order', () => {

        expect(parseScope('b a  b ')).to.equal(['b', 'a']);
        expect(parseScope('https://api.example.com/read:all !#[]~')).to.equal(['https://api.example.com/read:all', '!#[]~']);
        expect(parseScope('')).to.equal([]);
        expect(parseScope(undefined)).to.equal([]);
    });

    it('refuses characters that no name has (RFC 6749 §3.3)', async () => {

        for (const scope of ['a"b', 'a\\b', 'a\tb', 'a\nb', 'ä', '\u007f']) {
            expect(await refusal(() => parseScope(scope))).to.equal({ code: 'invalid_scope', reason: 'malformed_scope' });
        }
    });
});

describe('isOpenScope()', () => {

    it('is true for what its description opens, and for the scopes of OpenID', () => {

        expect(isOpenScope('read', { description: 'Read', open: true })).to.be.true();
        expect(isOpenScope('openid', undefined)).to.be.true();
        expect(isOpenScope('email', 'See your address')).to.be.true();
    });

    it('is false for all else: what nobody opened stays closed to strangers', () => {

        for (const setting of [undefined, 'Read', { description: 'Read' }, { description: 'Read', open: undefined }, { description: 'Read', open: false }]) {
            expect(isOpenScope('read', setting)).to.be.false();
        }

        // @ts-expect-error as plain JavaScript may say it
        expect(isOpenScope('read', { description: 'Read', open: 'false' })).to.be.false();
    });
});

describe('assertScopeLeft()', () => {

    it('refuses a narrowing that leaves nothing of something', () => {

        expect(() => assertScopeLeft([], ['a'])).to.throw(OAuth2Error, /No scope is left/);
        assertScopeLeft(['a'], ['a', 'b']);
        assertScopeLeft([], []);
    });
});

describe('formatScope()', () => {

    it('takes a string or names, and is nothing for none', () => {

        expect(formatScope('a b')).to.equal('a b');
        expect(formatScope(['a', 'b'])).to.equal('a b');
        for (const none of ['', [], undefined]) {
            expect(formatScope(none)).to.be.undefined();
        }
    });
});

describe('knownScope()', () => {

    const known = new Set(['openid', 'email']);
    const unknown = { code: 'invalid_scope', reason: 'unknown_scope' };

    it('accepts what is known, and everything where nothing was declared', () => {

        expect(knownScope('email openid email', known, false)).to.equal('email openid');
        expect(knownScope('x y', null, false)).to.equal('x y');
        expect(knownScope(undefined, known, false)).to.be.undefined();
        expect(knownScope('', known, true)).to.be.undefined();
    });

    it('rule 15: refuses what is unknown', async () => {

        expect(await refusal(() => knownScope('openid x', known, false))).to.equal(unknown);
        expect(await refusal(() => knownScope('toString', known, false))).to.equal(unknown);
        expect(await refusal(() => knownScope('Email', known, false))).to.equal(unknown);
    });

    it('rule 15: drops what is unknown of an OpenID request only', async () => {

        expect(knownScope('openid x email', known, true)).to.equal('openid email');
        expect(await refusal(() => knownScope('email x', known, true))).to.equal(unknown);
    });

    it('refuses malformed names even where it would drop unknown ones', async () => {

        expect(await refusal(() => knownScope('openid "', known, true))).to.equal({ code: 'invalid_scope', reason: 'malformed_scope' });
    });
});

describe('allowedScope()', () => {

    const rules: ScopeRules = { known: new Set(['openid', 'email', 'read', 'write']), registered: 'openid read other', dropUnknown: false };
    const open: ScopeRules = { ...rules, registered: undefined };

    it('is what the client asks for, if it may have it', () => {

        expect(allowedScope('read openid read', rules)).to.equal(['read', 'openid']);
        expect(allowedScope('x:y', { ...open, known: null })).to.equal(['x:y']);
    });

    it('rule 15: is the registered scope, as far as it is known, where the client asks for none', () => {

        for (const none of [undefined, '', '  ']) {
            expect(allowedScope(none, rules)).to.equal(['openid', 'read']);
        }

        expect(allowedScope(undefined, { ...rules, known: null })).to.equal(['openid', 'read', 'other']);
        expect(allowedScope(undefined, { ...rules, registered: 'read read' })).to.equal(['read']);
    });

    it('rule 15: refuses a request without a scope from a client without one', async () => {

        for (const registered of [undefined, '', ' ', 'other', 'offline_access']) {
            expect(await refusal(() => allowedScope(undefined, { ...rules, registered })), registered).to.equal({ code: 'invalid_scope', reason: 'missing_scope' });
        }
    });

    it('lets a client without a registered scope ask for any known one, and a client whose scope is empty for none', async () => {

        expect(allowedScope('read write', open)).to.equal(['read', 'write']);
        expect(await refusal(() => allowedScope('read', { ...rules, registered: '' }))).to.equal({ code: 'invalid_scope', reason: 'scope_not_allowed' });
    });

    it('rule 15: refuses a known scope that the client may not have, also openid, also where unknown ones are dropped', async () => {

        const refused = { code: 'invalid_scope', reason: 'scope_not_allowed' };
        expect(await refusal(() => allowedScope('read write', rules))).to.equal(refused);
        expect(await refusal(() => allowedScope('openid write x', { ...rules, dropUnknown: true }))).to.equal(refused);
        expect(await refusal(() => allowedScope('openid', { ...rules, registered: 'read' }))).to.equal(refused);
        expect(await refusal(() => allowedScope('x', { ...rules, known: null }))).to.equal(refused);
        expect(await refusal(() => allowedScope('READ', { ...rules, known: null }))).to.equal(refused);
    });

    it('rule 15: refuses an unknown scope, even a registered one, and drops it of an OpenID request', async () => {

        const refused = { code: 'invalid_scope', reason: 'unknown_scope' };
        for (const scope of ['read x', 'openid other', 'read constructor', 'read __proto__']) {
            expect(await refusal(() => allowedScope(scope, rules)), scope).to.equal(refused);
        }

        const dropping = { ...rules, dropUnknown: true };
        expect(allowedScope('openid x read other', dropping)).to.equal(['openid', 'read']);
        expect(await refusal(() => allowedScope('read x', dropping))).to.equal(refused);
        expect(await refusal(() => allowedScope('openid "', dropping))).to.equal({ code: 'invalid_scope', reason: 'malformed_scope' });
    });

    it('rule 15: drops offline_access, known and registered or not, unless it is granted', async () => {

        const everywhere: readonly ScopeRules[] = [rules, open, { ...rules, known: null }, { ...rules, known: new Set(['read', 'offline_access']), registered: 'read offline_access' }];
        for (const each of everywhere) {
            expect(allowedScope('offline_access read', each)).to.equal(['read']);
            expect(allowedScope('offline_access read', { ...each, offline: false })).to.equal(['read']);
            expect(allowedScope('offline_access read', { ...each, offline: true })).to.equal(['offline_access', 'read']);
        }

        expect(allowedScope(undefined, { ...rules, registered: 'read offline_access' })).to.equal(['read']);
        expect(allowedScope(undefined, { ...rules, registered: 'read offline_access', offline: true })).to.equal(['read', 'offline_access']);
        expect(await refusal(() => allowedScope('offline_access x', rules))).to.equal({ code: 'invalid_scope', reason: 'unknown_scope' });
    });

    it('takes a request of dropped scopes only for one without a scope', async () => {

        expect(allowedScope('offline_access', rules)).to.equal(['openid', 'read']);
        expect(await refusal(() => allowedScope('offline_access', open))).to.equal({ code: 'invalid_scope', reason: 'missing_scope' });
    });

    it('gives nobody a malformed name that a record holds', () => {

        expect(allowedScope(undefined, { ...rules, known: null, registered: 'read "quoted" wr\u00efte a\tb' })).to.equal(['read']);
    });
});

describe('narrowedScope()', () => {

    const granted = ['openid', 'read', 'write'];

    it('is what is asked for of what was granted, else all of it', () => {

        expect(narrowedScope('write read write', granted)).to.equal(['write', 'read']);
        for (const none of [undefined, '', ' ']) {
            expect(narrowedScope(none, granted)).to.equal(granted);
            expect(narrowedScope(none, [])).to.equal([]);
        }
    });

    it('never widens (RFC 6749 §6)', async () => {

        for (const scope of ['read admin', 'READ', 'toString', 'openid read write x']) {
            expect(await refusal(() => narrowedScope(scope, granted)), scope).to.equal({ code: 'invalid_scope', reason: 'scope_not_granted' });
        }

        expect(await refusal(() => narrowedScope('read "', granted))).to.equal({ code: 'invalid_scope', reason: 'malformed_scope' });
    });

    it('drops an offline_access that was not granted, and keeps one that was', () => {

        expect(narrowedScope('read offline_access', granted)).to.equal(['read']);
        expect(narrowedScope('offline_access', granted)).to.equal(granted);
        expect(narrowedScope('read offline_access', [...granted, 'offline_access'])).to.equal(['read', 'offline_access']);
    });
});
