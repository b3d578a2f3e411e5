import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OAuth2Error } from '../../lib';
import { checkAnswer } from '../../lib/stores/checked-answer';
import { withinReach } from '../../lib/stores/reach';
import { epoch } from '../fixture/clock';
import { answers, calls, found, foundToken, grant, page, record, storeFunctions, storeThat, type StoreFunction } from '../fixture/store-calls';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const noBoolean = [undefined, null, 1, 0, 'true', '', {}, [], [true], Object(false)];
const noRecord = [undefined, false, true, 'found', [], {}, [found], { ...found, value: null }, { ...found, value: 'text' }, { ...found, value: [] }, { ...found, version: '1' }, { ...found, version: 1.5 }, { ...found, expiresAt: NaN }, { ...found, expiresAt: '1' }];
const noGrant = [undefined, 'g', [], {}, { ...grant, id: 'other' }, { ...grant, id: 1 }, { ...grant, clientId: undefined }, { ...grant, subject: undefined }, { ...grant, sessionId: 1 }, { ...grant, expiresAt: null }, ...[null, '', `${epoch}`, NaN, Infinity, -Infinity].map((usedAt) => ({ ...grant, usedAt })), { ...grant, value: undefined }];

/** What each function may not answer: each would be taken for a success, for "unused", or for somebody else's. */
const nonsense: Readonly<Partial<Record<StoreFunction, readonly unknown[]>>> = {
    get: noRecord,
    putIfAbsent: noBoolean,
    replace: noBoolean,
    list: [
        undefined, null, [], {}, { items: [] }, { items: {}, cursor: null }, { items: [], cursor: 1 }, { items: [], cursor: 'cursor' },
        page(undefined), page(record), page({ ...record, ...found, kind: 'other' }), page({ ...record, ...found, key: 1 })
    ],
    openGrant: noBoolean,
    addTokens: noBoolean,
    findToken: [...noRecord, found, { ...foundToken, used: 'false' }, { ...foundToken, used: undefined }, ...noGrant.map((other) => ({ ...foundToken, grant: other }))],
    consume: ['yes', 'OK', '', true, 1, null, undefined, ['ok'], {}, 'conflict', 'toString'],
    rotate: ['yes', true, 1, null, undefined, ['ok'], {}, 'used'],
    findGrant: [...noGrant, true, [grant]],
    revokeGrant: noBoolean,
    listGrants: [undefined, [grant], { items: [grant] }, { items: [], cursor: 'cursor' }, page({ ...grant, subject: 'other' }), page({ ...grant, subject: null }), page(null), page({ ...grant, value: null })],
    count: [undefined, 1, {}, { count: 0, resetsAt: epoch }, { count: '1', resetsAt: epoch }, { count: 1 }, { count: NaN, resetsAt: epoch }, { count: -1, resetsAt: epoch }],
    counted: [undefined, null, -1, 0.5, NaN, '0', {}],
    lease: noBoolean,
    sweep: [undefined, -1, '1', Infinity]
};

describe('An answer of a store', () => {

    for (const name of storeFunctions) {
        it(`is taken from ${name}() if the contract allows it`, async () => {

            for (const answer of answers[name]) {
                expect(await calls[name](withinReach(storeThat(async () => answer)))).to.shallow.equal(answer);
            }
        });

        it(`is a failure if ${name}() answers nonsense`, async () => {

            for (const answer of nonsense[name] ?? []) {
                const err = await expect(calls[name](withinReach(storeThat(async () => answer)))).to.reject(Error);
                expect(err).to.not.be.instanceOf(OAuth2Error);
                expect(err.message).to.equal(`The store answered nonsense: ${name}() has another contract, which hapi-oauth2-flows/store-contract proves`);
            }
        });
    }

    it('is quoted nowhere', () => {

        expect(() => checkAnswer('get', 'a secret', () => false)).to.throw(Error, /^The store answered nonsense: get\(\) has another contract/);
    });
});
