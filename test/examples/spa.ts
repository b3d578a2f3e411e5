import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from '@hapi/code';
import type { Server } from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { start } from '../../examples/spa/server';
import { call } from '../fixture/http';
import { freePort } from '../fixture/net';

const lab = Lab.script();
const { after, before, describe, it } = lab;
export { lab };

describe('the single-page app, without a browser', { timeout: 30_000 }, () => {

    let server: Server;
    before(async () => {

        server = await start(await freePort());
    });
    after(() => server.stop());

    it('is served as files', async () => {

        for (const [path, file, type] of [['/', 'index.html', 'text/html'], ['/app.js', 'app.js', 'text/javascript']] as const) {
            const { status, text, headers } = await call(server.info.uri + path);
            expect([status, headers.get('content-type')]).to.equal([200, `${type}; charset=utf-8`]);
            expect(text).to.equal(readFileSync(join(__dirname, '../../examples/spa/public', file), 'utf8'));
        }
    });

    it('has nothing for who has no token', async () => {

        expect((await call(`${server.info.uri}/reports`)).status).to.equal(401);
    });
});
