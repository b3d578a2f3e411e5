import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { newVersion } from '../../lib/stores/new-version';

export const lab = Lab.script();
const { describe, it } = lab;

describe('newVersion', () => {

    it('answers another positive integer each time, far below where doubles stop counting', () => {

        const versions = Array.from({ length: 1000 }, newVersion);
        expect(new Set(versions).size).to.equal(versions.length);
        expect(versions.every((version) => Number.isInteger(version) && version > 0 && version < Number.MAX_SAFE_INTEGER / 32)).to.be.true();
    });
});
