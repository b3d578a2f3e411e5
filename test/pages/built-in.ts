import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { builtInPages, type PageModels, type PageName } from '../../lib/pages/built-in';
import type { PageLook } from '../../lib/pages/look';
import { attack, attacksShown, clientCalled, look } from '../fixture/pages';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const hostile = clientCalled(attack, { isVerified: false, logoUri: attack, clientUri: `https://example.com/${attack}`, policyUri: `javascript:alert(1)//${attack}`, tosUri: attack });
const hidden = [{ name: attack, value: attack }];
const permissions = [{ scope: attack, text: attack }];
const resources = [{ uri: attack, name: attack }];
const fields = { usernameField: attack, passwordField: attack, username: attack };

/** Each page with the attack in everything it shows, and how often it then stands there as text. */
const attacked: { readonly [N in PageName]: readonly [PageModels[N], number] } = {
    signIn: [{ action: attack, hidden, client: hostile, ...fields, errorMessage: attack, links: [{ href: attack, text: attack }] }, 10],
    chooseAccount: [{ action: attack, hidden, client: hostile, accounts: [{ value: attack, name: attack, detail: attack }] }, 7],
    consent: [{ action: attack, hidden, client: hostile, permissions, resources, destination: attack, account: attack, canChangeAccount: true }, 8],
    deviceCode: [{ action: attack, hidden, userCode: attack, credentials: fields, errorMessage: attack }, 8],
    deviceConsent: [{ action: attack, hidden, client: hostile, permissions, resources, userCode: attack, account: attack, canChangeAccount: true }, 8],
    deviceDone: [{ outcome: 'connected' }, 0],
    logout: [{ action: attack, hidden, accounts: [attack, attack] }, 5],
    signedOut: [{ outcome: 'signed-out', back: { href: attack, client: hostile } }, 2],
    interrupted: [{ reason: 'expired', restart: attack, reference: attack }, 2],
    grants: [{ action: attack, hidden, account: attack, otherAccounts: [{ href: attack, text: attack }], errorMessage: attack, grants: [{ value: attack, client: hostile, permissions, since: 0, lastUsed: 0 }], withdrawn: hostile }, 12],
    formPost: [{ action: attack, parameters: hidden }, 3],
    error: [{ code: attack, statusCode: 400, description: attack, reference: attack }, 3]
};

const pagesIn = (shown: PageLook) => {

    const page = <N extends PageName>(name: N) => {

        const [model, times] = attacked[name];
        return { name, times, ...builtInPages[name](model, shown) };
    };

    const names: readonly PageName[] = ['signIn', 'chooseAccount', 'consent', 'deviceCode', 'deviceConsent', 'deviceDone', 'logout', 'signedOut', 'interrupted', 'grants', 'formPost', 'error'];
    expect(names).to.only.include(Object.keys(builtInPages));
    return names.map(page);
};

describe('Every built-in page', () => {

    it('shows everything as text', () => {

        for (const { name, html, times } of pagesIn(look())) {
            expect(attacksShown(html), name).to.equal(times);
        }

        for (const { name, html, times } of pagesIn({ ...look(), productName: attack })) {
            expect(attacksShown(html), name).to.equal(times + (name === 'logout' ? 3 : 2));
        }
    });

    it('says everything in the language of the person', () => {

        for (const locale of ['fr', 'de', 'es']) {
            const english = pagesIn(look());
            for (const [index, { name, html }] of pagesIn(look(locale)).entries()) {
                expect(html, name).to.contain(`<html lang="${locale}" dir="ltr">`).and.not.contain('undefined');
                const said = (page = '') => [...page.replace(/<(?:style|script)>.*<\/(?:style|script)>|lang="en".*/g, '').matchAll(/>([^<>]*[a-zé]{4}[^<>]*)</g)].map(([, text = '']) => text).filter((text) => !text.includes('alert'));
                for (const text of said(html).filter((sentence) => sentence.length > 16)) {
                    expect(said(english[index]?.html), `${locale} ${name}`).to.not.include(text);
                }
            }
        }
    });

    it('has one main, one h1, a title, a label for each field that is seen, and no unfilled place', () => {

        for (const { name, html } of pagesIn(look())) {
            expect([...html.matchAll(/<main[ >]/g), ...html.matchAll(/<h1>/g), ...html.matchAll(/<title>[^<]+</g)], name).to.have.length(3);
            for (const [, id] of html.matchAll(/<input id="([^"]+)"/g)) {
                expect(html, name).to.contain(`<label for="${String(id)}">`);
            }

            for (const [, ids = ''] of html.matchAll(/aria-describedby="([^"]+)"/g)) {
                for (const id of ids.split(' ')) {
                    expect(html, name).to.contain(` id="${id}"`);
                }
            }

            expect([...html.matchAll(/ autofocus/g)].length, name).to.be.at.most(1);
            expect(html.replace(/<style>.*<\/style>/, ''), name).to.not.match(/\{\w+\}/);
        }
    });

    it('loads and runs nothing, but for the one script of formPost', () => {

        for (const { name, html, policy } of pagesIn(look())) {
            const outside = html.replaceAll('&quot;&gt;&lt;script&gt;', '');
            expect(outside, name).to.not.match(/<link|<img|<iframe|\son\w+=|\sstyle=/i);
            expect([...outside.matchAll(/<script/g)].length, name).to.equal(name === 'formPost' ? 1 : 0);
            expect(policy.includes('script-src'), name).to.equal(name === 'formPost');
            expect(policy, name).to.startWith('default-src \'none\'; style-src \'sha256-').and.endWith('base-uri \'none\'; frame-ancestors \'none\'').and.not.contain('form-action').and.not.contain('unsafe');
        }
    });

    it('links to nothing but https for a client', () => {

        for (const { name, html } of pagesIn(look())) {
            expect(html, name).to.not.contain('href="javascript:');
        }
    });
});
