import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { sharedReply, type SharedRequest } from '../../lib/flows/shared-reply';
import { Form } from '../../lib/protocol/form';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const parameters = { grant_type: 'refresh_token', refresh_token: 'a', scope: 'email', resource: ['https://a.example.com', 'https://b.example.com'] };
const sharing = (changes: Partial<SharedRequest> = {}, more: object = {}) =>
    sharedReply({ clientId: 'web', method: 'client_secret_basic', confirmation: { jkt: 'key' }, form: Form.from({ ...parameters, ...more }), check: async () => {}, ...changes });
const wish = sharing().wish();

describe('sharedReply()', () => {

    it('takes requests for the same that differ in nothing but the credentials of one method', () => {

        for (const [secret, assertion] of [['one', 'first'], ['two', 'second']]) {
            expect(sharing({}, { client_id: 'web', client_secret: secret, client_assertion: assertion, client_assertion_type: 'jwt' }).wish()).to.equal(wish);
        }
    });

    it('attack: takes no two requests for the same of which anything else differs', () => {

        const others = [
            sharing({ clientId: 'other' }), sharing({ method: 'none' }), sharing({ confirmation: { jkt: 'another' } }), sharing({ confirmation: { 'x5t#S256': 'key' } }), sharing({ confirmation: undefined }),
            ...[{ refresh_token: 'b' }, { scope: 'email openid' }, { scope: undefined }, { scope: ['email', 'email'] }, { resource: 'https://a.example.com' }, { resource: [] }, { audience: 'https://a.example.com' }, { tenant: 'acme' }]
                .map((more) => sharing({}, more))
        ];
        expect(new Set([wish, ...others.map((other) => other.wish())]).size).to.equal(others.length + 1);
    });

    it('gives each a copy of a reply with a new refresh token, and keeps none without', async () => {

        const { keep, give } = sharing();
        const reply = { access_token: 'at', refresh_token: 'rt', more: { tenant: 'acme' }, nothing: undefined };
        const kept = keep(reply) ?? '';
        reply.more.tenant = 'changed later';
        const [one, two] = [await give(kept), await give(kept)];
        expect(one).to.equal({ access_token: 'at', refresh_token: 'rt', more: { tenant: 'acme' } });
        expect(one.more === two.more).to.be.false();
        expect(keep({ access_token: 'at' })).to.be.undefined();
    });

    it('gives nothing to who is refused', async () => {

        const { keep, give } = sharing({ check: () => Promise.reject(new Error('too many')) });
        await expect(give(keep({ refresh_token: 'rt' }) ?? '')).to.reject('too many');
    });
});
