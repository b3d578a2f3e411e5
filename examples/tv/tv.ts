// A television signs its user in: it shows a short code and an address, and asks now and then whether somebody has entered it
// there, never more often than it was told, and less often when it hears slow_down (RFC 8628 §3.5).
// Try: npm run example -- tv, open the address on your phone or here, as ada, password lovelace. Deny, or wait ten minutes.

import { setTimeout as sleepFor } from 'node:timers/promises';

import * as client from 'openid-client';

import { discover } from '../discover';

/** What the screen shows. */
export interface Screen {
    readonly userCode: string;
    readonly url: string;
    /** The same with the code filled in, to be shown as a QR code. */
    readonly urlWithCode: string;
}

/** Signs a user in and answers the tokens. `sleep` takes milliseconds. */
export const signIn = async (issuer: string, show: (screen: Screen) => void, sleep: (ms: number) => Promise<unknown> = sleepFor): Promise<client.TokenEndpointResponse> => {

    const config = await discover(issuer, 'tv', client.None());
    const device = await client.initiateDeviceAuthorization(config, { scope: 'films:watch' });
    show({ userCode: device.user_code, url: device.verification_uri, urlWithCode: device.verification_uri_complete ?? device.verification_uri });

    let seconds = device.interval ?? 5;
    for (;;) {
        await sleep(seconds * 1000);
        try {
            return await client.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:device_code', { device_code: device.device_code });
        }
        catch (err) {
            if (!(err instanceof client.ResponseBodyError)) {
                throw err;
            }

            switch (err.error) {
                case 'authorization_pending': break;
                case 'slow_down': seconds += 5; break;
                case 'access_denied': throw new Error('You said no, so the TV stays dark', { cause: err });
                case 'expired_token': throw new Error('The code has expired: start again', { cause: err });
                default: throw err;
            }
        }
    }
};
