import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { JwksRoute } from '../../lib/authorization-server/jwks-route';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('The key route', () => {

    it('has the settings of every route', () => {

        const route = new JwksRoute(() => undefined).setPath('/keys').setOptions({ tags: ['api'] });
        expect([route.path, route.options]).to.equal(['/keys', { tags: ['api'] }]);
    });
});
