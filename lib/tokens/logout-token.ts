import { randomUUID } from 'node:crypto';

import type { SigningKeys } from '../keys/signing-keys';

/** Whom a logout token is about, and for whom it is. */
export interface LogoutTokenIssue {
    readonly issuer: string;
    readonly clientId: string;
    readonly alg: string;
    /** Milliseconds since the epoch. */
    readonly now: number;
    /** The user, as the client knows them. */
    readonly sub: string;
    /** The session, as the client knows it from its ID tokens. */
    readonly sid: string;
}

/** Lifetime of a logout token in seconds (OpenID Connect Back-Channel Logout §2.4). */
const lifetime = 120;

/** Signs what tells a client that a session has ended (OpenID Connect Back-Channel Logout §2.4): never a `nonce`, so that it passes for no ID token. */
export const signLogoutToken = async (keys: SigningKeys, { issuer, clientId, alg, now, sub, sid }: LogoutTokenIssue): Promise<string> => {

    const iat = Math.floor(now / 1000);
    keys.use('id_token', alg);
    const { token } = await keys.sign('id_token', alg, 'logout+jwt', {
        iss: issuer, aud: clientId, iat, exp: iat + lifetime, jti: randomUUID(), sub, sid, events: { 'http://schemas.openid.net/event/backchannel-logout': {} }
    });
    return token;
};
