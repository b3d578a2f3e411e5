import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OAuth2Error } from '../../lib';
import { parseClaimsRequest, storedClaimsRequest } from '../../lib/protocol/claims-request';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const refused = (text: string, words: string): void => {

    const err = expect(() => parseClaimsRequest(text), text.slice(0, 80)).to.throw(OAuth2Error);
    expect([err.code, err.reason, err.message]).to.equal(['invalid_request', 'claims_unusable', `The parameter 'claims' ${words}`]);
};

describe('A claims request (OpenID Connect Core §5.5)', () => {

    it('asks for claims in two places, in each of four ways', () => {

        expect(parseClaimsRequest(JSON.stringify({
            userinfo: { given_name: { essential: true }, nickname: null, email: { essential: false, value: 'a@b' }, 'name#de': {} },
            id_token: { acr: { values: ['urn:a', 'urn:b'], essential: true, unknown: [] }, sub: { value: 'alice' }, updated_at: { value: 1 }, email_verified: { value: false } },
            elsewhere: { name: 5 }
        }))).to.equal({
            userinfo: [{ name: 'given_name', essential: true, values: [] }, { name: 'nickname', essential: false, values: [] }, { name: 'email', essential: false, values: ['a@b'] }, { name: 'name#de', essential: false, values: [] }],
            id_token: [{ name: 'acr', essential: true, values: ['urn:a', 'urn:b'] }, { name: 'sub', essential: false, values: ['alice'] }, { name: 'updated_at', essential: false, values: [1] }, { name: 'email_verified', essential: false, values: [false] }]
        });
        for (const nothing of ['{}', '{"userinfo":{},"id_token":null}', '{"other":1}']) {
            expect(parseClaimsRequest(nothing)).to.equal({ userinfo: [], id_token: [] });
        }
    });

    it('cannot touch what objects inherit, whatever its claims are called', () => {

        const { userinfo, id_token: idToken } = parseClaimsRequest('{"userinfo":{"__proto__":{"essential":true},"constructor":null,"toString":{"__proto__":{"essential":true}}},"__proto__":{"id_token":{"email":null}}}');
        expect(userinfo).to.equal([{ name: '__proto__', essential: true, values: [] }, { name: 'constructor', essential: false, values: [] }, { name: 'toString', essential: false, values: [] }]);
        expect(idToken).to.equal([]);
        expect(Object.hasOwn(Object.prototype, 'essential')).to.be.false();
    });

    it('is refused when it is no such thing', () => {

        for (const text of ['', '{', 'name', '{"userinfo":{}} x', '\0']) {
            refused(text, 'is not JSON');
        }

        for (const text of ['[]', 'null', '1', '"x"', '{"userinfo":[]}', '{"userinfo":"name"}', '{"id_token":true}', '{"userinfo":{"name":true}}', '{"userinfo":{"name":["x"]}}']) {
            refused(text, 'holds something that is no object');
        }

        for (const wish of ['{"essential":"true"}', '{"essential":1}', '{"values":"x"}', '{"values":[{}]}', '{"value":null}', '{"value":{"a":1}}', '{"values":[[1]]}']) {
            refused(`{"id_token":{"acr":${wish}}}`, 'asks for a claim in a way that nobody knows');
        }
    });

    it('is bounded in length and in number', () => {

        const names = (count: number) => JSON.stringify({ userinfo: Object.fromEntries(Array.from({ length: count }, (_, index) => [`c${index}`, null])) });
        expect(parseClaimsRequest(names(100)).userinfo.length).to.equal(100);
        refused(names(101), 'names more than 100 claims');
        expect(parseClaimsRequest(`{"x":"${'y'.repeat(4096 - 8)}"}`)).to.equal({ userinfo: [], id_token: [] });
        refused(`{"x":"${'y'.repeat(4096 - 7)}"}`, 'is too long');
        refused('['.repeat(4096), 'is not JSON');
        refused(`${'['.repeat(2048)}${']'.repeat(2048)}`, 'holds something that is no object');
    });
});

describe('A stored claims request', () => {

    it('is read as it was written, and was none in older records', () => {

        const request = { userinfo: [{ name: 'email', essential: true, values: ['x', 1, true] }], id_token: [] };
        expect(storedClaimsRequest(JSON.parse(JSON.stringify(request)))).to.equal(request);
        expect(storedClaimsRequest(undefined)).to.be.null();
        expect(storedClaimsRequest(null)).to.be.null();
    });

    it('is not believed when it is anything else', () => {

        const claim = { name: 'email', essential: true, values: [] };
        const broken: readonly unknown[] = [
            1, 'x', [], {}, { userinfo: [] }, { id_token: [] }, { userinfo: {}, id_token: [] }, { userinfo: [null], id_token: [] }, { userinfo: [], id_token: ['email'] },
            ...['name', 'essential', 'values'].flatMap((member) => [undefined, {}, [null]].map((value) => ({ userinfo: [], id_token: [{ ...claim, [member]: value }] }))),
            ...['name', 'essential', 'values'].map((member) => ({ userinfo: [Object.fromEntries(Object.entries(claim).filter(([name]) => name !== member))], id_token: [] }))
        ];
        for (const value of broken) {
            expect(() => storedClaimsRequest(value), JSON.stringify(value)).to.throw('The store answered a grant whose claims is not what was written');
        }
    });
});
