import { scryptSync, timingSafeEqual } from 'node:crypto';

const hash = (password: string): Buffer => scryptSync(password, 'a salt for each user', 32);
const users = new Map([['ada', { subject: 'user-1', password: hash('lovelace') }]]);

/** The subject of whoever has this name and password. */
export const verify = (username = '', password = ''): string | null => {

    const user = users.get(username);
    return user !== undefined && timingSafeEqual(user.password, hash(password)) ? user.subject : null;
};
