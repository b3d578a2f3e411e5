import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from '@hapi/code';

import { lab } from '../../examples/testing/app-test';

const { describe, it } = lab;
export { lab };

const root = join(__dirname, '..', '..');

describe('the example of a test', () => {

    it('is the code in its documentation', async () => {

        const [page, app, test] = await Promise.all(['docs/testing.md', 'examples/testing/app.ts', 'examples/testing/app-test.ts'].map((file) => readFile(join(root, file), 'utf8')));
        expect(page).to.include(`\`\`\`ts\n${app}\`\`\``).and.to.include(`\`\`\`ts\n${test}\`\`\``);
    });
});
