import { OAuth2Error } from '../error';

/** Whether a text is a scope name: printable, without spaces, quotes and backslashes (RFC 6749 §3.3). */
export const isScopeName = (name: string): boolean => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(name);

/** Scopes of OpenID Connect are no resource's own: they speak of the user and open UserInfo (OpenID Connect Core §5.4, §11). */
export const openidScopes: ReadonlySet<string> = new Set(['openid', 'profile', 'email', 'address', 'phone', 'offline_access']);

/** What a scope allows, in words; with `open: true` clients that register themselves may have it. */
export type ScopeSetting = string | { readonly description: string; readonly open?: boolean | undefined };

/** What a scope allows, in words. */
export const scopeText = (setting: ScopeSetting): string => (typeof setting === 'string' ? setting : setting.description);

/** Scopes by their names, each with what it allows in words. */
export const scopeTexts = (scopes: Readonly<Record<string, ScopeSetting>>): Readonly<Record<string, string>> =>
    Object.fromEntries(Object.entries(scopes).map(([name, setting]) => [name, scopeText(setting)]));

/** Whether clients that register themselves may have a scope. */
export const isOpenScope = (name: string, setting: ScopeSetting | undefined): boolean => openidScopes.has(name) || (typeof setting === 'object' && setting.open === true);

/** Asks for a refresh token that outlives the sign-in session (OpenID Connect Core §11). */
const offlineAccess = 'offline_access';

/** The names in a `scope` value, each once (RFC 6749 §3.3); throws `invalid_scope` if it is malformed. */
export const parseScope = (scope: string | undefined): readonly string[] => {

    if (scope === undefined) {
        return [];
    }

    if (!/^[\x20\x21\x23-\x5b\x5d-\x7e]*$/.test(scope)) {       // Names, and the spaces between them
        throw new OAuth2Error('invalid_scope', 'The scope is malformed', { reason: 'malformed_scope' });
    }

    const names = scope.split(' ').filter((name) => name !== '');
    return names.length < 2 ? names : [...new Set(names)];
};

/** Throws `invalid_scope` if narrowing has left nothing of what was granted: a reply without `scope` would say that all of it was (RFC 6749 §5.1). */
export const assertScopeLeft = (left: readonly string[], granted: readonly string[]): void => {

    if (left.length === 0 && granted.length > 0) {
        throw new OAuth2Error('invalid_scope', 'No scope is left of those that were granted', { reason: 'no_scope_left' });
    }
};

/** The `scope` value of some names: a string, or `undefined` for none. */
export const formatScope = (scope: string | readonly string[] | undefined): string | undefined => {

    const value = typeof scope === 'string' ? scope : scope?.join(' ');
    return value === '' ? undefined : value;
};

/**
 * The requested scope, if the flow knows all of it; a flow that declared no scopes knows them all.
 *
 * An OpenID request (`openid`) has its unknown scopes dropped instead of being refused (OpenID Connect Core §3.1.2.1).
 */
export const knownScope = (scope: string | undefined, known: ReadonlySet<string> | null, dropUnknown: boolean): string | undefined => {

    const names = parseScope(scope);
    const accepted = known === null ? names : names.filter((name) => known.has(name));
    if (accepted.length < names.length && !(dropUnknown && names.includes('openid'))) {
        throw new OAuth2Error('invalid_scope', 'The scope is not known here', { reason: 'unknown_scope' });
    }

    return formatScope(accepted);
};

/** What decides which scopes a client gets. */
export interface ScopeRules {
    /** Scopes that exist; `null` where none were declared, so that all do. */
    readonly known: ReadonlySet<string> | null;
    /** The client's registered `scope`. With none the client may ask for any known scope, and has to ask; with `''` it may have none. */
    readonly registered: string | undefined;
    /** Whether an OpenID request may name scopes that do not exist. */
    readonly dropUnknown: boolean;
    /** Whether the client gets `offline_access` when it asks; nothing else decides it. */
    readonly offline?: boolean | undefined;
}

/**
 * The scopes of a request for a client: what it asks for, else what it is registered for of what is known here.
 *
 * What is dropped, `offline_access` where it is not granted and the unknown scopes of an OpenID request (OpenID Connect Core §3.1.2.1, §11), is as
 * if it had not been sent. Throws `invalid_scope` for any other unknown scope, for one that the client is not registered for, and where
 * no scope is left (RFC 6749 §3.3).
 */
export const allowedScope = (requested: string | undefined, { known, registered, dropUnknown, offline = false }: ScopeRules): readonly string[] => {

    const own = registered?.split(' ').filter(isScopeName);
    const exists = (name: string): boolean => name === offlineAccess ? offline : known === null || known.has(name);
    const names = parseScope(requested);
    const asked = names.filter(exists);
    if (names.some((name) => name !== offlineAccess && !exists(name)) && !(dropUnknown && names.includes('openid'))) {
        throw new OAuth2Error('invalid_scope', 'The scope is not known here', { reason: 'unknown_scope' });
    }

    if (own !== undefined && asked.some((name) => name !== offlineAccess && !own.includes(name))) {
        throw new OAuth2Error('invalid_scope', 'The client may not have this scope', { reason: 'scope_not_allowed' });
    }

    const allowed = asked.length > 0 ? asked : [...new Set(own)].filter(exists);
    if (allowed.length === 0) {
        throw new OAuth2Error('invalid_scope', 'The request has no scope that the client could get: name one, or register one that this server has', { reason: 'missing_scope' });
    }

    return allowed;
};

/**
 * The scopes of one token of a grant: what is asked for, else all that was granted; throws `invalid_scope` for more than that (RFC 6749 §6).
 *
 * An `offline_access` that was not granted is as if it had not been sent: clients repeat the scope they once asked for.
 */
export const narrowedScope = (requested: string | undefined, granted: readonly string[]): readonly string[] => {

    const names = parseScope(requested).filter((name) => name !== offlineAccess || granted.includes(name));
    if (!names.every((name) => granted.includes(name))) {
        throw new OAuth2Error('invalid_scope', 'The scope is wider than what was granted', { reason: 'scope_not_granted' });
    }

    return names.length > 0 ? names : granted;
};
