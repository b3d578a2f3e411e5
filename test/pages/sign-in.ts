import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { signInPage, userCodeField } from '../../lib/pages/sign-in';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const page = { title: 'Sign in', action: '/oauth2/authorize?a=b&c=d', usernameField: 'username', passwordField: 'password', button: 'Continue', errorMessage: undefined };

describe('signInPage()', () => {

    it('posts a name and a password to its action', () => {

        const html = signInPage(page);
        expect(html).to.contain('<form method="post" action="&#x2f;oauth2&#x2f;authorize&#x3f;a&#x3d;b&amp;c&#x3d;d">');
        expect(html).to.match(/<input id="username" name="username" autocomplete="username"/);
        expect(html).to.match(/<input id="password" name="password" type="password" autocomplete="current-password"/);
        expect(html).to.contain('<button type="submit">Continue</button>').and.to.not.contain('role="alert"');
    });

    it('says what went wrong, and has fields of its own above the name', () => {

        const html = signInPage({ ...page, errorMessage: 'Wrong password', fields: '<input name="extra">' });
        expect(html).to.contain('<p role="alert">Wrong password</p>');
        expect(html.indexOf('name="extra"')).to.be.below(html.indexOf('id="username"'));
    });

    it('escapes everything that is text', () => {

        const attack = '"><script>alert(1)</script>';
        const html = signInPage({ title: attack, action: attack, usernameField: attack, passwordField: attack, button: attack, errorMessage: attack });
        expect(html).to.not.contain('<script>').and.to.not.contain('">&lt;script');
    });
});

describe('userCodeField()', () => {

    it('shows the code that the link carried, as text', () => {

        expect(userCodeField('BCDF-GHJK')).to.contain('name="user_code" value="BCDF-GHJK"');
        expect(userCodeField(undefined)).to.contain('value=""');
        expect(userCodeField('"><script>')).to.not.contain('<script>');
    });
});
