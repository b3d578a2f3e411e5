import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OAuth2ClientCredentialsBuilder, OAuth2Error, OIDCAuthorizationCodeBuilder, type ClientStore } from '../../lib';
import { clientsWithinReach } from '../../lib/clients/reached-clients';
import { ClientRegistry } from '../../lib/clients/registry';
import { authorizeQuery, redirectUri } from '../fixture/flows';
import { clients, secrets } from '../fixture/level-2';
import { basic, form, provision } from '../fixture/provision';
import { testTimers } from '../fixture/timers';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const hanging: ClientStore = { get: () => new Promise(() => {}) };
const away = () => Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:5432'), { code: 'ECONNREFUSED' });

describe('clientsWithinReach()', () => {

    it('asks the store as itself, once, and passes its answer', async () => {

        const [record] = clients;
        const asked: unknown[] = [];
        const store = clientsWithinReach({

            get(clientId) {

                asked.push(this !== undefined, clientId);
                return record;
            }
        });
        expect(await store.get('machine')).to.shallow.equal(record);
        expect(await clientsWithinReach(new Map([['web', record]])).get('web')).to.shallow.equal(record);
        expect(asked).to.equal([true, 'machine']);
    });

    it('gives a store up that does not answer within 2.5 seconds: also the registry that has it', async () => {

        const { timer, waiting, expire } = testTimers();
        for (const ask of [() => clientsWithinReach(hanging, timer).get('web'), () => new ClientRegistry(hanging, undefined, undefined, timer).find('web')]) {
            const call = Promise.resolve(ask());
            expect([...waiting.values()]).to.equal([2500]);
            expire();
            const err = await expect(call).to.reject(OAuth2Error, 'Try again later');
            expect(err).to.include({ code: 'temporarily_unavailable', reason: 'store_unreachable' });
            expect(err.cause).to.be.an.error('The client store did not answer get() within 2500 ms');
        }
    });
});

describe('A server whose client store is away', () => {

    it('answers 503 with Retry-After at its endpoints, sends nobody on and says nothing of the cause, and goes on when the store is back', async () => {

        let isAway = true;
        const store: ClientStore = { get: (clientId) => (isAway ? Promise.reject(away()) : Promise.resolve(clients.find(({ client_id: id }) => id === clientId))) };
        const { server } = await provision([OIDCAuthorizationCodeBuilder.create(), OAuth2ClientCredentialsBuilder.create().strategyName('machines')], (hub) => hub.setClients(store).authenticateUser(() => null));
        const logged: unknown[] = [];
        server.events.on({ name: 'request', channels: 'internal' }, (_request, { error }) => logged.push(error));
        const ask = async () => {

            const token = await server.inject(form('/oauth2/token', { grant_type: 'client_credentials' }, { authorization: basic('machine', secrets.machine) }));
            const authorize = await server.inject(`/oauth2/authorize?${authorizeQuery({ client_id: 'web', redirect_uri: redirectUri, scope: 'openid' })}`);
            return { token, authorize };
        };

        const { token, authorize } = await ask();
        for (const { statusCode, headers, payload } of [token, authorize]) {
            expect(statusCode).to.equal(503);
            expect(headers).to.include({ 'retry-after': '5', 'cache-control': 'no-store' });
            expect(headers.location).to.be.undefined();
            expect(payload).to.not.match(/ECONNREFUSED|10\.0\.0\.1/);
        }

        expect(JSON.parse(token.payload)).to.equal({ error: 'temporarily_unavailable', error_description: 'Try again later' });
        expect(logged.some((err) => err instanceof OAuth2Error && err.reason === 'store_unreachable')).to.be.true();

        isAway = false;
        const back = await ask();
        expect([back.token.statusCode, back.authorize.statusCode < 400]).to.equal([200, true]);
    });
});
