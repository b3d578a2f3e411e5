import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OAuth2Error } from '../../lib';
import { deviceCode } from '../../lib/grant-types/device-code';
import { Form } from '../../lib/protocol/form';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('The grant type urn:ietf:params:oauth:grant-type:device_code', () => {

    it('reads the device code', () => {

        expect(deviceCode.type).to.equal('urn:ietf:params:oauth:grant-type:device_code');
        expect(deviceCode.read(Form.from({ device_code: 'd', other: 'x' }))).to.equal({ deviceCode: 'd' });
    });

    it('needs its device_code, once', () => {

        for (const form of [{}, { device_code: '' }, { device_code: ['a', 'b'] }]) {
            expect(() => deviceCode.read(Form.from(form))).to.throw(OAuth2Error, /^The parameter 'device_code'/);
        }
    });
});
