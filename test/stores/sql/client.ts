import { PGlite } from '@electric-sql/pglite';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Pool } from 'pg';

import { SqlStore } from '../../../lib/sql';
import { testClock } from '../../fixture/clock';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('A SqlStore', () => {

    it('is in the process on a PGlite, and on no client of a server', { timeout: 60_000 }, async () => {

        const options = { clock: testClock().now };
        const [lite, pool] = [await PGlite.create(), new Pool()];
        expect(new SqlStore(lite, options).isInProcess).to.be.true();
        expect(new SqlStore(pool, options).isInProcess).to.be.false();
        expect(new SqlStore({ query: () => Promise.resolve({ rows: [] }) }, options).isInProcess).to.be.false();
        await Promise.all([lite.close(), pool.end()]);
    });
});
