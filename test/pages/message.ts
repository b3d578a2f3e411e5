import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { donePage, errorPage } from '../../lib/pages/message';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const attack = '<script>alert(1)</script>';

describe('errorPage()', () => {

    it('shows code and description as text', () => {

        const page = errorPage('invalid_request', 'The client is unknown');
        expect(page).to.contain('The client is unknown.').and.to.contain('<code>invalid_request</code>');
        expect(errorPage(attack, attack)).to.not.contain('<script>');
    });
});

describe('donePage()', () => {

    it('shows title and text as text', () => {

        expect(donePage('Done', 'Go back to your device')).to.contain('<h1>Done</h1>').and.to.contain('<p>Go back to your device</p>');
        expect(donePage(attack, attack)).to.not.contain('<script>');
    });
});
