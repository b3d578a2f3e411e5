import { deepEqual } from '@hapi/hoek';
import Joi from 'joi';

import type { AuthenticateUser } from '../endpoints/authenticate-user';
import type { ConsentPolicy } from '../endpoints/consent-policy';
import type { UserOfCredentials } from '../endpoints/own-sign-in';
import { derivedMembers } from '../endpoints/metadata';
import type { JwksKeyStore } from '../keys/key-store';
import { SubRoute } from '../endpoints/sub-route';
import { protocolClaims } from '../protocol/protocol-claims';
import { isPairwiseSalt } from '../protocol/pairwise';
import { isScopeName } from '../protocol/scope';
import { AccountRoute, LogoutRoute } from './account-routes';
import { JwksRoute } from './jwks-route';
import type { OnLogout } from './on-logout';
import type { SetClaims } from './set-claims';
import { UserinfoRoute } from './userinfo-route';

/** When signing keys are replaced; all in milliseconds. */
export interface JwksRotatorOptions {
    /** How long a key signs: 90 days when left out. */
    readonly intervalMs?: number | undefined;
    /** How long a new key is published before it signs: 10 minutes when left out, so that every verifier has seen it. */
    readonly leadMs?: number | undefined;
}

/** How long a key signs when nobody says otherwise: 90 days. */
export const defaultIntervalMs = 90 * 24 * 60 * 60 * 1000;

/** What a server has once, under the names of its setters; a flow's setters of the same names are a shorthand for the hub's. */
export interface SharedSettings {
    readonly setJwksKeyStore?: JwksKeyStore | undefined;
    /** Seconds. */
    readonly setPublicKeyExpiry?: number | undefined;
    readonly setJwksRotatorOptions?: JwksRotatorOptions | undefined;
    readonly jwksRoute?: JwksRoute | undefined;
    readonly additionalConfiguration?: Readonly<Record<string, unknown>> | undefined;
    readonly authenticateUser?: AuthenticateUser | undefined;
    readonly setConsent?: ConsentPolicy | undefined;
    readonly setLoginUrl?: string | undefined;
    readonly setSessionStrategy?: { readonly name: string; readonly user: UserOfCredentials } | undefined;
    readonly setClaims?: SetClaims | undefined;
    readonly setScopeClaims?: Readonly<Record<string, readonly string[]>> | undefined;
    readonly setAcrValues?: readonly string[] | undefined;
    readonly setPairwiseSalt?: string | undefined;
    readonly userinfoRoute?: UserinfoRoute | undefined;
    readonly logoutRoute?: LogoutRoute | undefined;
    readonly accountRoute?: AccountRoute | undefined;
    readonly onLogout?: OnLogout | undefined;
}

const method = Joi.function().required();

