import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { start as startAuthorizationCode } from '../../examples/flows/authorization-code';
import { start as startClientCredentials } from '../../examples/flows/client-credentials';
import { start as startRefreshTokens } from '../../examples/flows/refresh-tokens';
import { start as startDevice } from '../../examples/tv/server';
import { exampleSources } from '../fixture/example';
import { freePort } from '../fixture/net';
import { Wire } from '../fixture/wire';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const root = join(__dirname, '..', '..');
const pages = readdirSync(join(root, 'docs', 'flows')).map((name) => join('docs', 'flows', name));

describe('the pages of the flows', { timeout: 30_000 }, () => {

    const servers = { 'authorization-code': startAuthorizationCode, 'client-credentials': startClientCredentials, 'device-authorization': startDevice, 'refresh-tokens': startRefreshTokens };

    for (const [name, start] of Object.entries(servers)) {
        it(`shows of ${name} what goes over the wire, and what is answered`, async () => {

            let now = Date.now();
            const server = await start(await freePort(), () => now);
            try {
                const answers = await new Wire(server.info.uri, (seconds) => {

                    now += seconds * 1000;
                }).play(`docs/flows/${name}.md`);
                expect(answers).to.be.at.least(8);
            }
            finally {
                await server.stop();
            }
        });
    }

    it('show no code that is not in an example', () => {

        const sources = [...exampleSources().values()];
        for (const page of pages) {
            const text = readFileSync(join(root, page), 'utf8');
            const blocks = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
            expect(blocks.filter((block) => !sources.some((source) => source.includes(block))), page).to.equal([]);
            expect(blocks.length, page).to.be.at.least(1);
        }
    });

    it('have the same sections', () => {

        for (const page of pages) {
            const text = readFileSync(join(root, page), 'utf8');
            expect([...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title), page).to.equal(['What it is for', 'Who talks to whom', 'The smallest server', 'On the wire', 'Settings', 'What is checked', 'What goes wrong', 'Where to go on']);
        }
    });
});

describe('each diagram', () => {

    it('has a title, and a list below it that says the same', () => {

        const others = ['custom-grants', 'logout', 'password', 'registration', 'token-exchange'].map((name) => join('docs', `${name}.md`));
        for (const page of [...pages, ...others]) {
            const text = readFileSync(join(root, page), 'utf8');
            const [, diagram = '', below = ''] = /^```mermaid\n(sequenceDiagram\n {4}accTitle: .+\n[\s\S]*?)^```\n\n(1\. [\s\S]*?)\n\n/m.exec(text) ?? [];
            const arrows = [...diagram.matchAll(/->>\w+: (\d+)\. /g)].map(([, number]) => number);
            expect(arrows.length, page).to.be.at.least(4);
            expect(below.split('\n').map((step) => /^(\d+)\. /.exec(step)?.[1]), page).to.equal(arrows);
        }
    });
});
