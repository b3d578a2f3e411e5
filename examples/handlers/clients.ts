import { OAuth2Error } from 'hapi-oauth2-flows';

/** A client as this project keeps it: at level 1 that is the project's own affair. */
export interface Client {
    /** Absent for apps that cannot keep one. */
    readonly secret?: string;
    readonly redirectUris: readonly string[];
    readonly scopes: readonly string[];
}

export const clients: ReadonlyMap<string, Client> = new Map<string, Client>([
    ['web', { secret: 'web-secret-of-32-random-letters', redirectUris: ['https://app.example.com/callback'], scopes: ['openid', 'email', 'reports:read'] }],
    ['spa', { redirectUris: ['https://spa.example.com/'], scopes: ['openid'] }],
    ['nightly', { secret: 'nightly-secret-of-32-characters', redirectUris: [], scopes: ['reports:read'] }],
    ['tv', { redirectUris: [], scopes: ['reports:read'] }]
]);

/** The scope that a client gets: what it asks for, if it may have that; all that it may have if it asks for none. */
export const allowedScope = ({ scopes }: Client, asked: string = scopes.join(' ')): string => {

    if (!asked.split(' ').every((scope) => scopes.includes(scope))) {
        throw new OAuth2Error('invalid_scope', `This client may have: ${scopes.join(' ')}`);
    }

    return asked;
};
