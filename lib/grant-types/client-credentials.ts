import type { GrantType } from './grant-type';

/** The client's own authentication is all there is (RFC 6749 §4.4). */
export const clientCredentials: GrantType<object> = {
    type: 'client_credentials',
    read: () => ({})
};
