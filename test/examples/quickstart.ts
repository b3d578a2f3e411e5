import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { start } from '../../examples/quickstart/server';
import { basic, form } from '../fixture/provision';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const root = join(__dirname, '..', '..');

describe('the quickstart', () => {

    it('is the code in the README', async () => {

        const [readme, source] = await Promise.all(['README.md', 'examples/quickstart/server.ts'].map((file) => readFile(join(root, file), 'utf8')));
        expect(readme).to.include(`\`\`\`ts\n${source}\`\`\``);
    });

    it('issues a token and takes it', async () => {

        const server = await start(0);
        try {
            const url = `http://localhost:${server.info.port}`;
            const post = async (secret: string) => {

                const { method, payload, headers } = form('', { grant_type: 'client_credentials', scope: 'reports:read' }, { authorization: basic('reporter', secret) });
                return await fetch(`${url}/oauth2/token`, { method, body: payload, headers });
            };

            const wrong = await post('wrong');
            expect(wrong.status).to.equal(401);
            expect(await wrong.json()).to.equal({ error: 'invalid_client' });

            const reply = await (await post('a-secret-of-32-random-characters')).json() as Record<string, unknown>;
            expect(reply).to.include({ token_type: 'Bearer', expires_in: 600, scope: 'reports:read' });

            const reports = await fetch(`${url}/reports`, { headers: { authorization: `Bearer ${String(reply.access_token)}` } });
            expect(reports.status).to.equal(200);
            expect(await reports.json()).to.equal({ reports: ['Q1', 'Q2'], client: 'reporter' });

            const closed = await fetch(`${url}/reports`);
            expect(closed.status).to.equal(401);
            expect(closed.headers.get('www-authenticate')).to.equal('Bearer');
        }
        finally {
            await server.stop();
        }
    });
});
