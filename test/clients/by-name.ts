import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { PrivateKeyJwt } from '../../lib';
import { methodOf } from '../../lib/clients/by-name';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('methodOf()', () => {

    it('finds the methods that have no settings', () => {

        for (const name of ['client_secret_basic', 'client_secret_post', 'none'] as const) {
            expect(methodOf(name).method).to.equal(name);
        }
    });

    it('leaves a method as it is', () => {

        const method = new PrivateKeyJwt();
        expect(methodOf(method)).to.shallow.equal(method);
    });

    it('refuses names that need settings or do not exist', () => {

        for (const name of ['private_key_jwt', 'client_secret_jwt', 'toString', '__proto__', '']) {
            // @ts-expect-error as plain JavaScript may call it
            expect(() => methodOf(name)).to.throw(TypeError, new RegExp(`^'${name}' is no client authentication method without settings`));
        }
    });
});
