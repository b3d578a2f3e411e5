import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const root = join(__dirname, '..', '..');
const folder = 'test/conformance';

/** The titles of the tests in a file that are those of modules and rules. */
const titlesIn = (file: string): readonly string[] =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/\b(?:it|module)\('((?:oidcc-|rule )[^']*)'/g)].map(([, title = '']) => title);

describe('the page of conformance', () => {

    const page = readFileSync(join(root, 'docs/conformance.md'), 'utf8');
    const rows = [...page.matchAll(/^\| `(oidcc-[^`]+)` \| `([^`]+)` \|/gm)].map(([, module = '', file = '']) => `${file} ${module}`);
    const files = readdirSync(join(root, folder)).map((name) => `${folder}/${name}`);
    const tests = files.flatMap((file) => titlesIn(file).map((title) => `${file} ${title}`));

    it('names every module that has a test, in the file where it is, and no other', () => {

        expect(rows.length).to.be.at.least(54);
        expect([...rows].sort()).to.equal(tests.filter((test) => test.includes(' oidcc-')).sort());
    });

    it('names a test for every rule', () => {

        const named = [...page.matchAll(/`(rule \d+: [^`]+)`/g)].map(([, title = '']) => title);
        expect([...named].sort()).to.equal(files.flatMap(titlesIn).filter((title) => title.startsWith('rule ')).sort());
        expect(new Set(named.map((title) => title.split(':')[0])).size).to.equal(13);
    });
});
