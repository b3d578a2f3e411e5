import { OAuth2Error } from '../error';
import type { Form } from './form';
import { isOpenScope, isScopeName, narrowedScope, openidScopes, scopeText, type ScopeSetting } from './scope';

/** What a resource's access tokens look like: signed claims, or a random text that only this server can read. */
export type AccessTokenFormat = 'jwt' | 'opaque';

/** A resource as the operator declares it. */
export interface ResourceSettings {
    /** What people who are asked for their consent know it by; its host and path when left out. */
    readonly name?: string | undefined;
    /** Scope names and what each allows: a text, or `{ description, open }`. */
    readonly scopes?: Readonly<Record<string, ScopeSetting>> | undefined;
    /** Whether tokens are for this resource when nothing says otherwise; the only resource of a server always is. */
    readonly default?: boolean | undefined;
    /** The format of this resource's access tokens; the flow's when left out. */
    readonly format?: AccessTokenFormat | undefined;
    /** The name of an auth strategy that accepts the tokens for this resource and no others; the default resource has the hub's without it. */
    readonly strategy?: string | undefined;
}

/** The auth strategy of one resource. */
export interface ResourceStrategy {
    readonly name: string;
    /** Its URI, spelled as it was declared. */
    readonly resource: string;
}

/** What a grant or a token is for. */
export interface Target {
    readonly audience: readonly string[];
    readonly scopes: readonly string[];
}

/** More than any client needs, and few enough for a token. */
const mostResources = 20;

/** The resources that a request names with `resource` (RFC 8707 §2) or its alias `audience`, each once; throws `invalid_target` for more than 20. */
export const requestedResources = (form: Form): readonly string[] => {

    const uris = unique([...form.all('resource'), ...form.all('audience')]);
    if (uris.length > mostResources) {
        throw new OAuth2Error('invalid_target', `A request may name ${mostResources} resources`, { reason: 'too_many_resources' });
    }

    return uris;
};

/**
 * The resources whose tokens a server issues, and which scope belongs to which (RFC 8707, RFC 9068 §3).
 *
 * A scope that several resources declare belongs to each of them; OpenID's scopes and those that no resource declares belong to all.
 */
export class Resources {

    /** The resources, spelled as they were declared. */
    readonly uris: readonly string[];
    /** The scopes of all resources, each once. */
    readonly scopes: readonly string[];
    /** Those of them that clients which register themselves may have: every resource that has one says so. */
    readonly openScopes: readonly string[];
    /** The resource that tokens are for when nothing says otherwise. */
    readonly default: string | undefined;
    /** The strategies that resources name. */
    readonly strategies: readonly ResourceStrategy[];

    readonly #spellings: ReadonlyMap<string, string>;
    readonly #formats: ReadonlyMap<string, AccessTokenFormat | undefined>;
    readonly #names: ReadonlyMap<string, string | undefined>;
    readonly #descriptions = new Map<string, string>();
    readonly #owners = new Map<string, Set<string>>();

