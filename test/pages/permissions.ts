import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { permissionList, permissionsOf } from '../../lib/pages/permissions';
import { look } from '../fixture/pages';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const words = new Map([['read', 'Read'], ['email', 'Declared e-mail']]);
const declared = (scope: string) => words.get(scope);

describe('permissionsOf()', () => {

    it('takes the app\'s words for the language, then those of the declaration, then ours, then the name', () => {

        const scopes = ['read', 'email', 'openid', 'other', 'constructor', '__proto__'];
        const texts = (language = look()) => permissionsOf(scopes, declared, language).map(({ text }) => text);
        expect(texts()).to.equal(['Read', 'Declared e-mail', 'Know who you are', 'other', 'constructor', '__proto__']);
        expect(texts({ ...look('fr'), scopes: { read: 'Lire' } })).to.equal(['Lire', 'Declared e-mail', 'Savoir qui vous êtes', 'other', 'constructor', '__proto__']);
        expect(permissionsOf(['profile', 'address', 'phone', 'offline_access'], () => undefined, look()).map(({ text }) => text)).to.equal(['See your name and your profile', 'See your postal address', 'See your phone number', 'Keep this access while you are away']);
    });
});

describe('permissionList()', () => {

    it('is a list, and nothing for none', () => {

        expect(String(permissionList([{ scope: 'a', text: '<' }]))).to.contain('<ul class="permissions">\n<li>&lt;</li>\n</ul>');
        expect(permissionList([]) === '').to.be.true();
    });
});
