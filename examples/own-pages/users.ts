import { scryptSync, timingSafeEqual } from 'node:crypto';

import type { StandardClaims } from 'hapi-oauth2-flows';

const hash = (password: string): Buffer => scryptSync(password, 'a salt for each user', 32);
const users = new Map([['ada', { subject: 'user-1', password: hash('lovelace'), claims: { name: 'Ada Lovelace', email: 'ada@example.com', email_verified: true } }]]);

/** The user who has this name and password. */
export const verify = (username: string, password: string): { readonly subject: string; readonly name: string } | null => {

    const user = users.get(username);
    return user !== undefined && timingSafeEqual(user.password, hash(password)) ? { subject: user.subject, name: user.claims.name } : null;
};

/** What is known of a user. */
export const claimsOf = (subject: string): StandardClaims | null => [...users.values()].find((user) => user.subject === subject)?.claims ?? null;
