import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { SubRoute } from '../../lib/endpoints/sub-route';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

class Route extends SubRoute {}

describe('The settings of a route', () => {

    it('are empty until they are made, and each setter returns the route', () => {

        const route = new Route(() => undefined);
        expect([route.path, route.options]).to.equal([undefined, {}]);
        expect(route.setPath('/x').setOptions({ tags: ['api'] })).to.shallow.equal(route);
        expect([route.path, route.options]).to.equal(['/x', { tags: ['api'] }]);
    });

    it('ask whether they may still be made, and stay as they were if not', () => {

        const asked: string[] = [];
        const route = new Route((setter) => {

            asked.push(setter);
            throw new Error('too late');
        });
        expect(() => route.setPath('/x')).to.throw('too late');
        expect(() => route.setOptions({ tags: [] })).to.throw('too late');
        expect(asked).to.equal(['setPath', 'setOptions']);
        expect([route.path, route.options]).to.equal([undefined, {}]);
    });
});
