import type { GrantType } from './grant-type';

/** What a client sends to refresh (RFC 6749 §6). */
export interface RefreshTokenParameters {
    readonly refreshToken: string;
}

export const refreshToken: GrantType<RefreshTokenParameters> = {
    type: 'refresh_token',
    read: (form) => ({ refreshToken: form.require('refresh_token') })
};
