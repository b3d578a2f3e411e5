import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { devices, people, quietServer, users } from '../fixture/flows';
import { form, provision } from '../fixture/provision';
import { refusalOf } from '../fixture/refusal';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const refresh = { grant_type: 'refresh_token', client_id: 'spa', refresh_token: 'the-refresh-token' };

describe('A flow whose tokens can be refreshed', () => {

    it('serves them where it serves its tokens, by its own handler', async () => {

        const flow = users().refreshTokenRoute((route) => route.generateToken(({ refreshToken, scope, grantType, clientId }) => ({ access_token: [grantType, clientId, refreshToken, scope].join(' ') })));
        const { server } = await provision([flow]);
        expect((await server.inject(form('/oauth2/token', { ...refresh, scope: 'a' }))).result).to.equal({ access_token: 'refresh_token spa the-refresh-token a', token_type: 'Bearer' });
        expect((await server.inject(form('/oauth2/token', { grant_type: 'refresh_token', client_id: 'spa' }))).result).to.include({ error: 'invalid_request' });
    });

    it('serves them at the path of their own route', async () => {

        const { server } = await provision([users().refreshTokenRoute((route) => route.setPath('/refresh').generateToken(() => ({ access_token: 'r' })))]);
        expect((await server.inject(form('/refresh', refresh))).statusCode).to.equal(200);
        expect((await server.inject(form('/oauth2/token', refresh))).result).to.include({ error: 'unsupported_grant_type' });
    });

    it('does not serve them without a route for it', async () => {

        const { server } = await provision([users()]);
        expect((await server.inject(form('/oauth2/token', refresh))).result).to.include({ error: 'unsupported_grant_type' });
    });

    it('may be one of several, each under a path of its own', async () => {

        const { server } = await provision([users().refreshTokenRoute((route) => route.generateToken(() => ({ access_token: 'one' })))]);
        expect(await refusalOf(server, devices().refreshTokenRoute((route) => route.generateToken(() => null))))
            .to.equal('Flow \'oauth2-device-authorization\' and flow \'oauth2-authorization-code\' both serve grant_type \'refresh_token\' at /oauth2/token: give one of them another path with setPath(), since no grant says whose refresh token it is');
        await server.register(devices().refreshTokenRoute((route) => route.setPath('/device/refresh').generateToken(() => ({ access_token: 'two' }))));
        expect((await server.inject(form('/oauth2/token', refresh))).result).to.include({ access_token: 'one' });
        expect((await server.inject(form('/device/refresh', refresh))).result).to.include({ access_token: 'two' });
    });

    it('needs a handler of level 1', async () => {

        expect(await refusalOf(quietServer(), people().refreshTokenRoute(() => undefined))).to.equal('Flow \'oidc-authorization-code\' has no handler for its refreshTokenRoute(), and nothing can be issued without one where no clients are registered: call refreshTokenRoute((route) => route.generateToken(...))');
        expect(await refusalOf(quietServer(), people().refreshTokenRoute((route) => route.issueTokens(({ defaultResponse }) => defaultResponse())))).to.match(/has issueTokens\(\) in refreshTokenRoute\(\)/);
    });
});
