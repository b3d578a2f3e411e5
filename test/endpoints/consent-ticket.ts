import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { ConsentTickets, type ConsentSubject } from '../../lib/endpoints/consent-ticket';
import { Secrets } from '../../lib/protocol/secrets';
import { testClock } from '../fixture/clock';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const about: ConsentSubject = { issuer: 'https://auth.example.com', path: '/authorize', search: '?client_id=web', scopes: ['read'], audience: ['https://api.example.com'] };
const user = { subject: 'user-1', acr: null, amr: ['pwd'], authTime: 1_893_456_000 };

describe('ConsentTickets', () => {

    it('keep who signed in for ten minutes, and not longer', () => {

        const clock = testClock();
        const tickets = new ConsentTickets(Secrets.generate(), clock.now);
        const ticket = tickets.make(about, { ...user, acr: 'urn:acr' });
        clock.advance(599);
        expect(tickets.read({ ...about }, ticket)).to.equal({ ...user, acr: 'urn:acr' });
        clock.advance(1);
        expect(tickets.read(about, ticket)).to.be.null();
    });

    it('are of no use for anything else than they were made for', () => {

        const tickets = new ConsentTickets(Secrets.generate(), testClock().now);
        const ticket = tickets.make(about, user);
        const others: Partial<ConsentSubject>[] = [
            { issuer: 'https://b.example.com' }, { path: '/staff/authorize' }, { search: '?client_id=web&scope=write' }, { scopes: ['read', 'write'] }, { scopes: [] },
            { audience: ['https://bank.example.com'] }, { scopes: ['read', 'https://api.example.com'], audience: [] }
        ];
        for (const other of others) {
            expect(tickets.read({ ...about, ...other }, ticket), JSON.stringify(other)).to.be.null();
        }

        expect(tickets.read(about, ticket)).to.equal(user);
    });

    it('cannot be read by their holder, altered or made up', () => {

        const secrets = Secrets.generate();
        const tickets = new ConsentTickets(secrets, testClock().now);
        const ticket = tickets.make(about, user);
        expect(ticket).to.match(/^[\w-]{12}\.[\w-]+$/).and.not.contain(Buffer.from('user-1').toString('base64url'));
        const flipped = `${ticket.slice(0, -2)}${ticket.at(-2) === 'A' ? 'B' : 'A'}${ticket.slice(-1)}`;
        for (const wrong of ['', '.', 'a.b', 'a.b.c', flipped, ticket.slice(1), ticket.split('.')[1] ?? '', new ConsentTickets(Secrets.generate(), testClock().now).make(about, user)]) {
            expect(tickets.read(about, wrong), wrong).to.be.null();
        }
    });

    it('of an older secret are read while it is listed', () => {

        const [one, two] = ['1'.repeat(32), '2'.repeat(32)] as const;
        const ticket = new ConsentTickets(new Secrets([one]), testClock().now).make(about, user);
        expect(new ConsentTickets(new Secrets([two, one]), testClock().now).read(about, ticket)).to.equal(user);
        expect(new ConsentTickets(new Secrets([two]), testClock().now).read(about, ticket)).to.be.null();
    });
});
