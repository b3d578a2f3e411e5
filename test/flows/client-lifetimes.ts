import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OIDCAuthorizationCodeBuilder, type ClientMetadata } from '../../lib';
import { clientLifetimes } from '../../lib/flows/client-lifetimes';
import { defaultRefreshPolicy } from '../../lib/flows/refresh-policy';
import { claimsOf } from '../fixture/jwt';
import { openidClients, openidServer, scopes } from '../fixture/openid-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const runtime = { ttl: 600, idTokenTtl: 3600, refresh: { ...defaultRefreshPolicy, idle: 1000, absolute: 5000 } };
const of = (own: Omit<ClientMetadata, 'client_id'>) => clientLifetimes(runtime, { metadata: { client_id: 'a', ...own } });

describe('The lifetimes of a client', () => {

    it('are those of its flow', () => {

        expect(of({})).to.equal({ ttl: 600, idTokenTtl: 3600, idle: 1000, absolute: 5000 });
        expect(of({ refresh_token_ttl: {} })).to.equal(of({}));
    });

    it('are those of its record where they are shorter', () => {

        expect(of({ access_token_ttl: 60, id_token_ttl: 30, refresh_token_ttl: { idle: 10, absolute: 50 } })).to.equal({ ttl: 60, idTokenTtl: 30, idle: 10, absolute: 50 });
        expect(of({ refresh_token_ttl: { absolute: 500 } })).to.include({ idle: 500, absolute: 500 });
        expect(of({ access_token_ttl: 601, id_token_ttl: 3601, refresh_token_ttl: { idle: 1001, absolute: 5001 } })).to.equal(of({}));
    });

    it('hold for every token that it gets', async () => {

        const flow = OIDCAuthorizationCodeBuilder.create().setScopes(scopes).setTokenTTL(600);
        const client = { ...openidClients[0], client_id: 'web', access_token_ttl: 60, id_token_ttl: 30, refresh_token_ttl: { idle: 100, absolute: 150 } };
        const { login, refresh, clock } = await openidServer([flow], (hub) => hub.setClients([client]));
        const begun = clock.now() / 1000;
        const body = await login({ scope: 'openid offline_access', prompt: 'consent' });
        expect(body.expires_in).to.equal(60);
        expect(claimsOf(body.access_token).exp).to.equal(begun + 60);
        expect(claimsOf(body.id_token).exp).to.equal(begun + 30);
        clock.advance(99);
        const { refresh_token: second, expires_in: seconds } = await refresh(body.refresh_token);
        expect(seconds).to.equal(60);
        clock.advance(50);
        const { refresh_token: third } = await refresh(second);
        expect(third).to.be.a.string();
        clock.advance(1);
        expect((await refresh(third)).error).to.equal('invalid_grant');
        const again = await login({ scope: 'openid offline_access', prompt: 'consent' });
        clock.advance(100);
        expect((await refresh(again.refresh_token)).error).to.equal('invalid_grant');
    });
});