const schema = Joi.object<SharedSettings>({
    setJwksKeyStore: Joi.object({ list: method, putIfAbsent: method, put: method, delete: method }).unknown(),
    setPublicKeyExpiry: Joi.number().integer().positive(),
    setJwksRotatorOptions: Joi.object({ intervalMs: Joi.number().integer().positive(), leadMs: Joi.number().integer().min(0).less(Joi.ref('intervalMs', { adjust: (interval?: number) => interval ?? defaultIntervalMs })) }),
    jwksRoute: Joi.object().instance(JwksRoute),
    additionalConfiguration: Joi.object(Object.fromEntries(derivedMembers.map((name) => [name, Joi.forbidden()]))).unknown(),
    authenticateUser: Joi.function(),
    setConsent: Joi.valid('explicit', 'implicit', 'none'),
    setLoginUrl: Joi.string().pattern(/^(\/(?!\/)|https?:\/\/)[\x21-\x7e]*$/).pattern(/#/, { invert: true }),
    setSessionStrategy: Joi.object({ name: Joi.string().required(), user: method }),
    setClaims: Joi.function(),
    setScopeClaims: Joi.object().pattern(Joi.custom((name: string, helpers) => (isScopeName(name) && name !== 'openid' && name !== 'offline_access' ? name : helpers.error('any.invalid'))), Joi.array().items(Joi.string().invalid(...protocolClaims))),
    setAcrValues: Joi.array().items(Joi.string().pattern(/^[\x21-\x7e]+$/)).min(1),
    setPairwiseSalt: Joi.custom((salt: unknown, helpers) => (isPairwiseSalt(salt) ? salt : helpers.error('any.invalid'))),
    userinfoRoute: Joi.object().instance(UserinfoRoute),
    logoutRoute: Joi.object().instance(LogoutRoute),
    accountRoute: Joi.object().instance(AccountRoute),
    onLogout: Joi.function()
});

const needs: Readonly<Record<string, string>> = {
    jwksRoute: 'takes a function that configures the route',
    setJwksKeyStore: 'takes an object with the functions list, putIfAbsent, put and delete',
    setPublicKeyExpiry: 'takes a positive whole number of seconds',
    setJwksRotatorOptions: 'takes { intervalMs, leadMs } in whole milliseconds, of which leadMs is the smaller',
    authenticateUser: 'takes a function that answers a subject, { subject, acr, amr } or null',
    setConsent: 'takes \'explicit\', \'implicit\' or \'none\'',
    setLoginUrl: 'takes the path of a page of the app, or its whole URL, without a fragment',
    setSessionStrategy: 'takes the name of an auth strategy, and a function that reads the user from its credentials',
    setClaims: 'takes a function that answers what is known of a user, or null',
    setScopeClaims: 'takes lists of claims by the scopes that give them, such as { team: [\'team_id\'] }; what the framework proves, such as sub, is no such claim, and openid and offline_access give none',
    setAcrValues: 'takes a list of names without spaces, the first of them for sign-ins that say nothing',
    setPairwiseSalt: 'takes 32 characters or more: make them once with randomBytes(32).toString(\'base64url\'), and keep them',
    userinfoRoute: 'takes a function that configures the route',
    logoutRoute: 'takes a function that configures the route',
    accountRoute: 'takes a function that configures the route',
    onLogout: 'takes a function',
    additionalConfiguration: 'takes only members that do not say what is served: the server works those out itself'
};

/** Throws a sentence if a setting cannot be meant. */
export const checkSettings = (settings: SharedSettings, owner: string): void => {

    const [missing] = Object.keys(settings).filter((setter) => Reflect.get(settings, setter) === undefined);
    const { error } = schema.validate(settings, { convert: false });
    const [setter, member] = missing === undefined ? error?.details.flatMap(({ path }) => path.map(String)) ?? [] : [missing];
    if (setter !== undefined) {
        throw new Error(`${owner}: ${setter}() ${String(needs[setter])}${member === undefined ? '' : ` (${member})`}`);
    }
};

/** Who made which of the shared settings, so that two who differ can be named. */
export class SettingOwners {

    readonly #made = new Map<string, { readonly value: unknown; readonly owner: string }>();

    /** Throws a sentence that names both if somebody else made one of these settings differently; makes nothing. */
    check(settings: SharedSettings, owner: string): void {

        for (const [call, value] of callsOf(settings)) {
            const made = this.#made.get(call);
            if (made !== undefined && !same(made.value, value)) {
                throw new Error(`${made.owner} and ${owner} differ in ${call}, which is one setting of the whole server: call it once, on the AuthorizationServerBuilder`);
            }
        }
    }

    /** Makes settings that were checked. */
    make(settings: SharedSettings, owner: string): void {

        for (const [call, value] of callsOf(settings)) {
            if (!this.#made.has(call)) {
                this.#made.set(call, { value, owner });
            }
        }
    }
}

const callsOf = ({ additionalConfiguration, ...settings }: SharedSettings): readonly (readonly [string, unknown])[] => [
    ...Object.entries(settings).map(([setter, value]) => [`${setter}()`, value instanceof SubRoute ? { path: value.path, options: value.options } : value] as const),
    ...Object.entries(additionalConfiguration ?? {}).map(([member, value]) => [`additionalConfiguration({ ${member} })`, value] as const)
];

/** Plain values are the same when they look the same; stores, which have a state, only when they are one. */
const same = (one: unknown, other: unknown): boolean => one === other || (isPlain(one) && isPlain(other) && deepEqual(one, other));

const isPlain = (value: unknown): boolean => typeof value !== 'object' || value === null || Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
