import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { collectEvents } from '../../lib/testing';
import { quietServer } from '../fixture/flows';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('collectEvents()', () => {

    it('has the events of the server and of its requests, by kind and in order, without waiting', async () => {

        const server = quietServer();
        server.route({
            method: 'GET', path: '/', handler: (request) => {

                request.log(['oauth', 'refused'], { reason: 'code_reused', error: 'invalid_grant', client_id: 'web' });
                request.log(['oauth', 'error'], new Error('on a page'));
                return null;
            }
        });
        const events = collectEvents(server);
        const revoked = { what: 'grant', grant_id: 'g1' } as const;
        server.log(['oauth', 'revoked'], revoked);
        server.log(['oauth', 'development'], 'in memory');
        server.log(['oauth', 'keys', 'error'], new Error('no keys'));
        server.log(['oauth']);
        server.log(['app', 'revoked'], revoked);
        await server.inject('/');
        expect(events.of('revoked')).to.equal([revoked]);
        expect(events.of('development')).to.equal(['in memory']);
        expect(events.of('refused')).to.equal([{ reason: 'code_reused', error: 'invalid_grant', client_id: 'web' }]);
        expect([...events.of('keys'), ...events.of('error')].map(({ message }) => message)).to.equal(['no keys', 'on a page']);
        expect(events.all.map(({ kind }) => kind)).to.equal(['revoked', 'development', 'keys', 'refused', 'error']);

        events.clear();
        expect(events.of('revoked')).to.equal([]);
        expect(events.all).to.equal([]);
    });

    it('takes nothing for an event of a kind that has not what the kind has', () => {

        const server = quietServer();
        const events = collectEvents(server);
        for (const data of [undefined, 'a text', { what: 'grant' }]) {
            server.log(['oauth', 'revoked'], data);
        }

        server.log(['oauth', 'consent'], { no: 'text' });
        server.log(['oauth', 'keys'], 'no error');
        server.log(['oauth', 'something_new'], { a: 1 });
        expect([...events.of('revoked'), ...events.of('consent'), ...events.of('keys')]).to.be.empty();
        expect(events.all).to.have.length(6);
    });
});
