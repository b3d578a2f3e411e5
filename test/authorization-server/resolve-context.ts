import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { type ClientMetadata } from '../../lib';
import { api, exchangeServer, shopApi } from '../fixture/exchange-server';
import { clients } from '../fixture/level-2';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

/** A user's token of `web` that the shop exchanged, on a server whose clients come and go. */
const exchanged = async () => {

    const registered = new Map<string, ClientMetadata>([...clients, api('shop', [shopApi])].map((client) => [client.client_id, client]));
    const bench = await exchangeServer(() => ({ scopes: ['openid', 'orders:read'] }), { hub: (hub) => hub.setClients(registered).setClaims(() => ({})) });
    const { token } = await bench.user();
    const { body } = await bench.exchangeAs('shop', token);
    const userinfo = async () => (await bench.server.inject({ url: '/oauth2/userinfo', headers: { authorization: `Bearer ${String(body.access_token)}` } })).statusCode;
    return { ...bench, registered, token, access: String(body.access_token), userinfo };
};

describe('What tokens are found with', () => {

    it('rule 8: is without the grants of clients that are not registered any more, wherever a token is shown: UserInfo, an exchange, the app\'s own code', async () => {

        const { registered, token, access, userinfo, exchangeAs, server } = await exchanged();
        const verify = async () => await server.oauth2.tokens.introspect(access);
        expect([await userinfo(), (await verify()).active, (await exchangeAs('shop', token)).statusCode]).to.equal([200, true, 200]);
        registered.delete('web');
        expect([await userinfo(), (await verify()).active]).to.equal([401, false]);
        expect((await exchangeAs('shop', token)).body).to.include({ error: 'invalid_request' });
    });

    it('is refused at UserInfo wherever in the work a client is taken away', async () => {

        const registered = new Map<string, ClientMetadata>(clients.map((client) => [client.client_id, client]));
        let left = Infinity;
        const store = { get: (clientId: string) => (left-- > 0 ? registered.get(clientId) : undefined) };
        const bench = await exchangeServer(() => ({ scopes: [] }), { hub: (hub) => hub.setClients(store).setClaims(() => ({})) });
        const { token } = await bench.user();
        const statuses: number[] = [];
        for (let i = 0; statuses.at(-1) !== 200 && i < 10; ++i) {
            left = i;
            statuses.push((await bench.server.inject({ url: '/oauth2/userinfo', headers: { authorization: `Bearer ${token}` } })).statusCode);
        }

        expect(statuses).to.equal([401, 401, 200]);
    });
});
