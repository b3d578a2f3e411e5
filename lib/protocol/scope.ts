import { OAuth2Error } from '../error';

/** Whether a text is a scope name: printable, without spaces, quotes and backslashes (RFC 6749 §3.3). */
export const isScopeName = (name: string): boolean => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(name);

/** The names in a `scope` value, each once (RFC 6749 §3.3); throws `invalid_scope` if it is malformed. */
export const parseScope = (scope: string | undefined): readonly string[] => {

    const names = scope === undefined ? [] : scope.split(' ').filter((name) => name !== '');
    if (!names.every(isScopeName)) {
        throw new OAuth2Error('invalid_scope', 'The scope is malformed', { reason: 'malformed_scope' });
    }

    return [...new Set(names)];
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