    /** Throws a sentence for settings that cannot be meant. */
    constructor(settings: Readonly<Record<string, ResourceSettings>>) {

        const resources = checkSettings(settings);
        for (const [uri, { scopes = {} }] of resources) {
            for (const [name, setting] of Object.entries(scopes)) {
                this.#descriptions.set(name, this.#descriptions.get(name) ?? scopeText(setting));
                this.#owners.set(name, (this.#owners.get(name) ?? new Set()).add(uri));
            }
        }

        this.uris = resources.map(([uri]) => uri);
        this.scopes = [...this.#owners.keys()];
        this.openScopes = this.scopes.filter((name) => resources.every(([, { scopes = {} }]) => !Object.hasOwn(scopes, name) || isOpenScope(name, scopes[name])));
        this.default = resources.find(([, resource]) => resource.default)?.[0] ?? (this.uris.length === 1 ? this.uris[0] : undefined);
        this.strategies = resources.flatMap(([resource, { strategy: name }]) => (name === undefined ? [] : [{ name, resource }]));
        this.#spellings = new Map(this.uris.map((uri) => [normalized(uri), uri]));
        this.#names = new Map(resources.map(([uri, { name }]) => [uri, name]));
        this.#formats = new Map(resources.map(([uri, { format }]) => [uri, format]));
    }

    /**
     * What a grant is for, or the one token of a request without a grant: the requested resources as they were declared, else the one that owns
     * the requested scopes, else the default, else the issuer.
     *
     * For authorization requests, device authorization requests and client credentials: with several resources the scopes of all of them are
     * granted, and {@link narrow} gives each token its own. Throws `invalid_target` for an unknown resource, and `invalid_scope` for a scope that
     * none of the requested resources has, or, where none is requested, for scopes of several resources.
     */
    target(requested: readonly string[], scopes: readonly string[], issuer: string): Target {

        const named = this.#spelled(requested, issuer);
        const audience = named.length > 0 ? named : [this.#impliedBy(scopes) ?? issuer];
        if (!scopes.every((name) => this.#belongs(name, audience))) {
            throw new OAuth2Error('invalid_scope', 'A scope belongs to another resource than the requested ones', { reason: 'scope_of_another_resource' });
        }

        return { audience, scopes: unique(scopes) };
    }

    /**
     * What one token of a grant is for: the requested ones of its resources, else all; the scopes asked for, else all, without those of other
     * resources (RFC 8707 §2.2, RFC 6749 §6).
     *
     * For the redemption of a code or device code and for refresh; the grant keeps its own. Throws `invalid_target` for a resource that was not
     * granted, or that is no longer declared and the only one; and `invalid_scope` for a scope that was not granted, or if no scope belongs to the resources.
     */
    narrow(granted: Target, requested: readonly string[], scope: string | undefined, issuer: string): Target {

        const held = unique(granted.audience.flatMap((uri) => this.#find(uri, issuer) ?? []));
        const named = this.#spelled(requested, issuer);
        const audience = named.length > 0 ? named : held;
        if (audience.length === 0 || !audience.every((uri) => held.includes(uri))) {
            throw new OAuth2Error('invalid_target', 'The resource was not granted', { reason: 'resource_not_granted' });
        }

        const asked = narrowedScope(scope, granted.scopes);
        const scopes = asked.filter((name) => this.#belongs(name, audience));
        if (scopes.length === 0 && asked.length > 0) {
            throw new OAuth2Error('invalid_scope', 'The scope belongs to another resource than the requested ones', { reason: 'scope_of_another_resource' });
        }

        return { audience, scopes };
    }

    /** The format that these resources ask for, if one does. Where they differ it is `opaque`: claims that one must not see cannot be hidden in a JWT. */
    formatOf(audience: readonly string[]): AccessTokenFormat | undefined {

        const formats = audience.map((uri) => this.#formats.get(uri));
        return formats.find((format) => format === 'opaque') ?? formats.find((format) => format !== undefined);
    }

    /** What people know a resource by, spelled as it was declared; `undefined` where nobody has said. */
    nameOf(uri: string): string | undefined {

        return this.#names.get(uri);
    }

    /** What a scope allows, as the first resource that has it says. */
    descriptionOf(scope: string): string | undefined {

        return this.#descriptions.get(scope);
    }

    #impliedBy(scopes: readonly string[]): string | undefined {

        const owned = scopes.filter((name) => !this.#belongs(name, []));
        if (owned.length === 0) {
            return this.default;
        }

        const common = this.uris.filter((uri) => owned.every((name) => this.#belongs(name, [uri])));
        const uri = common.find((one) => common.length === 1 || one === this.default);
        if (uri === undefined) {
            throw new OAuth2Error('invalid_scope', 'The scopes belong to several resources: say which with the parameter resource', { reason: 'scope_of_several_resources' });
        }

        return uri;
    }

    /** Whether a token for these resources may carry the scope. */
    #belongs(scope: string, audience: readonly string[]): boolean {

        const owners = openidScopes.has(scope) ? undefined : this.#owners.get(scope);
        return owners === undefined || audience.some((uri) => owners.has(uri));
    }

    #spelled(requested: readonly string[], issuer: string): readonly string[] {

        return unique(requested.map((uri) => {

            const known = this.#find(uri, issuer);
            if (known === undefined) {
                throw new OAuth2Error('invalid_target', 'The resource is not known here', { reason: 'unknown_resource' });
            }

            return known;
        }));
    }

    #find(uri: string, issuer: string): string | undefined {

        return this.#spellings.get(normalized(uri)) ?? (normalized(uri) === normalized(issuer) ? issuer : undefined);
    }
}

const unique = (values: readonly string[]): readonly string[] => (values.length < 2 ? values : [...new Set(values)]);

/** Scheme and host in lower case, ASCII only, and a bare origin without its slash: spellings of the same resource (RFC 3986 §6.2.2.1, §6.2.3). */
const normalized = (uri: string): string => {

    const [, origin = '', rest = ''] = /^([a-z][a-z\d+.-]*:\/\/(?:(?![/?#])[!-~])*)(.*)$/is.exec(uri) ?? ['', '', uri];
    return `${origin.toLowerCase()}${rest === '/' ? '' : rest}`;
};

/** Settings may come from plain JavaScript. */
const isScopeSetting = (setting: unknown): boolean => typeof setting === 'string' ||
    (typeof setting === 'object' && setting !== null && 'description' in setting && typeof setting.description === 'string' && (!('open' in setting) || ['boolean', 'undefined'].includes(typeof setting.open)));

const isRecord = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

const checkSettings = (settings: Readonly<Record<string, ResourceSettings>>): readonly (readonly [string, ResourceSettings])[] => {

    const problem = isRecord(settings) ? problemOf(Object.entries(settings)) : 'takes an object of resources: { \'https://api.example.com\': { scopes: { … } } }';
    if (problem !== undefined) {
        throw new Error(`setResources() ${problem}`);
    }

    return Object.entries(settings);
};

/** What is wrong with some resources, as the end of a sentence. */
const problemOf = (resources: readonly (readonly [string, ResourceSettings])[]): string | undefined => {

    const [problem] = resources.flatMap(([uri, resource]) => uriProblem(uri) ?? resourceProblem(uri, resource) ?? []);
    if (problem !== undefined) {
        return problem;
    }

    const [one, other] = resources.filter(([, resource]) => resource.default).map(([uri]) => uri);
    if (one !== undefined && other !== undefined) {
        return `has two defaults, '${one}' and '${other}': mark one resource with default: true`;
    }

    const again = resources.map(([uri]) => uri).find((uri, i, uris) => uris.findIndex((earlier) => normalized(earlier) === normalized(uri)) < i);
    return again === undefined ? strategyProblem(resources) : `has the resource '${again}' twice, in two spellings: keep one`;
};

/** A strategy accepts one audience: a token for one resource must not open another. */
const strategyProblem = (resources: readonly (readonly [string, ResourceSettings])[]): string | undefined => {

    const named = resources.filter(([, { strategy }]) => strategy !== undefined);
    const [uri, { strategy = '' } = {}] = named.find(([, one], i) => named.findIndex(([, earlier]) => earlier.strategy === one.strategy) < i) ?? [];
    return uri === undefined ? undefined : `names the strategy '${strategy}' for two resources, '${uri}' the second of them: give each a strategy of its own`;
};

const uriProblem = (uri: string): string | undefined => {

    // URL() forgives white space and control characters, which no request can spell the same way
    if (!/^[\x21-\x7e]+$/.test(uri) || !URL.canParse(uri)) {
        return `has the resource '${uri}', which is no absolute URI as RFC 8707 §2 asks: write it like 'https://api.example.com'`;
    }

    return uri.includes('#') ? `has the resource '${uri}' with a fragment, which RFC 8707 §2 forbids: leave out what begins with #` : undefined;
};

const resourceProblem = (uri: string, resource: ResourceSettings): string | undefined => {

    if (!isRecord(resource)) {
        return `takes an object for the resource '${uri}', such as { scopes: { 'reports:read': 'Read reports' } }`;
    }

    const { scopes = {}, format = 'jwt', strategy = 'a name', name: ownName = 'a name' } = resource;
    if (!isRecord(scopes)) {
        return `takes the scopes of '${uri}' as an object of names and descriptions: { 'reports:read': 'Read reports' }`;
    }

    const wrong = Object.entries(scopes).find(([name, setting]) => !isScopeName(name) || !isScopeSetting(setting));
    if (wrong !== undefined) {
        return `has the scope '${wrong[0]}' of '${uri}': a name is printable without spaces, quotes and backslashes, and its description is a text (RFC 6749 §3.3)`;
    }

    if (typeof strategy !== 'string' || strategy.trim() === '') {
        return `takes the strategy of '${uri}' as a text that names it, such as 'files'`;
    }

    if (typeof ownName !== 'string' || ownName.trim() === '') {
        return `takes the name of '${uri}' as a text that people know it by, such as 'Acme Files'`;
    }

    return ['jwt', 'opaque'].includes(format) ? undefined : `knows the formats 'jwt' and 'opaque' for '${uri}'`;
};
