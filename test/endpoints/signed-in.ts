import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { assertMayAsk, signedInUser, type SignedInRules } from '../../lib/endpoints/signed-in';
import type { Account } from '../../lib/sessions/session';
import { epoch } from '../fixture/clock';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

type Prompts = SignedInRules['request']['prompts'];

const account = (subject: string, authTime: number | null = epoch / 1000 - 100): Account => ({ subject, name: subject, acr: null, amr: [], authTime });
const [ada, bob] = [account('ada'), account('bob')];

/** Who a plain request is answered about, two users being signed in. */
const user = ({ prompts = [], maxAge, ...rules }: Partial<SignedInRules> & { readonly prompts?: Prompts; readonly maxAge?: number } = {}) => {

    const answer = signedInUser({ request: { prompts, maxAge }, accounts: [ada, bob], identified: null, expected: undefined, now: epoch, ...rules });
    return typeof answer === 'string' ? answer : answer.subject;
};

const known = (subject: string, how: 'signed in' | 'chosen' | 'named') => ({ subject, signedIn: how === 'signed in', isChosen: how === 'chosen' });

describe('signedInUser()', () => {

    it('is the account that was used last, and nobody where nobody signed in', () => {

        expect(user()).to.equal('ada');
        expect(user({ accounts: [bob, ada] })).to.equal('bob');
        expect(user({ accounts: [] })).to.equal('sign_in');
    });

    it('is who was identified since the request came, if that account is still there', () => {

        for (const how of ['signed in', 'chosen', 'named'] as const) {
            expect(user({ identified: known('bob', how) }), how).to.equal('bob');
            expect(user({ identified: known('bob', how), accounts: [ada] }), how).to.equal('sign_in');
        }
    });

    it('prompt=select_account: has the user choose once, if there is anybody to choose', () => {

        expect(user({ prompts: ['select_account'] })).to.equal('choose');
        expect(user({ prompts: ['select_account'], accounts: [ada] })).to.equal('choose');
        expect(user({ prompts: ['select_account'], expected: 'bob' })).to.equal('choose');
        expect(user({ prompts: ['select_account'], accounts: [] })).to.equal('sign_in');
        expect(user({ prompts: ['select_account'], identified: known('bob', 'chosen') })).to.equal('bob');
        expect(user({ prompts: ['select_account'], identified: known('bob', 'chosen'), accounts: [ada] })).to.equal('sign_in');
    });

    it('prompt=login: takes only who has signed in since, not who was chosen', () => {

        expect(user({ prompts: ['login'] })).to.equal('sign_in');
        expect(user({ prompts: ['login'], accounts: [account('ada', epoch / 1000)] })).to.equal('sign_in');
        expect(user({ prompts: ['login'], identified: known('ada', 'chosen') })).to.equal('sign_in');
        expect(user({ prompts: ['login', 'select_account'], identified: known('ada', 'chosen') })).to.equal('sign_in');
        expect(user({ prompts: ['login', 'select_account'], identified: known('ada', 'signed in') })).to.equal('ada');
    });

    it('max_age: takes a sign-in that is exactly so old, none that is older, and none of an unknown time', () => {

        expect(user({ maxAge: 100 })).to.equal('ada');
        expect(user({ maxAge: 100, now: epoch + 1 })).to.equal('sign_in');
        expect(user({ maxAge: 99 })).to.equal('sign_in');
        expect(user({ maxAge: 0, accounts: [account('ada', epoch / 1000)] })).to.equal('ada');
        expect(user({ maxAge: 1e9, accounts: [account('ada', null)] })).to.equal('sign_in');
        expect(user({ accounts: [account('ada', null)] })).to.equal('ada');
        expect(user({ maxAge: 99, identified: known('ada', 'chosen') })).to.equal('sign_in');
        expect(user({ maxAge: 99, identified: known('ada', 'signed in') })).to.equal('ada');
    });

    it('is whom the client expects, whoever came first; the user may become that one by signing in', () => {

        expect(user({ expected: 'bob' })).to.equal('bob');
        expect(user({ expected: 'carol' })).to.equal('sign_in');
        expect(user({ expected: 'bob', prompts: ['login'] })).to.equal('sign_in');
        expect(user({ expected: 'bob', prompts: ['login'], identified: known('bob', 'signed in') })).to.equal('bob');
    });

    it('attack: answers about nobody else than the client expects, however they came to be identified', async () => {

        for (const how of ['signed in', 'chosen', 'named'] as const) {
            const refused = await refusal(() => user({ expected: 'bob', identified: known('ada', how) }));
            expect([refused?.code, refused?.reason], how).to.equal(['login_required', 'id_token_hint_of_another_user']);
        }
    });
});

describe('assertMayAsk()', () => {

    it('tells the client what would have to be asked where prompt=none forbids it, and nothing otherwise', async () => {

        for (const code of ['login_required', 'account_selection_required', 'consent_required'] as const) {
            expect((await refusal(() => assertMayAsk({ prompts: ['none'] }, code)))?.code).to.equal(code);
            for (const prompts of [[], ['login'], ['login', 'consent', 'select_account']] satisfies Prompts[]) {
                expect(() => assertMayAsk({ prompts }, code)).to.not.throw();
            }
        }
    });
});
