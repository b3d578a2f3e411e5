import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { staticKeys } from '../fixture/static-keys';
import { JwksRoute } from '../../lib/authorization-server/jwks-route';
import { AccountRoute, LogoutRoute } from '../../lib/authorization-server/account-routes';
import { UserinfoRoute } from '../../lib/authorization-server/userinfo-route';
import { SettingOwners, checkSettings, type SharedSettings } from '../../lib/authorization-server/settings';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const day = 24 * 60 * 60 * 1000;

/** Settings as plain JavaScript may make them. */
const anything = (settings: object): SharedSettings => settings;

describe('A shared setting', () => {

    it('is taken when it can be meant', () => {

        const good: readonly SharedSettings[] = [
            {},
            { setJwksKeyStore: staticKeys() },
            { setPublicKeyExpiry: 1 },
            { setJwksRotatorOptions: {} },
            { setJwksRotatorOptions: { intervalMs: 1000, leadMs: 999 } },
            { setJwksRotatorOptions: { leadMs: 90 * day - 1 } },
            { setJwksRotatorOptions: { intervalMs: 1000, leadMs: 0 } },
            { jwksRoute: new JwksRoute(() => undefined) },
            { additionalConfiguration: { service_documentation: 'x', nothing: null } },
            { setClaims: () => null, setScopeClaims: { team: ['team_id'], profile: ['title'] }, setAcrValues: ['urn:a', '1'], setPairwiseSalt: 's'.repeat(32), userinfoRoute: new UserinfoRoute(() => undefined) },
            { logoutRoute: new LogoutRoute(() => undefined), accountRoute: new AccountRoute(() => undefined), onLogout: () => undefined },
            { setScopeClaims: {} }
        ];
        for (const settings of good) {
            expect(() => checkSettings(settings, 'Flow')).to.not.throw();
        }
    });

    it('is refused when it cannot, saying what it takes', () => {

        const call = () => undefined;
        const refusals: readonly (readonly [object, string])[] = [
            [{ setJwksKeyStore: undefined }, 'setJwksKeyStore() takes an object with the functions list, putIfAbsent, put and delete'],
            [{ setJwksKeyStore: null }, 'setJwksKeyStore() takes an object with the functions list, putIfAbsent, put and delete'],
            [{ setJwksKeyStore: { list: call, put: call, delete: call } }, 'setJwksKeyStore() takes an object with the functions list, putIfAbsent, put and delete (putIfAbsent)'],
            [{ setPublicKeyExpiry: 0 }, 'setPublicKeyExpiry() takes a positive whole number of seconds'],
            [{ setPublicKeyExpiry: 1.5 }, 'setPublicKeyExpiry() takes a positive whole number of seconds'],
            [{ setPublicKeyExpiry: '3600' }, 'setPublicKeyExpiry() takes a positive whole number of seconds'],
            [{ setPublicKeyExpiry: undefined }, 'setPublicKeyExpiry() takes a positive whole number of seconds'],
            [{ setJwksRotatorOptions: { intervalMs: -1 } }, 'setJwksRotatorOptions() takes { intervalMs, leadMs } in whole milliseconds, of which leadMs is the smaller (intervalMs)'],
            [{ setJwksRotatorOptions: { intervalMs: 1000, leadMs: 1000 } }, 'setJwksRotatorOptions() takes { intervalMs, leadMs } in whole milliseconds, of which leadMs is the smaller (leadMs)'],
            [{ setJwksRotatorOptions: { leadMs: 90 * day } }, 'setJwksRotatorOptions() takes { intervalMs, leadMs } in whole milliseconds, of which leadMs is the smaller (leadMs)'],
            [{ setJwksRotatorOptions: { interval: 1000 } }, 'setJwksRotatorOptions() takes { intervalMs, leadMs } in whole milliseconds, of which leadMs is the smaller (interval)'],
            [{ jwksRoute: { path: '/keys' } }, 'jwksRoute() takes a function that configures the route'],
            [{ setClaims: {} }, 'setClaims() takes a function that answers what is known of a user, or null'],
            ...[['team'], { 'a b': [] }, { openid: ['x'] }, { offline_access: ['x'] }, { team: 'team_id' }, { team: [5] }, { team: ['sub'] }, { team: ['acr'] }].map((given) => [{ setScopeClaims: given }, 'setScopeClaims() takes lists of claims by the scopes that give them, such as { team: [\'team_id\'] }; what the framework proves, such as sub, is no such claim, and openid and offline_access give none'] as const),
            ...[[], 'urn:a', ['a b'], [''], [5]].map((given) => [{ setAcrValues: given }, 'setAcrValues() takes a list of names without spaces, the first of them for sign-ins that say nothing'] as const),
            ...['short', 32, null].map((given) => [{ setPairwiseSalt: given }, 'setPairwiseSalt() takes 32 characters or more: make them once with randomBytes(32).toString(\'base64url\'), and keep them'] as const),
            [{ userinfoRoute: { path: '/me' } }, 'userinfoRoute() takes a function that configures the route'],
            [{ logoutRoute: { path: '/bye' } }, 'logoutRoute() takes a function that configures the route'],
            [{ accountRoute: new LogoutRoute(() => undefined) }, 'accountRoute() takes a function that configures the route'],
            [{ onLogout: 'bye' }, 'onLogout() takes a function'],
            [{ additionalConfiguration: { issuer: 'x' } }, 'additionalConfiguration() takes only members that do not say what is served: the server works those out itself (issuer)']
        ];
        for (const [settings, sentence] of refusals) {
            const { message } = expect(() => checkSettings(anything(settings), 'Flow \'x\''), sentence).to.throw(Error);
            expect(message).to.startWith(`Flow 'x': ${sentence}`);
            expect(message.slice(`Flow 'x': ${sentence}`.length)).to.match(/^(?: \([^)]*\))?$/);
        }
    });
});

