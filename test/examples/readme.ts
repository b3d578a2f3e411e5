import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as ts from 'typescript';

import { exampleSources } from '../fixture/example';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const root = join(__dirname, '..', '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** A block as it stands within something else. */
const indented = (block: string, spaces: number): string => block.replaceAll(/^(?=.)/gm, ' '.repeat(spaces));

describe('the README', () => {

    it('shows no code that is not in an example', () => {

        const blocks = [...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
        expect(blocks.length).to.be.at.least(5);
        const sources = [...exampleSources().values()];
        const made = blocks.filter((block) => !sources.some((source) => [0, 4, 8].some((spaces) => source.includes(indented(block, spaces)))));
        expect(made).to.equal([]);
    });

    it('has a complete server of about 25 lines, which is all of the quickstart', () => {

        const source = exampleSources().get('quickstart/server.ts') ?? '';
        const code = source.slice(source.indexOf('import'));
        expect(readme).to.include(`\`\`\`ts\n${code}\`\`\``);
        expect(code.split('\n').filter((line) => line !== '').length).to.be.at.most(28);
    });

    it('lists each example with the command that starts it', () => {

        const folders = new Set([...exampleSources().keys()].filter((name) => name.includes('/')).map((name) => name.replace(/\/.*/, '')));
        for (const folder of folders) {
            const [row = ''] = new RegExp(`^\\| \\[\`${folder}\`\\]\\(examples/${folder}\\) .*$`, 'm').exec(readme) ?? [];
            const command = { demo: '`npm run demo`', certification: '[docs/conformance.md]', flows: '[docs/flows]', testing: '[docs/testing.md]', migration: '[docs/migration]' }[folder] ?? `npm run example -- ${folder}\``;
            expect(row, folder).to.contain(command);
        }
    });

    it('names no command that there is not', () => {

        const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
        for (const [, name = ''] of readme.matchAll(/npm run ([\w:]+)/g)) {
            expect(Object.keys(scripts)).to.include(name);
        }
    });
});

describe('each example', () => {

    it('begins by saying what it shows and what to try', () => {

        const own = ['demo/demo', 'quickstart/server', 'handlers/server', 'own-pages/server', 'spa/server', 'cli/cli', 'tv/tv', 'service/server', 'fleet/server', 'upstream/server', 'glue/server', 'level-2/server'];
        for (const name of own) {
            const [header = ''] = /^(?:\/\/.*\n)+/.exec(exampleSources().get(`${name}.ts`) ?? '') ?? [];
            expect(header, name).to.match(/^\/\/ Try: .*npm run example -- /m);
            expect(header.trimEnd().split('\n').length, name).to.be.between(2, 7);
        }
    });

    it('is typed without casts, assertions and exceptions from the rules', () => {

        for (const [name, source] of exampleSources()) {
            const file = ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true);
            const found: string[] = [...source.matchAll(/eslint-disable|@ts-[\w-]+/g)].map(([exception]) => exception);
            const look = (node: ts.Node): void => {

                if (ts.isNonNullExpression(node) || ts.isTypeAssertionExpression(node) || node.kind === ts.SyntaxKind.AnyKeyword || (ts.isAsExpression(node) && node.type.getText() !== 'const')) {
                    found.push(node.getText());
                }

                ts.forEachChild(node, look);
            };

            look(file);
            expect(found, name).to.equal([]);
        }
    });
});
