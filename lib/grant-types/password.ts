import type { GrantType } from './grant-type';

/** What a client sends that has asked the user for the password itself (RFC 6749 §4.3.2). */
export interface PasswordParameters {
    readonly username: string;
    readonly password: string;
}

export const password: GrantType<PasswordParameters, 'password'> = {
    type: 'password',
    read: (form) => ({ username: form.require('username'), password: form.require('password') })
};
