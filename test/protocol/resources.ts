import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Form } from '../../lib/protocol/form';
import { requestedResources, Resources, type ResourceSettings } from '../../lib/protocol/resources';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const issuer = 'https://auth.example.com';
const reports = 'https://api.example.com/reports';
const mail = 'urn:example:mail';
const bare = 'https://shop.example.com';

/** Three resources; `admin` belongs to two of them. */
const settings: Readonly<Record<string, ResourceSettings>> = {
    [reports]: { scopes: { 'reports:read': 'Read reports', admin: 'Manage reports' }, default: true },
    [mail]: { scopes: { 'mail:send': 'Send mail', admin: 'Manage mail' }, format: 'opaque' },
    [bare]: { format: 'jwt' }
};
const resources = new Resources(settings);
const withoutDefault = new Resources({ ...settings, [reports]: { ...settings[reports], default: false } });
const none = new Resources({});

const unknownTarget = { code: 'invalid_target', reason: 'unknown_resource' };
const notGranted = { code: 'invalid_target', reason: 'resource_not_granted' };
const foreignScope = { code: 'invalid_scope', reason: 'scope_of_another_resource' };
const severalResources = { code: 'invalid_scope', reason: 'scope_of_several_resources' };

describe('Resources', () => {

    it('knows what was declared', () => {

        expect(resources.uris).to.equal([reports, mail, bare]);
        expect(resources.scopes).to.equal(['reports:read', 'admin', 'mail:send']);
        expect(resources.default).to.equal(reports);
        expect([none.uris, none.scopes, none.default]).to.equal([[], [], undefined]);
    });

    it('does not change with the settings it was made from', () => {

        const changing: Record<string, ResourceSettings> = { [mail]: { scopes: { 'mail:send': 'Send mail' } } };
        const made = new Resources(changing);
        changing[reports] = { default: true };
        expect(made.uris).to.equal([mail]);
        expect(made.default).to.equal(mail);
    });

    it('rule 16: has the only resource for default, and of several the one that is marked', () => {

        expect(new Resources({ [mail]: {} }).default).to.equal(mail);
        expect(withoutDefault.default).to.be.undefined();
        expect(new Resources({ [mail]: {}, [reports]: { default: true } }).default).to.equal(reports);
    });

    it('rule 16: knows the strategies that resources name', () => {

        expect(resources.strategies).to.equal([]);
        expect(new Resources({ [mail]: { strategy: 'mail' }, [bare]: { strategy: undefined }, [reports]: { strategy: 'reports', default: true } }).strategies)
            .to.equal([{ name: 'mail', resource: mail }, { name: 'reports', resource: reports }]);
    });

    it('describes a scope as the first resource that has it does', () => {

        expect(['reports:read', 'admin', 'openid', 'toString', '__proto__'].map((scope) => resources.descriptionOf(scope))).to.equal(['Read reports', 'Manage reports', undefined, undefined, undefined]);
    });

    it('opens a scope to strangers only where every resource that has it does', () => {

        const open = { description: 'Read', open: true };
        const half = new Resources({ [reports]: { scopes: { read: open, send: open, list: { description: 'List', open: undefined }, sort: { description: 'Sort' } } }, [mail]: { scopes: { read: open, send: 'Send' } }, [bare]: {} });
        expect(half.openScopes).to.equal(['read']);
        expect(['read', 'list', 'sort'].map((scope) => half.descriptionOf(scope))).to.equal(['Read', 'List', 'Sort']);
    });

    it('knows the format that resources ask for; what one of them must not read is in no JWT', () => {

        expect([[reports], [mail], [bare], [issuer], [], ['__proto__']].map((audience) => resources.formatOf(audience))).to.equal([undefined, 'opaque', 'jwt', undefined, undefined, undefined]);
        expect([[reports, bare], [bare, mail], [mail, reports]].map((audience) => resources.formatOf(audience))).to.equal(['jwt', 'opaque', 'opaque']);
    });

    it('refuses settings that cannot be meant, with a sentence that says what to change', () => {

        const wrong: readonly (readonly [unknown, RegExp])[] = [
            [null, /^setResources\(\) takes an object of resources/],
            [[mail], /^setResources\(\) takes an object of resources/],
            [mail, /^setResources\(\) takes an object of resources/],
            [{ '/reports': {} }, /^setResources\(\) has the resource '\/reports', which is no absolute URI as RFC 8707 §2 asks/],
            [{ 'api.example.com': {} }, /no absolute URI/],
            [{ ' https://api.example.com': {} }, /no absolute URI/],
            [{ 'https://api.example.com/a b': {} }, /no absolute URI/],
            [{ '': {} }, /no absolute URI/],
            [JSON.parse('{ "__proto__": {} }'), /'__proto__', which is no absolute URI/],
            [{ 'https://api.example.com#a': {} }, /with a fragment, which RFC 8707 §2 forbids/],
            [{ 'https://api.example.com/#': {} }, /with a fragment/],
            [{ [reports]: { default: true }, [mail]: {}, [bare]: { default: true } }, /^setResources\(\) has two defaults, 'https:\/\/api\.example\.com\/reports' and 'https:\/\/shop\.example\.com'/],
            [{ 'http://h': {}, 'http://h/': {} }, /has the resource 'http:\/\/h\/' twice/],
            [{ 'http://h/a': {}, 'HTTP://H/a': {} }, /has the resource 'HTTP:\/\/H\/a' twice/],
            [{ [mail]: null }, /takes an object for the resource 'urn:example:mail'/],
            [{ [mail]: 'mail:send' }, /takes an object for the resource/],
            [{ [mail]: ['mail:send'] }, /takes an object for the resource/],
            [{ [mail]: { scopes: ['mail:send'] } }, /takes the scopes of 'urn:example:mail' as an object/],
            [{ [mail]: { scopes: 'mail:send' } }, /takes the scopes of/],
            [{ [mail]: { scopes: null } }, /takes the scopes of/],
            [{ [mail]: { scopes: { 'mail send': 'Send' } } }, /has the scope 'mail send' of 'urn:example:mail': a name is printable/],
            [{ [mail]: { scopes: { '': 'Send' } } }, /has the scope ''/],
            [{ [mail]: { scopes: { 'mail:"': 'Send' } } }, /has the scope 'mail:"'/],
            [{ [mail]: { scopes: { 'mail:send': true } } }, /its description is a text/],
            [{ [mail]: { scopes: { 'mail:send': null } } }, /its description is a text/],
            [{ [mail]: { scopes: { 'mail:send': {} } } }, /its description is a text/],
            [{ [mail]: { scopes: { 'mail:send': { description: 5 } } } }, /its description is a text/],
            [{ [mail]: { scopes: { 'mail:send': { description: 'Send', open: 'no' } } } }, /has the scope 'mail:send' of 'urn:example:mail'/],
            [{ [mail]: { format: 'JWT' } }, /^setResources\(\) knows the formats 'jwt' and 'opaque' for 'urn:example:mail'/],
            ...['', ' ', null, 7, { toString: () => 'Files' }].map((name): [unknown, RegExp] => [{ [mail]: { name } }, /^setResources\(\) takes the name of 'urn:example:mail' as a text that people know it by, such as 'Acme Files'$/]),
            [{ [mail]: { strategy: '' } }, /^setResources\(\) takes the strategy of 'urn:example:mail' as a text that names it, such as 'files'$/],
            ...[' ', null, 7, true, ['files'], { toString: () => 'files' }].map((strategy): [unknown, RegExp] => [{ [mail]: { strategy } }, /takes the strategy of 'urn:example:mail' as a text/]),
            [{ [mail]: { strategy: 'files' }, [bare]: { strategy: 'mail' }, [reports]: { strategy: 'files' } }, /^setResources\(\) names the strategy 'files' for two resources, 'https:\/\/api\.example\.com\/reports' the second of them: give each a strategy of its own$/]
        ];
        for (const [value, sentence] of wrong) {
            expect(() => new Resources(value as Readonly<Record<string, ResourceSettings>>), JSON.stringify(value)).to.throw(sentence);
        }
    });
});

