import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from '@hapi/code';
import type { Server } from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { AuthorizationServerBuilder, type OutboundRequest } from 'hapi-oauth2-flows';

import { start as startAuthorizationCode } from '../../examples/flows/authorization-code';
import { start as startClientCredentials } from '../../examples/flows/client-credentials';
import { start as startCustomGrant } from '../../examples/flows/custom-grant';
import { start as startLogout } from '../../examples/flows/logout';
import { start as startPassword } from '../../examples/flows/password';
import { start as startRefreshTokens } from '../../examples/flows/refresh-tokens';
import { start as startRegistration } from '../../examples/flows/registration';
import { start as startTokenExchange } from '../../examples/flows/token-exchange';
import { start as startDevice } from '../../examples/tv/server';
import { exampleSources } from '../fixture/example';
import { freePort } from '../fixture/net';
import { Wire } from '../fixture/wire';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const root = join(__dirname, '..', '..');
/** These are about more than a flow, and have sections of their own besides. */
const others = ['custom-grants', 'logout', 'password', 'registration', 'token-exchange'].map((name) => join('docs', `${name}.md`));
const pages = readdirSync(join(root, 'docs', 'flows')).map((name) => join('docs', 'flows', name));

describe('the pages of the flows', { timeout: 30_000 }, () => {

    const servers: Readonly<Record<string, (port: number, clock: () => number, hub: AuthorizationServerBuilder) => Promise<Server>>> = {
        'flows/authorization-code': startAuthorizationCode,
        'flows/client-credentials': startClientCredentials,
        'flows/device-authorization': startDevice,
        'flows/refresh-tokens': startRefreshTokens,
        'custom-grants': startCustomGrant,
        logout: (port, _clock, hub) => startLogout(port, hub),
        password: startPassword,
        registration: startRegistration,
        'token-exchange': startTokenExchange
    };

    for (const [name, start] of Object.entries(servers)) {
        it(`show of ${name} what goes over the wire, and what is answered`, async () => {

            let now = Date.now();
            const hub = AuthorizationServerBuilder.create();
            const told = new Promise<OutboundRequest & { readonly url: string }>((resolve) => {

                hub.setFetch((url, request) => {

                    resolve({ url, ...request });
                    return Promise.resolve({ status: 200, contentType: undefined, body: Buffer.alloc(0) });
                });
            });
            const server = await start(await freePort(), () => now, hub);
            try {
                const travel = (seconds: number): void => {

                    now += seconds * 1000;
                };

                const answers = await new Wire(server.info.uri, { travel, told: () => told, made: () => server.oauth2.registration.createInitialAccessToken() }).play(`docs/${name}.md`);
                expect(answers).to.be.at.least(8);
            }
            finally {
                await server.stop();
            }
        });
    }

    it('show no code that is not in an example', () => {

        const sources = [...exampleSources().values()];
        for (const page of [...pages, ...others]) {
            const text = readFileSync(join(root, page), 'utf8');
            const shown = pages.includes(page) ? text : text.slice(text.indexOf('## The smallest server'), text.indexOf('## On the wire'));
            const blocks = [...shown.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
            expect(blocks.filter((block) => !sources.some((source) => source.includes(block))), page).to.equal([]);
            expect(blocks.length, page).to.be.at.least(1);
        }
    });

    it('have the same sections', () => {

        for (const page of pages) {
            const text = readFileSync(join(root, page), 'utf8');
            expect([...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title), page).to.equal(['What it is for', 'Who talks to whom', 'The smallest server', 'On the wire', 'Settings', 'What is checked', 'What goes wrong', 'Where to go on']);
        }

        for (const page of others) {
            const titles = [...readFileSync(join(root, page), 'utf8').matchAll(/^## (.*)$/gm)].map(([, title]) => title);
            expect([...titles.slice(0, 3), titles.at(-1)], page).to.equal(['Who talks to whom', 'The smallest server', 'On the wire', 'What goes wrong']);
        }
    });
});

describe('each diagram', () => {

    it('has a title, and a list below it that says the same', () => {

        for (const page of [...pages, ...others]) {
            const text = readFileSync(join(root, page), 'utf8');
            const [, diagram = '', below = ''] = /^```mermaid\n(sequenceDiagram\n {4}accTitle: .+\n[\s\S]*?)^```\n\n(1\. [\s\S]*?)\n\n/m.exec(text) ?? [];
            const arrows = [...diagram.matchAll(/->>\w+: (\d+)\. /g)].map(([, number]) => number);
            expect(arrows.length, page).to.be.at.least(4);
            expect(below.split('\n').map((step) => /^(\d+)\. /.exec(step)?.[1]), page).to.equal(arrows);
        }
    });
});
