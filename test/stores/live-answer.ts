import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { livePage, liveRecord, liveToken } from '../../lib/stores/live-answer';
import { withinReach } from '../../lib/stores/reach';
import { found, foundToken, grant, page, storeThat } from '../fixture/store-calls';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const until = <T>(record: T, expiresAt: number) => ({ ...record, expiresAt });

describe('What a store answers after its time', () => {

    it('is not there: a record, a grant, a token, from the moment that it expires', () => {

        const record = until(found, 10);
        expect(liveRecord(record, 9)).to.shallow.equal(record);
        expect(liveRecord(record, 10)).to.be.null();
        expect(liveRecord(null, 10)).to.be.null();
        expect(liveToken(until(foundToken, 10), 10)).to.be.null();
        expect(liveToken(null, 10)).to.be.null();
    });

    it('leaves a token without its grant', () => {

        const token = until({ ...foundToken, grant: until(grant, 10) }, 20);
        expect(liveToken(token, 9)).to.shallow.equal(token);
        expect(liveToken(token, 10)).to.equal({ ...token, grant: null });
        expect(liveToken({ ...token, grant: null }, 10)?.grant).to.be.null();
    });

    it('is on no page, which keeps its cursor', () => {

        const [old, young] = [until(grant, 10), until(grant, 20)];
        const whole = { items: [old, young], cursor: 'next' };
        expect(livePage(whole, 9)).to.shallow.equal(whole);
        expect(livePage(whole, 10)).to.equal({ items: [young], cursor: 'next' });
    });

    it('attack: is believed of no function of a store within reach, by the clock of the server', async () => {

        const late = (answer: unknown) => withinReach(storeThat(async () => answer), { clock: () => 10 });
        expect(await late(until(found, 10)).get('kind', 'key')).to.be.null();
        expect(await late(until(grant, 10)).findGrant(grant.id)).to.be.null();
        expect(await late(until(foundToken, 10)).findToken({ kind: 'k', grantId: grant.id, key: 'key' })).to.be.null();
        expect((await late(page(until(grant, 10))).listGrants('subject', String(grant.subject))).items).to.equal([]);
        expect((await late(page({ ...until(found, 10), kind: 'kind', key: 'key' })).list('kind')).items).to.equal([]);
    });
});
