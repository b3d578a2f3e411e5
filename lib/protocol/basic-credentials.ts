/** The halves of HTTP Basic credentials, in the two readings that clients use. */
export interface BasicCredentials {
    /** Form-decoded, as RFC 6749 §2.3.1 asks. */
    readonly decoded: { readonly id: string; readonly secret: string };
    /** As sent: many clients do not encode. */
    readonly raw: { readonly id: string; readonly secret: string };
}

/** Reads an `Authorization` header; `null` for another scheme or malformed credentials (RFC 7617 §2). */
export const parseBasic = (header: string): BasicCredentials | null => {

    const [, base64 = ''] = /^basic +([a-z0-9+/]+={0,2}) *$/i.exec(header) ?? [];
    const text = Buffer.from(base64, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    if (colon < 0) {
        return null;
    }

    const raw = { id: text.slice(0, colon), secret: text.slice(colon + 1) };
    return { raw, decoded: { id: formDecode(raw.id), secret: formDecode(raw.secret) } };
};

/** What cannot be decoded was not encoded. */
const formDecode = (value: string): string => {

    try {
        return decodeURIComponent(value.replaceAll('+', ' '));
    }
    catch {
        return value;
    }
};
