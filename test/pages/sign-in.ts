import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { signInPage } from '../../lib/pages/sign-in';
import { clientCalled, look } from '../fixture/pages';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const model = { action: '/login?a=b&c=d', hidden: [{ name: 'csrf', value: 'x' }], client: clientCalled('Reports'), usernameField: 'username', passwordField: 'password', errorMessage: undefined, links: [] };

describe('signInPage()', () => {

    it('posts a name and a password to its action, with what is hidden', () => {

        const { html } = signInPage(model, look());
        expect(html).to.contain('<form method="post" action="/login?a=b&amp;c=d">').and.contain('<input type="hidden" name="csrf" value="x">');
        expect(html).to.match(/<input id="username" name="username" value="" autocomplete="username" [^>]* autofocus>/);
        expect(html).to.contain('<input id="password" name="password" type="password" autocomplete="current-password" required>');
        expect(html).to.contain('<p>to continue to <strong>Reports</strong></p>').and.not.contain('role="alert"').and.not.contain(' aria-invalid=').and.not.contain('class="links"');
    });

    it('says what went wrong, in the title first, and ties both fields to it', () => {

        const { html } = signInPage({ ...model, client: undefined, username: 'alice', errorMessage: 'Wrong' }, look());
        expect(html).to.contain('<title>Error: Sign in</title>').and.contain('<p id="problem" role="alert">Wrong</p>').and.contain('value="alice"').and.not.contain('to continue to');
        expect(html.match(/ aria-invalid="true" aria-describedby="problem"/g)).to.have.length(2);
        expect(html).to.match(/type="password"[^>]* autofocus>/).and.match(/id="username"[^>]*[^s]>/);
    });

    it('links to where else somebody may have to go', () => {

        expect(signInPage({ ...model, links: [{ href: '/forgotten', text: 'Forgotten?' }] }, look()).html).to.contain('<ul class="links">\n<li><a href="/forgotten">Forgotten?</a></li>\n</ul>');
    });
});
