import { expect } from '@hapi/code';
import type { Server } from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { start } from '../../examples/glue/server';
import { call, getWith, post } from '../fixture/http';
import { freePort } from '../fixture/net';
import { basic } from '../fixture/provision';

const lab = Lab.script();
const { after, before, describe, it } = lab;
export { lab };

describe('the server that @hapi/glue composes', { timeout: 30_000 }, () => {

    let server: Server;
    before(async () => {

        server = await start(await freePort());
    });
    after(() => server.stop());

    it('issues tokens and takes them', async () => {

        const url = server.info.uri;
        const { json } = await post(`${url}/oauth2/token`, { grant_type: 'client_credentials' }, { authorization: basic('nightly', 'nightly-secret-of-32-characters') });
        expect((await getWith(`${url}/api/reports`, String(json.access_token))).json).to.equal({ reports: ['Q1', 'Q2'], client: 'nightly' });
        expect((await call(`${url}/api/reports`)).status).to.equal(401);
    });

    it('knows its plugins by the names of the builders', () => {

        expect(Object.keys(server.registrations)).to.include(['oauth2-client-credentials', 'reports']);
    });
});
