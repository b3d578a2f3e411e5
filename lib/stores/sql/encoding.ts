import { createHash } from 'node:crypto';

// PostgreSQL keeps neither NUL nor half a surrogate pair, in `text` or in `jsonb`, and drivers turn the latter into U+FFFD: two keys
// would become one. Both are written as escapes here; since the escape character is escaped as well, no two inputs meet.

const longest = 200;
const codeUnit = (character: string) => character.charCodeAt(0).toString(16).padStart(4, '0');

/**
 * A key as it stands in an index: itself where it is short and harmless, which is nearly always.
 *
 * A long one is replaced by its digest, since an entry of an index has a third of a page at most. An escape goes on with four hexadecimal
 * digits and never with `#`, so a digest is nobody's key.
 */
export const indexKey = (key: string): string => {

    const escaped = key.length > longest ? '' : key.replace(/[\\\p{Cc}\p{Cs}]/gu, (character) => `\\${codeUnit(character)}`);
    return key.length > longest || escaped.length > longest
        ? `\\#${createHash('sha256').update(key, 'utf16le').digest('base64url')}`
        : escaped;
};

/** What becomes of an escape in JSON text; `[^]` is the other character of any other escape, so that `\\\\u0000` is no NUL. */
const escapeInJson = (found: string, refused: string | undefined): string => {

    switch (refused) {
        case undefined: return found;
        case 'u0000': return '\\u001b0';
        case 'u001b': return '\\u001b\\u001b';
        default: return `\\u001b${refused.slice(1)}`;
    }
};

const unescapeInJson = (found: string, refused: string | undefined): string => {

    switch (refused) {
        case undefined: return found;
        case '0': return '\\u0000';
        case '\\u001b': return '\\u001b';
        default: return `\\u${refused}`;
    }
};

/** Any JSON as text that `jsonb` takes. ESC introduces what it would refuse: `ESC 0` is NUL, `ESC ESC` is ESC, `ESC d800` half a pair. */
export const encodeJson = (value: unknown): string => {

    const json = JSON.stringify(value);                         // Well-formed: halves of pairs are escapes already
    return json.includes('\\u') ? json.replace(/\\(?:(u0000|u001b|ud[89a-f][0-9a-f]{2})|[^])/g, escapeInJson) : json;
};

/** Reads what {@link encodeJson} made and `jsonb` wrote anew. */
export const decodeJson = (json: string): unknown => JSON.parse(
    json.includes('\\u001b') ? json.replace(/\\(?:u001b(0|\\u001b|d[89a-f][0-9a-f]{2})|[^])/g, unescapeInJson) : json);
