import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const root = join(__dirname, '..', '..');
const read = (name: string) => readFileSync(join(root, name), 'utf8');

describe('the page that gets people started', () => {

    it('has one listing, which is its example', () => {

        const blocks = [...read('docs/getting-started.md').matchAll(/^```[tj]s\n([\s\S]*?)^```$/gm)].map(([, block]) => block);
        expect(blocks).to.equal([read('examples/getting-started/server.mts')]);        // npm run test:pack types it into an empty folder
    });
});

describe('the page of handlers', () => {

    it('names each setter of a builder or route that takes a function', () => {

        const page = read('docs/handlers.md');
        const files = ['flows/authorization-route', 'flows/custom-grant', 'flows/device-authorization-route', 'flows/flow', 'flows/page-route', 'flows/token-exchange', 'flows/token-route', 'authorization-server/builder', 'authorization-server/limit-setters', 'authorization-server/page-setters', 'authorization-server/registration-route', 'authorization-server/registration-setters', 'authorization-server/shared-setters'];
        const takesFunction = /^ {4}(\w+)\((?:\w+: [^,]*, )?(?:handler|clock|validate|policy|render|finalize|fetch|limit|pages|user): /gm;
        const setters = files.flatMap((file) => [...read(`lib/${file}.ts`).matchAll(takesFunction)].map(([, name = '']) => name));
        expect(setters.length).to.be.at.least(25);
        expect(setters.filter((name) => !page.includes(`\`${name}(`))).to.equal([]);
    });
});
