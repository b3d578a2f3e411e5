import { randomInt } from 'node:crypto';

import { OAuth2DeviceAuthorizationBuilder, OAuth2Error, OAuth2TokenResponse } from 'hapi-oauth2-flows';

import { allowedScope, checkResource, provenClient, userScopes } from './clients';
import type { Demo } from './demo';
import { OneTimeCodes, randomValue, type DemoGrant } from './grants';
import { checkPassword } from './users';

/** One device that waits for its user. */
interface Device {
    readonly clientId: string;
    readonly scope: string;
    readonly userCode: string;
    /** Seconds between polls. */
    interval: number;
    polledAt: number;
    grant?: DemoGrant;
}

/** Letters that nobody mistakes for another, or for a digit (RFC 8628 §6.1). */
const letters = 'BCDFGHJKLMNPQRSTVWXZ';
const lifetime = 600;

const makeUserCode = (): string => Array.from({ length: 8 }, () => letters[randomInt(letters.length)]).join('');

const grantType = 'urn:ietf:params:oauth:grant-type:device_code';

/** A device without a browser gets tokens for a person who signs in elsewhere. */
export const deviceFlow = ({ clients, grants, clock, issuer }: Demo) => {

    const devices = new OneTimeCodes<Device>(clock);
    const byUserCode = new OneTimeCodes<Device>(clock);

    return OAuth2DeviceAuthorizationBuilder
        .create()
        .setDescription('Devices without a browser')
        .setTokenTTL(3600)
        .addClientAuthenticationMethod('none')
        .setScopes(userScopes)
        .authorizationRoute((route) => route
            .generateCode((ctx) => {

                const client = provenClient(clients, { ...ctx, grantType });
                checkResource(issuer(), ctx.resource);
                const device: Device = { clientId: client.client_id, scope: allowedScope(client, ctx.scope), userCode: makeUserCode(), interval: 5, polledAt: -Infinity };
                const deviceCode = randomValue();
                devices.add(deviceCode, device, lifetime);
                byUserCode.add(device.userCode, device, lifetime);
                return { device_code: deviceCode, user_code: `${device.userCode.slice(0, 4)}-${device.userCode.slice(4)}`, expires_in: lifetime, interval: device.interval };
            })
            .verifyUserCode(({ userCode, username, password }) => {

                const subject = checkPassword(username, password);
                const found = byUserCode.find(userCode.toUpperCase().replace(/[^A-Z]/g, ''));
                if (subject === null || found === undefined || found.used) {
                    return null;
                }

                found.used = true;
                const { clientId, scope } = found.data;
                found.data.grant = grants.add({ clientId, subject, scope, authTime: Math.floor(clock() / 1000) });
                return { type: 'allow' };
            }))
        .tokenRoute((route) => route.generateToken(async (ctx) => {

            const client = provenClient(clients, ctx);
            const found = devices.find(ctx.deviceCode, true);
            if (found?.data.clientId !== client.client_id || found.used) {
                throw new OAuth2Error('invalid_grant', 'The device code is unknown, used or not yours');
            }

            const { data: device } = found;
            if (devices.isExpired(found)) {
                throw new OAuth2Error('expired_token', 'The device code has expired: start again');
            }

            const sinceLastPoll = clock() - device.polledAt;
            device.polledAt = clock();
            if (sinceLastPoll < (device.interval - 1) * 1000) {
                device.interval += 5;
                throw new OAuth2Error('slow_down', `Wait ${device.interval} seconds between polls`);
            }

            if (device.grant === undefined) {
                throw new OAuth2Error('authorization_pending', 'The user has not decided yet');
            }

            found.used = true;
            const { grant, scope } = { grant: device.grant, scope: device.scope };
            const { token, expiresIn } = await ctx.createJwtAccessToken({ sub: grant.subject, scope, demo_grant: grant.id });
            const response = new OAuth2TokenResponse({ access_token: token }).setTokenType(ctx.tokenType).setExpiresIn(expiresIn).setScope(scope);
            if (scope.split(' ').includes('openid')) {
                response.setIdToken((await ctx.createIdToken({ sub: grant.subject, auth_time: grant.authTime, access_token: token })).token);
            }

            return response;
        }))
        .validate((_request, { jwtAccessTokenPayload }) => ({ isValid: grants.isLive(jwtAccessTokenPayload?.demo_grant) }));
};
