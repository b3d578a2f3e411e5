import { OAuth2Error } from '../error';

/** Schemes that run or read something in the browser instead of reaching a client (rules of RFC 9700 §4.1). */
const refused = new Set(['javascript:', 'data:', 'vbscript:', 'file:', 'blob:', 'about:']);

/** A redirect URI that a response could be sent to; throws `invalid_request` for any other text (RFC 6749 §3.1.2). */
export const checkRedirectUri = (redirectUri: string): string => {

    const problem = unusable(redirectUri);
    if (problem !== undefined) {
        throw new OAuth2Error('invalid_request', `The redirect_uri ${problem}`, { reason: 'redirect_uri_malformed' });
    }

    return redirectUri;
};

/** Schemes of the web and of networks, which no app can claim. */
const networks = new Set(['http:', 'https:', 'ws:', 'wss:', 'ftp:']);

const takes = 'allowRedirectSchemes() takes a list of schemes without a colon, such as [\'cursor\']';

const protocolOf = (scheme: unknown): string => {

    if (typeof scheme !== 'string' || !/^[a-z][a-z\d+.-]*$/i.test(scheme)) {
        throw new Error(typeof scheme === 'string' ? `${takes}, not '${scheme.slice(0, 100)}'` : takes);
    }

    const protocol = `${scheme.toLowerCase()}:`;
    if (refused.has(protocol) || networks.has(protocol)) {
        throw new Error(`allowRedirectSchemes() cannot allow '${scheme}', which no app can claim for itself: list only schemes that native apps have, or leave it out`);
    }

    return protocol;
};

/**
 * Private-use schemes that an operator lets redirect URIs have although they are without a dot, as `URL` spells them: such a scheme has no owner, and any app can
 * claim it (RFC 8252 §7.1). Throws a sentence for what is no scheme, and for one that no client can have.
 */
export const privateUseSchemes = (schemes: readonly string[]): ReadonlySet<string> => {

    if (!Array.isArray(schemes)) {
        throw new Error(takes);
    }

    return new Set(schemes.map((scheme: unknown) => protocolOf(scheme)));
};

const noSchemes: ReadonlySet<string> = new Set();

/** Why no client may register a redirect URI, as the end of a sentence that does not repeat it; `undefined` for one that is in order. `schemes` are those that may be without a dot. */
export const redirectUriProblem = (redirectUri: string, schemes = noSchemes): string | undefined => {

    const problem = unusable(redirectUri);
    if (problem !== undefined) {
        return problem;
    }

    const { protocol, hostname } = new URL(redirectUri);
    if (protocol === 'https:' || protocol === 'http:') {
        return spelledHost(redirectUri) === hostname ? undefined : 'has a host that not every program reads alike: spell it plainly';
    }

    return protocol.includes('.') || schemes.has(protocol) ? undefined : 'has a scheme without a dot, which any app could claim: turn a domain name round, such as com.example.app (RFC 8252 §7.1)';
};

const unusable = (redirectUri: string): string | undefined => {

    // URL() forgives white space and control characters, which would end up in a header, and reads \ as /, which others do not
    if (!/^[\x21-\x5b\x5d-\x7e]+$/.test(redirectUri) || !URL.canParse(redirectUri)) {
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

/** The host as it stands in the text: `URL` forgives missing slashes, decodes %6c and reads 0x7f.1 as an address. */
const spelledHost = (redirectUri: string): string | undefined => /^https?:\/\/([\w.-]+|\[[\da-f:]+\])(?::\d+)?(?:[/?]|$)/i.exec(redirectUri)?.[1]?.toLowerCase();

/** Whether a host name, as `URL` spells it, is this machine (RFC 8252 §7.3). */
export const isLoopback = (hostname: string): boolean =>
    hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);

/** Whether a redirect URI leads to a port of the user's own machine (RFC 8252 §7.3). */
export const isLoopbackRedirect = (redirectUri: string): boolean => {

    const { protocol, hostname } = new URL(redirectUri);
    return protocol === 'http:' && isLoopback(hostname);
};

/** Whether a redirect URI leads to whichever app claims its scheme (RFC 8252 §7.1). */
export const isPrivateUseRedirect = (redirectUri: string): boolean => !['http:', 'https:'].includes(new URL(redirectUri).protocol);

/**
 * Whether a redirect URI is a registered one, letter by letter: nothing is normalised (RFC 9700 §2.1).
 *
 * A native client may listen on any port of a loopback address, since it cannot know beforehand which one is free (RFC 8252 §7.3).
 */
export const matchesRegistered = (registered: readonly string[], requested: string, native: boolean): boolean =>
    registered.includes(requested) || (native && registered.some((uri) => differInPort(uri, requested)));

const differInPort = (registered: string, requested: string): boolean => {

    const one = withoutPort(registered);
    return one !== undefined && one === withoutPort(requested);
};

const loopbackOrigin = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost))(?::[1-9]\d{0,4})?(?=[/?]|$)/;

/** A loopback URI without its port; `undefined` for any other text. */
const withoutPort = (uri: string): string | undefined =>
    loopbackOrigin.test(uri) && URL.canParse(uri) ? uri.replace(loopbackOrigin, '$1') : undefined;          // Not a port above 65535

/** The redirect URI with the members of a response in its query, or after `#` in its fragment; what the client registered there is kept as it was spelled. */
export const withParameters = (redirectUri: string, members: Readonly<Record<string, string | undefined>>, place: '?' | '#' = '?'): string => {

    const present = Object.entries(members).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const query = new URLSearchParams(present).toString().replaceAll('+', '%20');          // Not every client reads + as a space
    return `${redirectUri}${place === '?' && redirectUri.includes('?') ? '&' : place}${query}`;
};
