import { isLoopback } from './redirect-uri';

/** What makes a text no issuer identifier, as the end of a sentence; `undefined` if it is one (RFC 8414 §2). */
export const issuerProblem = (issuer: string): string | undefined => {

    if (!URL.canParse(issuer)) {
        return 'is not a URL';
    }

    const { protocol, username, password } = new URL(issuer);
    if (issuer.includes('?') || issuer.includes('#') || username !== '' || password !== '') {
        return 'has a query, a fragment or credentials';
    }

    return protocol === 'https:' || protocol === 'http:' ? undefined : 'is neither https nor http';
};

/** Whether an issuer is this machine: development defaults apply only there. */
export const isLoopbackIssuer = (issuer: string): boolean => isLoopback(new URL(issuer).hostname);

/** The path of an issuer without a trailing slash: '' for a bare origin (RFC 8414 §3.1). */
export const issuerPath = (issuer: string): string => new URL(issuer).pathname.replace(/\/$/, '');

/** A path of this server as its public URL. Not `new URL(path, issuer)`, which takes `//host` for another host. */
export const publicUrl = (issuer: string, path: string): string => {

    const tail = issuer.indexOf('/', issuer.indexOf('//') + 2);         // What comes after scheme, host and port
    return `${tail === -1 ? issuer : issuer.slice(0, tail)}${path}`;
};
