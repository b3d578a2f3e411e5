// This library with a clock that runs faster, so that what is issued in the first minutes has expired in the last ones; a second client fails in place of
// the good one, whose counters of failures must not fill up.

import { MemoryStore } from '../library.mjs';
import { start as startLibrary } from '../subjects/hapi-oauth2-flows.mjs';

/** Seconds of the server's clock. A code is remembered for ten minutes, a device code for twenty. */
export const lifetimes = { accessToken: 600, refreshToken: 1800 };

export const start = async ({ speed, ...options }) => {

    const begin = Date.now();
    const clock = () => Math.floor(begin + (Date.now() - begin) * speed);
    const stranger = {
        client_id: 'stranger', client_secret: 'stranger-secret-of-32-random-letters', token_endpoint_auth_method: 'client_secret_post', redirect_uris: ['https://stranger.example.com/'],
        grant_types: ['authorization_code', 'refresh_token'], scope: 'openid'
    };
    return await startLibrary({ ...options, lifetimes, clients: [stranger], store: new MemoryStore({ clock }), configure: (hub) => hub.setClock(clock) });
};