describe('target()', () => {

    it('rule 16: is the requested resources, each once, in their order', () => {

        expect(resources.target([mail, reports, mail], ['reports:read', 'mail:send'], issuer)).to.equal({ audience: [mail, reports], scopes: ['reports:read', 'mail:send'] });
        expect(resources.target([issuer], ['openid'], issuer)).to.equal({ audience: [issuer], scopes: ['openid'] });
        expect(resources.target([bare], [], issuer)).to.equal({ audience: [bare], scopes: [] });
    });

    it('rule 16: is spelled as it was declared', () => {

        for (const spelling of [bare, `${bare}/`, 'HTTPS://Shop.Example.COM', 'https://shop.example.com/']) {
            expect(resources.target([spelling, bare], [], issuer).audience, spelling).to.equal([bare]);
        }

        expect(new Resources({ 'http://h/': {} }).target(['http://h'], [], issuer).audience).to.equal(['http://h/']);
        expect(none.target([`${issuer}/`], [], issuer).audience).to.equal([issuer]);
    });

    it('rule 16: refuses a resource that is not known, or only looks like one that is', async () => {

        for (const uri of [
            'https://evil.example.com', `${bare}//`, `${bare}/x`, `${bare}/?`, `${bare}?`, `${bare}#`, `${bare}:443`, `${bare}.`, ` ${bare}`, `${bare}\n`, `${bare}\0`, `${bare}/%2e`, 'https:shop.example.com',
            'https:\\\\shop.example.com', 'https://ada@shop.example.com', 'http://shop.example.com', 'https://\u017fhop.example.com', `${reports}/`, 'https://api.example.com', 'https://api.example.com/REPORTS',
            'https://api.example.com/x/../reports', 'URN:example:mail', 'urn:example:Mail', '', '__proto__', 'constructor', 'toString', 'x'.repeat(1_000_000)
        ]) {
            expect(await refusal(() => resources.target([uri], [], issuer)), uri.slice(0, 100)).to.equal(unknownTarget);
            expect(await refusal(() => resources.target([bare, uri], [], issuer)), uri.slice(0, 100)).to.equal(unknownTarget);
        }

        expect(await refusal(() => none.target([mail], [], issuer))).to.equal(unknownTarget);
        expect(await refusal(() => new Resources({ 'https://kelvin.example.com': {} }).target(['https://\u212aelvin.example.com'], [], issuer))).to.equal(unknownTarget);
    });

    it('rule 16: is the one resource that owns the scopes, else the default, else the issuer', () => {

        expect(resources.target([], ['openid', 'mail:send', 'custom'], issuer)).to.equal({ audience: [mail], scopes: ['openid', 'mail:send', 'custom'] });
        expect(resources.target([], ['mail:send', 'admin'], issuer).audience).to.equal([mail]);
        expect(resources.target([], ['openid', 'custom'], issuer).audience).to.equal([reports]);
        expect(resources.target([], [], issuer).audience).to.equal([reports]);
        expect(withoutDefault.target([], ['openid'], issuer).audience).to.equal([issuer]);
        expect(none.target([], ['anything', 'anything'], issuer)).to.equal({ audience: [issuer], scopes: ['anything'] });
    });

    it('rule 16: refuses scopes of two resources unless it is said which', async () => {

        expect(await refusal(() => resources.target([], ['reports:read', 'mail:send'], issuer))).to.equal(severalResources);
        expect(await refusal(() => resources.target([], ['admin', 'reports:read', 'mail:send'], issuer))).to.equal(severalResources);
        expect(resources.target([], ['admin'], issuer).audience).to.equal([reports]);
        expect(await refusal(() => withoutDefault.target([], ['admin'], issuer))).to.equal(severalResources);
    });

    it('rule 16: gives no token a scope of another resource', async () => {

        expect(await refusal(() => resources.target([mail], ['reports:read'], issuer))).to.equal(foreignScope);
        expect(await refusal(() => resources.target([mail], ['mail:send', 'reports:read'], issuer))).to.equal(foreignScope);
        expect(await refusal(() => resources.target([issuer], ['reports:read'], issuer))).to.equal(foreignScope);
        expect(await refusal(() => resources.target([bare], ['admin'], issuer))).to.equal(foreignScope);
        expect(resources.target([mail], ['admin', 'openid', 'custom', 'toString', '__proto__'], issuer).scopes).to.equal(['admin', 'openid', 'custom', 'toString', '__proto__']);
    });

    it('takes the scopes of OpenID for nobody\'s own, even where a resource describes them', () => {

        const describing = new Resources({ [reports]: {}, [mail]: { scopes: { email: 'See your address' } } });
        expect(describing.descriptionOf('email')).to.equal('See your address');
        expect(describing.target([reports], ['email'], issuer).audience).to.equal([reports]);
        expect(describing.target([], ['email'], issuer).audience).to.equal([issuer]);
    });
});

