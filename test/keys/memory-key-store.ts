import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { staticKey } from '../fixture/key-bench';
import { staticKeys } from '../fixture/static-keys';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('MemoryKeyStore', () => {

    it('keeps one of two keys with the same id, and says which', () => {

        const store = staticKeys();
        const first = store.list().at(0);
        expect(first).to.include({ id: 'access_token:ES256:1' });
        const rival = { ...staticKey('id_token'), id: 'access_token:ES256:1' };
        expect(store.putIfAbsent(rival)).to.be.false();
        expect(store.list()).to.have.length(2);
        expect(store.list()[0]).to.equal(first);
        expect(store.putIfAbsent({ ...rival, id: 'access_token:ES256:2' })).to.be.true();
        expect(store.list()).to.have.length(3);
    });

    it('replaces and forgets keys', () => {

        const store = staticKeys();
        const { privateJwk: _gone, ...record } = staticKey('access_token');
        store.put(record);
        expect(store.list()[0]).to.equal(record);
        store.delete(record.id);
        expect(store.list().map(({ id }) => id)).to.equal(['id_token:RS256:1']);
    });
});