describe('Two who make the same setting', () => {

    const route = (path: `/${string}`, tags: string[] = []) => new JwksRoute(() => undefined).setPath(path).setOptions({ tags });

    const differ = (one: SharedSettings, other: SharedSettings) => () => {

        const owners = new SettingOwners();
        owners.check(one, 'One');
        owners.make(one, 'One');
        owners.check(other, 'Other');
        owners.make(other, 'Other');
        owners.check(one, 'One');
    };

    it('agree when the values look the same', () => {

        const store = staticKeys();
        expect(differ({ setJwksKeyStore: store }, { setJwksKeyStore: store })).to.not.throw();
        expect(differ({ setPublicKeyExpiry: 1 }, { setPublicKeyExpiry: 1 })).to.not.throw();
        expect(differ({ setJwksRotatorOptions: { intervalMs: 1 } }, { setJwksRotatorOptions: { intervalMs: 1 } })).to.not.throw();
        expect(differ({ jwksRoute: route('/keys', ['a']) }, { jwksRoute: route('/keys', ['a']) })).to.not.throw();
        expect(differ({ additionalConfiguration: { a: [1, { b: null }], c: null } }, { additionalConfiguration: { a: [1, { b: null }], d: 1 } })).to.not.throw();
        expect(differ({ setPublicKeyExpiry: 1 }, { setJwksRotatorOptions: {} })).to.not.throw();
    });

    it('are refused when they differ, naming both and the remedy', () => {

        const plain = { list: () => [], putIfAbsent: () => true, put: () => undefined, delete: () => undefined };
        const refusals: readonly (readonly [SharedSettings, SharedSettings, string])[] = [
            [{ setJwksKeyStore: staticKeys() }, { setJwksKeyStore: staticKeys() }, 'setJwksKeyStore()'],
            [{ setJwksKeyStore: plain }, { setJwksKeyStore: staticKeys() }, 'setJwksKeyStore()'],
            [{ setPublicKeyExpiry: 1 }, { setPublicKeyExpiry: 2 }, 'setPublicKeyExpiry()'],
            [{ setJwksRotatorOptions: { intervalMs: 1 } }, { setJwksRotatorOptions: { intervalMs: 1, leadMs: 0 } }, 'setJwksRotatorOptions()'],
            [{ jwksRoute: route('/keys', ['a']) }, { jwksRoute: route('/keys', ['b']) }, 'jwksRoute()'],
            [{ jwksRoute: route('/a') }, { jwksRoute: route('/b') }, 'jwksRoute()'],
            [{ userinfoRoute: new UserinfoRoute(() => undefined).setPath('/a') }, { userinfoRoute: new UserinfoRoute(() => undefined) }, 'userinfoRoute()'],
            [{ setClaims: () => null }, { setClaims: () => null }, 'setClaims()'],
            [{ setAcrValues: ['a', 'b'] }, { setAcrValues: ['b', 'a'] }, 'setAcrValues()'],
            [{ setPairwiseSalt: 's'.repeat(32) }, { setPairwiseSalt: 't'.repeat(32) }, 'setPairwiseSalt()'],
            [{ additionalConfiguration: { a: null } }, { additionalConfiguration: { a: {} } }, 'additionalConfiguration({ a })'],
            [{ additionalConfiguration: { a: [1] } }, { additionalConfiguration: { a: [2] } }, 'additionalConfiguration({ a })']
        ];
        for (const [one, other, call] of refusals) {
            expect(differ(one, other), call).to.throw(`One and Other differ in ${call}, which is one setting of the whole server: call it once, on the AuthorizationServerBuilder`);
        }
    });
});
