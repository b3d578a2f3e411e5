import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { MemoryStore } from '../../lib';
import { grantRecord } from '../../lib/stores/grant';
import { aliceGrant } from '../fixture/grants';
import { epoch, testClock } from '../fixture/clock';
import { claimsOf } from '../fixture/jwt';
import { logoutServer } from '../fixture/logout-server';
import { provision } from '../fixture/provision';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const bench = async (count: number) => {

    const { now } = testClock();
    const store = new MemoryStore({ clock: now });
    const { server } = await provision([], (hub) => hub.setStore(store));
    const logged: unknown[] = [];
    server.events.on('log', ({ tags, data }) => logged.push([tags, data]));
    for (let i = 0; i < count; ++i) {
        await store.openGrant(grantRecord(aliceGrant(`grant-${i}`, i === 0 ? { subject: 'bob', clientId: 'other' } : {}), now() + 60_000), []);
    }

    return { grants: server.oauth2.grants, logged };
};

describe('server.oauth2.grants', () => {

    it('lists the grants of a subject, a client or a session, in pages', async () => {

        const { grants } = await bench(103);
        const first = await grants.list({ subject: 'alice' });
        expect(first.items.length).to.equal(100);
        const second = await grants.list({ subject: 'alice' }, first.cursor);
        expect(new Set([...first.items, ...second.items].map(({ id }) => id)).size).to.equal(102);
        expect(second.cursor).to.be.null();
        expect((await grants.list({ clientId: 'other' })).items).to.equal([{ ...aliceGrant('grant-0', { subject: 'bob', clientId: 'other' }), lastUsedAt: epoch / 1000 }]);
        expect((await grants.list({ sessionId: 'nobody' })).items).to.equal([]);
    });

    it('says when a client last got tokens under a grant, and not when they were presented', async () => {

        const { browser, clock, server, refresh, introspect } = await logoutServer();
        const tokens = await browser().login({ scope: 'openid offline_access' });
        const id = String(claimsOf(tokens.access_token).grant_id);
        const used = async () => {

            const { items } = await server.oauth2.grants.list({ subject: 'alice' });
            const grant = await server.oauth2.grants.find(id);
            expect(items).to.equal(grant === null ? [] : [grant]);
            return Number(grant?.lastUsedAt) - epoch / 1000;
        };

        expect(await used()).to.equal(0);
        clock.advance(60);
        const refreshed = await refresh(tokens.refresh_token);
        expect(refreshed).to.include('access_token');
        expect(await used()).to.equal(60);
        clock.advance(60);
        expect((await introspect(refreshed.access_token)).active).to.be.true();
        expect((await refresh('unknown')).error).to.equal('invalid_grant');
        expect(await used()).to.equal(60);
        await refresh(refreshed.refresh_token);
        expect(await used()).to.equal(120);
        expect((await server.oauth2.grants.find(id))?.createdAt).to.equal(epoch / 1000);
    });

    it('revokes one, and says so in an event', async () => {

        const { grants, logged } = await bench(2);
        expect(await grants.revoke('grant-1')).to.be.true();
        expect(await grants.revoke('grant-1')).to.be.false();
        expect((await grants.list({ subject: 'alice' })).items).to.equal([]);
        expect((await grants.list({ subject: 'bob' })).items.length).to.equal(1);
        expect(logged).to.equal([[['oauth', 'revoked'], { what: 'grant', grant_id: 'grant-1' }]]);
    });

    it('rule 8: revokes all of a subject or of a client, and nothing else, however many pages there are', async () => {

        const subject = await bench(253);
        expect(await subject.grants.revokeSubject('alice')).to.equal(252);
        expect((await subject.grants.list({ subject: 'alice' })).items).to.equal([]);
        expect((await subject.grants.list({ subject: 'bob' })).items.length).to.equal(1);
        const client = await bench(3);
        expect(await client.grants.revokeClient('other')).to.equal(1);
        expect((await client.grants.list({ subject: 'alice' })).items.length).to.equal(2);
    });
});
