import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OAuth2Error, OAuth2ErrorCode } from '../../lib';
import { handlerUtilities, type HandlerUtilities } from '../../lib/authorization-server/handler-utilities';
import { epoch } from '../fixture/clock';
import { quietServer } from '../fixture/flows';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

/** The utilities of one request, and what they wrote to its log. */
const utilitiesOf = async (use: (utilities: HandlerUtilities) => unknown = () => undefined) => {

    const server = quietServer({ routes: { log: { collect: true } } });
    const made: HandlerUtilities[] = [];
    server.route({
        method: 'GET', path: '/', handler: (request) => {

            const utilities = handlerUtilities(request, () => epoch);
            made.push(utilities);
            use(utilities);
            return null;
        }
    });
    const { request } = await server.inject('/');
    const [utilities] = made;
    if (utilities === undefined) {
        throw new Error('The route was not asked');
    }

    return { utilities, logs: request.logs.map(({ tags, data }): unknown => [tags, data]) };
};

describe('handlerUtilities()', () => {

    it('makes a new random UUID each time', async () => {

        const { utilities: { uuid } } = await utilitiesOf();
        const made = Array.from({ length: 100 }, () => uuid());
        expect(new Set(made).size).to.equal(100);
        for (const one of made) {
            expect(one).to.match(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
        }
    });

    it('has the server\'s clock', async () => {

        const { utilities: { clock } } = await utilitiesOf();
        expect(clock()).to.equal(epoch);
    });

    it('writes to the log of its request, with one tag or several, with data or without', async () => {

        const { logs } = await utilitiesOf(({ log }) => {

            log('one');
            log(['two', 'three'], { plan: 'gold' });
        });
        expect(logs).to.equal([[['one'], undefined], [['two', 'three'], { plan: 'gold' }]]);
    });

    it('makes an error that a client may read', async () => {

        const { utilities: { error } } = await utilitiesOf();
        const refused = error(OAuth2ErrorCode.INVALID_SCOPE, 'Ask for less');
        expect(refused).to.be.instanceOf(OAuth2Error);
        expect([refused.code, refused.message]).to.equal(['invalid_scope', 'Ask for less']);
    });
});
