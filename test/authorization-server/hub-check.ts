import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { checkHub } from '../../lib/authorization-server/hub-check';
import { MemoryStore } from '../../lib/stores/memory';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const settings = { issuer: undefined, clock: () => 1e12, cors: true, requirePkce: 'all', sessionLife: { idle: 60, absolute: 600 }, allowDevelopmentDefaults: false, store: undefined };

describe('checkHub()', () => {

    it('accepts what can be meant', () => {

        expect(() => checkHub(settings)).to.not.throw();
        expect(() => checkHub({ ...settings, store: new MemoryStore({ clock: Date.now }) })).to.not.throw();
    });

    it('refuses a store that is none, such as the client of a database or a promise', () => {

        for (const store of [{}, Promise.resolve(new MemoryStore({ clock: Date.now })), { query: () => undefined }, { openGrant: true }, null, 'postgres://localhost/oauth2']) {
            expect(() => checkHub({ ...settings, store })).to.throw(/^setStore\(\) takes a store, such as new MemoryStore/);
        }
    });

    it('refuses a session that would never begin, or never end', () => {

        for (const sessionLife of [{ idle: 600, absolute: 60 }, { idle: 0, absolute: 60 }, { idle: 1.5, absolute: 60 }, { idle: 60, absolute: 31_536_001 }, { idle: NaN, absolute: 60 }]) {
            expect(() => checkHub({ ...settings, sessionLife })).to.throw('setSessionTTL() takes { idle, absolute } in whole seconds, at most a year, of which idle is not the longer one');
        }
    });
});