describe('narrow()', () => {

    const granted = resources.target([reports, mail], ['openid', 'reports:read', 'mail:send'], issuer);

    it('is all of the grant where nothing is asked for', () => {

        expect(resources.narrow(granted, [], undefined, issuer)).to.equal(granted);
        expect(none.narrow({ audience: [issuer], scopes: [] }, [], undefined, issuer)).to.equal({ audience: [issuer], scopes: [] });
        expect(resources.narrow({ audience: [reports, mail], scopes: [] }, [mail], undefined, issuer)).to.equal({ audience: [mail], scopes: [] });
    });

    it('rule 16: leaves out scopes of the other resources, asked for or not (RFC 8707 §2.2)', () => {

        expect(resources.narrow(granted, [mail], undefined, issuer)).to.equal({ audience: [mail], scopes: ['openid', 'mail:send'] });
        expect(resources.narrow(granted, [reports], 'mail:send reports:read', issuer)).to.equal({ audience: [reports], scopes: ['reports:read'] });
        expect(resources.narrow(granted, [], 'mail:send', issuer)).to.equal({ audience: [reports, mail], scopes: ['mail:send'] });
    });

    it('refuses where no scope belongs to the resource', async () => {

        expect(await refusal(() => resources.narrow(granted, [mail], 'reports:read', issuer))).to.equal(foreignScope);
        const useless = resources.target([reports, mail], ['reports:read'], issuer);
        expect(await refusal(() => resources.narrow(useless, [mail], undefined, issuer))).to.equal(foreignScope);
    });

    it('refuses what was not granted, resource or scope', async () => {

        expect(await refusal(() => resources.narrow(granted, [bare], undefined, issuer))).to.equal(notGranted);
        expect(await refusal(() => resources.narrow(granted, [mail, bare], undefined, issuer))).to.equal(notGranted);
        expect(await refusal(() => resources.narrow(granted, [issuer], undefined, issuer))).to.equal(notGranted);
        expect(await refusal(() => resources.narrow(granted, ['https://evil.example.com'], undefined, issuer))).to.equal(unknownTarget);
        expect(await refusal(() => resources.narrow(granted, [mail], 'mail:send admin', issuer))).to.equal({ code: 'invalid_scope', reason: 'scope_not_granted' });
    });

    it('follows the settings of today: the spelling of a resource, and that it is gone', async () => {

        const old = { audience: [`${bare}/`, 'urn:gone'], scopes: ['openid'] };
        expect(resources.narrow(old, [], undefined, issuer)).to.equal({ audience: [bare], scopes: ['openid'] });
        expect(resources.narrow(old, [bare], undefined, issuer).audience).to.equal([bare]);
        expect(await refusal(() => resources.narrow(old, ['urn:gone'], undefined, issuer))).to.equal(unknownTarget);
        expect(await refusal(() => resources.narrow({ audience: ['urn:gone'], scopes: ['openid'] }, [], undefined, issuer))).to.equal(notGranted);
    });
});

describe('requestedResources()', () => {

    it('takes resource and its alias audience, each as often as it is sent, each value once', () => {

        expect(requestedResources(Form.from({ resource: [mail, reports, mail], audience: reports }))).to.equal([mail, reports]);
        expect(requestedResources(Form.from({ audience: [bare, mail], resource: mail }))).to.equal([mail, bare]);
        expect(requestedResources(Form.from({ resource: '', audience: ['', ''] }))).to.equal([]);
        expect(requestedResources(Form.from({}))).to.equal([]);
    });

    it('takes 20 values and no more, however they are sent', async () => {

        const uris = Array.from({ length: 21 }, (_, i) => `urn:example:${i}`);
        expect(requestedResources(Form.from({ resource: [...uris.slice(1), ...uris.slice(1)] }))).to.have.length(20);
        const refused = { code: 'invalid_target', reason: 'too_many_resources' };
        expect(await refusal(() => requestedResources(Form.from({ resource: uris })))).to.equal(refused);
        expect(await refusal(() => requestedResources(Form.from({ resource: uris.slice(0, 11), audience: uris.slice(10) })))).to.equal(refused);
    });
});
