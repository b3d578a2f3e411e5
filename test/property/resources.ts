import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as fc from 'fast-check';

import { Resources, type ResourceSettings } from '../../lib/protocol/resources';
import { allowedScope, narrowedScope } from '../../lib/protocol/scope';
import { always, attempt } from '../fixture/property';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const issuer = 'https://auth.example.com';
const openid = ['openid', 'email', 'offline_access'];
const scope = fc.constantFrom('a', 'b', 'c', 'd', 'custom', '__proto__', 'constructor', ...openid);
const scopes = fc.array(scope, { maxLength: 5 });
const uri = fc.constantFrom('https://a', 'https://b/', 'urn:c', 'https://d/path', 'urn:__proto__');

/** Any declaration of some resources; the descriptions say nothing. */
const declared = fc.uniqueArray(fc.tuple(uri, fc.array(fc.constantFrom('a', 'b', 'c', 'd', '__proto__'), { maxLength: 3 })), { selector: ([key]) => key, maxLength: 4 });
const made = fc.tuple(declared, fc.nat(5)).map(([list, marked]) => new Map(list.map(([key, names], i): [string, ResourceSettings] => {

    const resource: ResourceSettings = { scopes: Object.fromEntries(names.map((name): [string, string] => [name, '.'])), default: i === marked };
    return [key, resource];
})));
const requested = fc.array(fc.oneof(uri, fc.constantFrom(issuer, 'https://a/', 'https://b', 'urn:unknown', '__proto__')), { maxLength: 3 });

const ownersOf = (settings: ReadonlyMap<string, ResourceSettings>, name: string) =>
    openid.includes(name) ? [] : [...settings].filter(([, { scopes: own = {} }]) => Object.hasOwn(own, name)).map(([key]) => key);

describe('resources, whatever is declared and asked for,', () => {

    it('give a token an audience that is known, and no scope of another resource', () => {

        always(made, requested, scopes, (settings, uris, names) => {

            const resources = new Resources(Object.fromEntries(settings));
            const result = attempt(() => resources.target(uris, names, issuer));
            if ('refused' in result) {
                expect(result.refused).to.match(/^invalid_(?:target|scope)$/);
                return;
            }

            const { audience, scopes: granted } = result.value;
            expect(audience).to.not.be.empty();
            expect(new Set(audience).size).to.equal(audience.length);
            expect(audience.every((one) => one === issuer || settings.has(one))).to.be.true();
            expect(granted).to.equal([...new Set(names)]);
            for (const name of granted) {
                const owners = ownersOf(settings, name);
                expect(owners.length === 0 || owners.some((owner) => audience.includes(owner))).to.be.true();
            }

            expect(uris.length > 0 || audience.length === 1).to.be.true();
        });
    });

    it('give no token of a grant more than the grant has, and everything only if nothing was asked for', () => {

        always(made, requested, scopes, requested, fc.option(scopes, { nil: undefined }), (settings, uris, names, narrowed, asked) => {

            const resources = new Resources(Object.fromEntries(settings));
            const grant = attempt(() => resources.target(uris, names, issuer));
            fc.pre('value' in grant);
            const result = attempt(() => resources.narrow(grant.value, narrowed, asked?.join(' '), issuer));
            if (narrowed.length === 0 && asked === undefined) {
                expect(result).to.equal({ value: grant.value });
            }

            if ('refused' in result) {
                expect(result.refused).to.match(/^invalid_(?:target|scope)$/);
                return;
            }

            const { audience, scopes: given } = result.value;
            expect(audience.filter((one) => !grant.value.audience.includes(one))).to.equal([]);
            expect(given.filter((one) => !grant.value.scopes.includes(one))).to.equal([]);
            for (const name of given) {
                const owners = ownersOf(settings, name);
                expect(owners.length === 0 || owners.some((owner) => audience.includes(owner))).to.be.true();
            }
        });
    });
});

describe('the scopes of a client, whatever it asks for,', () => {

    const option = fc.option(scopes, { nil: undefined });

    it('are some, all known and registered, and none that it did not ask for if it asked', () => {

        always(option, fc.option(scopes, { nil: null }), option, fc.boolean(), fc.boolean(), (asked, declaredNames, registered, dropUnknown, offline) => {

            const known = declaredNames === null ? null : new Set(declaredNames);
            const result = attempt(() => allowedScope(asked?.join(' '), { known, registered: registered?.join(' '), dropUnknown, offline }));
            if ('refused' in result) {
                expect(result.refused).to.equal('invalid_scope');
                return;
            }

            expect(result.value).to.not.be.empty();
            expect(new Set(result.value).size).to.equal(result.value.length);
            const others = result.value.filter((name) => name !== 'offline_access');
            expect(result.value.length > others.length && !offline).to.be.false();
            expect(others.every((name) => (known === null || known.has(name)) && (registered === undefined || registered.includes(name)))).to.be.true();
            expect(!asked?.some((name) => result.value.includes(name)) || result.value.every((name) => asked.includes(name))).to.be.true();
        });
    });

    it('are refused or not whether offline_access is among them or not', () => {

        always(fc.array(scope.filter((name) => name !== 'offline_access'), { minLength: 1, maxLength: 4 }), option, option, fc.boolean(), fc.boolean(), (asked, declaredNames, registered, dropUnknown, offline) => {

            const rules = { known: declaredNames === undefined ? null : new Set(declaredNames), registered: registered?.filter((name) => name !== 'offline_access').join(' '), dropUnknown };
            const without = attempt(() => allowedScope(asked.join(' '), rules));
            const dropped = attempt(() => allowedScope(`offline_access ${asked.join(' ')}`, rules));
            expect(dropped).to.equal(without);
            fc.pre('value' in without);
            expect('value' in attempt(() => allowedScope(`offline_access ${asked.join(' ')}`, { ...rules, offline }))).to.be.true();
        });
    });

    it('only shrink at refresh', () => {

        always(option, scopes, (asked, granted) => {

            const result = attempt(() => narrowedScope(asked?.join(' '), granted));
            const wider = asked?.some((name) => name !== 'offline_access' && !granted.includes(name)) ?? false;
            expect('refused' in result).to.equal(wider);
            fc.pre('value' in result);
            expect(result.value.filter((name) => !granted.includes(name))).to.equal([]);
        });
    });
});
