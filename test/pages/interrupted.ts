import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { interruptedPage } from '../../lib/pages/interrupted';
import { look } from '../fixture/pages';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const reference = 'BCDF2345';

describe('interruptedPage()', () => {

    it('says what happened, and what to do', () => {

        const titles = (['expired', 'used', 'other-browser', 'shown-once', 'nothing-waits'] as const).map((reason) => /<h1>([^<]+)/.exec(interruptedPage({ reason, restart: '/again', reference }, look()).html)?.[1]);
        expect(titles).to.equal(['This page was open for too long', 'This page was used already', 'This page belongs to another browser', 'This page cannot be shown twice', 'Nothing waits for this sign-in']);
        expect(interruptedPage({ reason: 'used', restart: '/again?a&b', reference }, look()).html).to.contain('<a class="button primary" href="/again?a&amp;b">Start again</a>');
        expect(interruptedPage({ reason: 'used', restart: undefined, reference }, look()).html).to.contain('Go back to the application you came from').and.not.contain('<a ');
    });

    it('gives the number that the log has, in every language', () => {

        expect(interruptedPage({ reason: 'used', restart: undefined, reference }, look()).html).to.contain('give this number: <strong><code>BCDF2345</code></strong>');
        for (const locale of ['fr', 'de', 'es']) {
            expect(interruptedPage({ reason: 'used', restart: undefined, reference }, look(locale)).html).to.contain(': <strong><code>BCDF2345</code></strong></p>').and.not.contain('give this number');
        }
    });
});
