import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Tickets } from '../../lib/endpoints/ticket';
import { Secrets } from '../../lib/protocol/secrets';
import { testClock } from '../fixture/clock';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const user = { subject: 'user-1', name: 'Alice', acr: null, amr: ['pwd'], authTime: 1_893_456_000 };
const nothing = () => ({});

describe('Tickets', () => {

    it('keep who signed in and what else was put there, for ten minutes, and hold neither in clear', () => {

        const clock = testClock();
        const tickets = new Tickets(Secrets.generate(), clock.now);
        const ticket = tickets.make('here', user, { key: 'k', subject: 'other' });
        expect(ticket).to.not.include('user-1');
        clock.advance(599);
        expect(tickets.read('here', ticket, (stored) => ({ key: stored.text('key') }))).to.equal({ ...user, key: 'k' });
        clock.advance(1);
        expect(tickets.read('here', ticket, nothing)).to.be.null();
    });

    it('are nothing elsewhere, under other secrets, altered, or without what is asked for', () => {

        const tickets = new Tickets(Secrets.generate(), testClock().now);
        const ticket = tickets.make('here', user);
        expect(tickets.read('there', ticket, nothing)).to.be.null();
        expect(new Tickets(Secrets.generate(), testClock().now).read('here', ticket, nothing)).to.be.null();
        expect(tickets.read('here', `${ticket}A`, nothing)).to.be.null();
        expect(tickets.read('here', '', nothing)).to.be.null();
        expect(tickets.read('here', ticket, (stored) => ({ key: stored.text('key') }))).to.be.null();
    });
});
