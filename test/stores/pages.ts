import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { everyItem } from '../../lib/stores/pages';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('everyItem()', () => {

    it('gives the items of all pages, and asks for a page once those before it are done', async () => {

        const steps: string[] = [];
        const pages: Readonly<Record<string, { readonly items: readonly string[]; readonly cursor: string | null }>> = {
            'null': { items: ['a', 'b'], cursor: '1' }, '1': { items: [], cursor: '2' }, '2': { items: ['c'], cursor: null }
        };
        for await (const item of everyItem(async (cursor) => {

            steps.push(`page ${String(cursor)}`);
            return await Promise.resolve(pages[String(cursor)] ?? { items: [], cursor: null });
        })) {
            steps.push(item);
        }

        expect(steps).to.equal(['page null', 'a', 'b', 'page 1', 'page 2', 'c']);
    });

    it('rejects with what a page rejects with', async () => {

        const walk = async () => {

            for await (const item of everyItem<string>(async () => await Promise.reject(new Error('The store is away')))) {
                throw new Error(item);
            }
        };

        await expect(walk()).to.reject('The store is away');
    });
});
