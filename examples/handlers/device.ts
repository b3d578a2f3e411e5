import { randomBytes, randomInt } from 'node:crypto';

import { NoneAuthMethod, OAuth2DeviceAuthorizationBuilder, OAuth2Error, OAuth2ErrorCode, OAuth2TokenResponse } from 'hapi-oauth2-flows';

import { allowedScope, clients } from './clients';
import { verify } from './users';

/** A device that waits for its user. */
interface Device {
    readonly clientId: string;
    readonly userCode: string;
    readonly scope: string;
    readonly expiresAt: number;
    subject?: string;
}

/** Letters that nobody mistakes for another, or for a digit (RFC 8628 §6.1). */
const letters = 'BCDFGHJKLMNPQRSTVWXZ';

/** A device without a browser: `generateCode` gives it its codes, `verifyUserCode` proves the user, `generateToken` the device code. */
export const device = (clock: () => number) => {

    const devices = new Map<string, Device>();
    return OAuth2DeviceAuthorizationBuilder
        .create()
        .setTokenTTL(600)
        .addClientAuthenticationMethod(new NoneAuthMethod())
        .authorizationRoute((route) => route
            .generateCode(({ clientId, scope }) => {

                const client = clients.get(clientId);
                if (client === undefined || client.secret !== undefined) {
                    throw new OAuth2Error('invalid_client', 'The client is not known here');
                }

                const deviceCode = randomBytes(32).toString('base64url');
                const userCode = Array.from({ length: 8 }, () => letters[randomInt(letters.length)]).join('');
                devices.set(deviceCode, { clientId, userCode, scope: allowedScope(client, scope), expiresAt: clock() + 600_000 });
                return { device_code: deviceCode, user_code: userCode, expires_in: 600, interval: 5 };
            })
            .verifyUserCode(({ userCode, username, password }) => {

                const subject = verify(username, password);
                const found = [...devices.values()].find((one) => one.userCode === userCode.toUpperCase().replace(/[^A-Z]/g, '') && one.expiresAt > clock());
                if (subject === null || found === undefined || found.subject !== undefined) {
                    return null;
                }

                found.subject = subject;
                return { type: 'allow' };
            }))
        .tokenRoute((route) => route
            .setPath('/oauth2/token')
            .generateToken(async ({ clientId, deviceCode, ttl, tokenType, createJwtAccessToken }) => {

                const found = devices.get(deviceCode);
                if (found?.clientId !== clientId) {
                    return { error: OAuth2ErrorCode.INVALID_GRANT };
                }

                if (found.expiresAt <= clock()) {
                    return { error: OAuth2ErrorCode.EXPIRED_TOKEN };
                }

                if (found.subject === undefined) {
                    return { error: OAuth2ErrorCode.AUTHORIZATION_PENDING };
                }

                devices.delete(deviceCode);
                const { token } = await createJwtAccessToken({ sub: found.subject, scope: found.scope });
                return new OAuth2TokenResponse({ access_token: token }).setExpiresIn(ttl).setTokenType(tokenType).setScope(found.scope);
            }));
};
