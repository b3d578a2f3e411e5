import crumb from '@hapi/crumb';
import yar from '@hapi/yar';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { AuthorizationServerBuilder, OAuth2ClientCredentialsBuilder } from '../../lib';
import { machines, quietServer, users } from '../fixture/flows';
import { basic, form } from '../fixture/provision';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('an endpoint, beside other plugins', () => {

    const token = form('/oauth2/token', { grant_type: 'client_credentials' }, { authorization: basic('anybody', 'secret') });

    const beginWithCrumb = async () => {

        const server = quietServer();
        await server.register({ plugin: crumb, options: { cookieOptions: { isSecure: false } } });
        return server;
    };

    it('is open to forms without the token of @hapi/crumb', async () => {

        const server = await beginWithCrumb();
        await server.register([machines().addClientAuthenticationMethod('client_secret_basic'), users()]);
        expect((await server.inject(token)).statusCode).to.equal(200);
        const page = await server.inject(form('/oauth2/authorize', {}));
        expect(page.payload).to.not.contain('Forbidden');
    });

    it('makes no new token of @hapi/crumb, which would end that of a form elsewhere', async () => {

        const server = await beginWithCrumb();
        await server.register([machines().addClientAuthenticationMethod('client_secret_basic'), users()]);
        server.route({ method: 'GET', path: '/own', handler: () => 'own' });
        const cookies = async (request: Parameters<typeof server.inject>[0]) => (await server.inject(request)).headers['set-cookie'];
        expect(await cookies('/own')).to.have.length(1);
        for (const request of ['/oauth2/authorize', '/oauth2/keys', '/.well-known/oauth-authorization-server', token]) {
            expect(await cookies(request)).to.be.undefined();
        }
    });

    it('may be put under the care of @hapi/crumb by the app, with what else it tells other plugins', async () => {

        const server = await beginWithCrumb();
        const flow = OAuth2ClientCredentialsBuilder.create().tokenRoute((route) => route.setOptions({ plugins: { crumb: true } }).generateToken(() => null));
        await server.register(flow);
        expect((await server.inject(token)).statusCode).to.equal(403);
    });

    it('has cookies parsed, without which @hapi/yar fails, and passes over odd ones', async () => {

        const server = quietServer();
        await server.register({ plugin: yar, options: { storeBlank: false, cookieOptions: { password: 'a cookie password of 32 characters', isSecure: false } } });
        await server.register([AuthorizationServerBuilder.create(), machines().addClientAuthenticationMethod('client_secret_basic')]);
        await server.initialize();
        for (const cookie of [undefined, 'session=odd', 'a=b=c; "', 'session=odd; session=odder']) {
            const { statusCode, headers } = await server.inject({ ...token, headers: { ...token.headers, ...cookie === undefined ? {} : { cookie } } });
            expect([cookie, statusCode, headers['content-type']]).to.equal([cookie, 200, 'application/json; charset=utf-8']);
        }
    });
});
