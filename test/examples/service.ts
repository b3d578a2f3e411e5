import { expect } from '@hapi/code';
import type { Server } from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { start } from '../../examples/service/server';
import { createKeys, readStock } from '../../examples/service/service';
import { call } from '../fixture/http';
import { freePort } from '../fixture/net';

const lab = Lab.script();
const { after, before, describe, it } = lab;
export { lab };

describe('the service that calls another', { timeout: 30_000 }, () => {

    let server: Server;
    let keys: Awaited<ReturnType<typeof createKeys>>;
    before(async () => {

        keys = await createKeys();
        server = await start(await freePort(), keys.publicKey);
    });
    after(() => server.stop());

    it('reads the stock with what it signed', async () => {

        expect(JSON.parse(await readStock(server.info.uri, keys.privateKey))).to.equal({ stock: { screws: 12 }, client: 'acme' });
    });

    it('is refused with another key, which the server notes', async () => {

        const said: unknown[] = [];
        const { log } = console;
        console.log = (...what) => said.push(...what);
        try {
            await expect(readStock(server.info.uri, (await createKeys()).privateKey)).to.reject();
        }
        finally {
            console.log = log;
        }

        expect(said).to.have.length(1);
        expect(said[0]).to.include({ error: 'invalid_client', client_id: 'acme' });
    });

    it('keeps its stock from who has no token', async () => {

        expect((await call(`${server.info.uri}/stock`)).status).to.equal(401);
    });
});
