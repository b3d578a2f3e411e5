// A command-line app signs its user in with the system's browser (RFC 8252): it listens on a free port of 127.0.0.1, sends the
// browser to the authorization server, and waits for it to come back with a code, which only its verifier can redeem.
// Try: npm run example -- cli, and sign in as ada, password lovelace; or deny. ISSUER names another server that knows the client.

import Hapi from '@hapi/hapi';
import * as client from 'openid-client';

import { discover } from '../discover';

/** Signs a user in, and answers who it is. `open` shows them an address, or starts a browser with it. */
export const signIn = async (issuer: string, open: (url: string) => void): Promise<client.UserInfoResponse> => {

    const config = await discover(issuer, 'cli', client.None(), 'oidc');
    const [verifier, state] = [client.randomPKCECodeVerifier(), client.randomState()];
    const listener = Hapi.server({ host: '127.0.0.1', port: 0 });
    const returned = new Promise<URL>((resolve) => {

        listener.route({
            method: 'GET',
            path: '/callback',
            handler: ({ url, query }, h) => {

                if (query.state !== state) {
                    return h.response('This is not what the app waits for.').code(400);
                }

                resolve(url);
                return 'You may close this window and go back to the terminal.';
            }
        });
    });
    await listener.start();
    try {
        open(client.buildAuthorizationUrl(config, {
            redirect_uri: `http://127.0.0.1:${listener.info.port}/callback`, scope: 'openid email reports:read',
            state, code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256'
        }).href);
        const tokens = await client.authorizationCodeGrant(config, await returned, { pkceCodeVerifier: verifier, expectedState: state });
        return await client.fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub ?? '');
    }
    finally {
        await listener.stop();
    }
};
