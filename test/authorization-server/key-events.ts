import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { keyEvents } from '../../lib/authorization-server/key-events';
import { quietServer } from '../fixture/flows';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('keyEvents()', () => {

    const watched = () => {

        const server = quietServer();
        const logged: unknown[] = [];
        server.events.on('log', ({ tags, data, error }) => logged.push([tags, data ?? error]));
        return { ...keyEvents(server), logged };
    };

    it('says which key was published or replaced, in seconds and without anything else that came with it', () => {

        const { onChange, logged } = watched();
        const change = { step: 'published', kid: 'k', purpose: 'access_token', alg: 'ES256', signsFrom: 1999, privateJwk: { d: 'secret' } } as const;
        onChange(change);
        onChange({ ...change, step: 'replaced' });
        const data = { what: 'signing_key', step: 'published', kid: 'k', purpose: 'access_token', alg: 'ES256', signs_from: 1 };
        expect(logged).to.equal([[['oauth', 'rotated'], data], [['oauth', 'rotated'], { ...data, step: 'replaced' }]]);
    });

    it('says that the key store does not answer, and why', () => {

        const { onFailure, logged } = watched();
        const cause = new Error('away');
        onFailure(cause);
        expect(logged).to.have.length(1);
        expect(logged[0]).to.include([['oauth', 'keys', 'error']]);
        expect(Reflect.get(Object(logged[0]), 1)).to.be.an.error('The key store does not answer: the keys at hand have to do');
        expect(Reflect.get(Object(Reflect.get(Object(logged[0]), 1)), 'cause')).to.shallow.equal(cause);
    });
});
