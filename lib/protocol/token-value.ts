import { sha256 } from './digest';
import { randomText, randomValue } from './random';

/** What a value is presented as. */
export type TokenKind = 'authorization_code' | 'device_code' | 'access_token' | 'refresh_token';

/** Where a presented value is stored: under its grant, by a digest that does not tell the value. */
export interface TokenPlace {
    readonly kind: TokenKind;
    readonly grantId: string;
    /** SHA-256 of the whole value: base64url, 43 characters. */
    readonly key: string;
}

const letters: Readonly<Record<TokenKind, string>> = { authorization_code: 'c', device_code: 'd', access_token: 'a', refresh_token: 'r' };
const kinds: ReadonlyMap<string, TokenKind> = new Map<string, TokenKind>([['c', 'authorization_code'], ['d', 'device_code'], ['a', 'access_token'], ['r', 'refresh_token']]);

const grantOctets = 16;
const grantLength = 22;
const valueLength = 66;

/** A new grant's id: 128 random bits, 22 characters of base64url. It is part of every code and token of the grant, and opens nothing. */
export const newGrantId = (): string => randomText(grantOctets);

/**
 * A new code or opaque token: a letter for its kind, the 22 characters of its grant's id and 256 random bits, 66 characters of base64url in
 * all. The grant's id lets one look find the token and its grant; the kind lets no value be taken for another one (RFC 6749 §10.10).
 */
export const newTokenValue = (kind: TokenKind, grantId: string): string => `${letters[kind]}${grantId}${randomValue()}`;

/** A new code or opaque token, and where it is stored. */
export const newToken = (kind: TokenKind, grantId: string): { readonly value: string; readonly place: TokenPlace } => {

    const value = newTokenValue(kind, grantId);
    return { value, place: { kind, grantId, key: sha256(value) } };
};

/** Where a presented value is stored; `null` for any text that {@link newTokenValue} cannot have made, at the same small cost however long it is. */
export const readTokenValue = (value: string): TokenPlace | null => {

    const kind = value.length === valueLength && /^[\w-]+$/.test(value) ? kinds.get(value.charAt(0)) : undefined;
    return kind === undefined ? null : { kind, grantId: value.slice(1, 1 + grantLength), key: sha256(value) };
};
