import type { TokenType } from './token-type';

const nothing = { scheme: '', token: '' };

/** What an `Authorization` header carries: a scheme and what follows it; both empty where there is no such header (RFC 9110 §11.6.2). */
export const authorizationOf = (header: unknown): { readonly scheme: string; readonly token: string } => {

    const text = typeof header === 'string' ? header : '';
    const space = text.indexOf(' ');
    const token = space < 1 ? '' : text.slice(space).trimStart();
    return token === '' ? nothing : { scheme: text.slice(0, space), token };
};

/** The challenge of one token type, without its error where nothing was presented (RFC 6750 §3, RFC 9449 §7.1). */
export const challengeOf = ({ name, challenge: own = {} }: TokenType, parameters: Readonly<Record<string, string>> = {}): string => `${name} ${attributes({ ...parameters, ...own })}`.trim();

/** Parameters of a challenge, in quotes; what may not stand there is replaced. */
export const attributes = (parameters: Readonly<Record<string, string>>): string =>
    Object.entries(parameters).map(([name, value]) => `${name}="${value.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?')}"`).join(', ');
