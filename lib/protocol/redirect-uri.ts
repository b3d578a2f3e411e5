import { OAuth2Error } from '../error';

/** Schemes that run or read something in the browser instead of reaching a client (rules of RFC 9700 §4.1). */
const refused = new Set(['javascript:', 'data:', 'vbscript:', 'file:', 'blob:', 'about:']);

/** A redirect URI that a response could be sent to; throws `invalid_request` for any other text (RFC 6749 §3.1.2). */
export const checkRedirectUri = (redirectUri: string): string => {

    const problem = problemOf(redirectUri);
    if (problem !== undefined) {
        throw new OAuth2Error('invalid_request', `The redirect_uri ${problem}`, { reason: 'redirect_uri_malformed' });
    }

    return redirectUri;
};

const problemOf = (redirectUri: string): string | undefined => {

    // URL() forgives white space and control characters, which would end up in a header
    if (!/^[\x21-\x7e]+$/.test(redirectUri) || !URL.canParse(redirectUri)) {
        return 'is not an absolute URI';
    }

    if (redirectUri.includes('#')) {
        return 'has a fragment';
    }

    const { protocol, hostname, username, password } = new URL(redirectUri);
    if (refused.has(protocol)) {
        return 'has a scheme that no client can have';
    }

    if (username !== '' || password !== '') {
        return 'carries credentials';
    }

    return protocol === 'http:' && !isLoopback(hostname) ? 'is http, which only a loopback address may be' : undefined;
};

/** Whether a host name, as `URL` spells it, is this machine (RFC 8252 §7.3). */
export const isLoopback = (hostname: string): boolean =>
    hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);

/** The redirect URI with the members of a response in its query; what the client registered there is kept as it was spelled. */
export const withParameters = (redirectUri: string, members: Readonly<Record<string, string | undefined>>): string => {

    const present = Object.entries(members).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const query = new URLSearchParams(present).toString().replaceAll('+', '%20');          // Not every client reads + as a space
    return `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${query}`;
};
