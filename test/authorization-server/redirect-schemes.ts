import Hapi from '@hapi/hapi';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { login, registeredServer } from '../fixture/registered-server';
import { AuthorizationServerBuilder, MemoryStore, type AuthorizationServerBuilder as Hub, type ClientMetadata } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const redirectUri = 'cursor://example.app/callback';
const cursor: ClientMetadata = { client_id: 'cursor', token_endpoint_auth_method: 'none', redirect_uris: [redirectUri], scope: 'openid email', consent: 'none' };
const withoutDot = /redirect_uris\.0 has a scheme without a dot/;

const serving = (configure: (hub: Hub) => unknown) => registeredServer([login()], (hub) => configure(hub.setClients([{ ...cursor, consent: undefined }]).allowRedirectSchemes(['cursor'])));

describe('allowRedirectSchemes()', () => {

    it('rule 14: lets clients of the operator have the schemes it lists, and sends answers there', async () => {

        const { authorize } = await serving(() => undefined);
        const asked = { client_id: 'cursor', redirect_uri: redirectUri, scope: 'openid email' };
        expect((await authorize(asked)).headers.location).to.match(/^cursor:\/\/example\.app\/callback\?code=/);
        expect((await authorize(asked, 'deny')).headers.location).to.match(/^cursor:\/\/example\.app\/callback\?error=access_denied/);
        for (const other of ['cursor://example.app/', 'cursor://evil/callback', 'cursor:example.app/callback', 'CURSOR://example.app/callback', 'vscode://example.app/callback']) {
            expect((await authorize({ ...asked, redirect_uri: other })).statusCode, other).to.equal(400);
        }
    });

    it('attack: no client has another one, from a list or from a store, and none has any where nothing is listed', async () => {

        const hub = () => AuthorizationServerBuilder.create().setClients([cursor]);
        expect(() => hub().register(Hapi.server())).to.throw(withoutDot);
        expect(() => hub().allowRedirectSchemes(['vscode']).register(Hapi.server())).to.throw(withoutDot);
        expect(() => hub().allowRedirectSchemes(['cursor']).allowRedirectSchemes([]).register(Hapi.server())).to.throw(withoutDot);
        const { authorize } = await registeredServer([login()], (other) => other.setClients(new Map([['cursor', cursor]])).allowRedirectSchemes(['vscode']));
        expect((await authorize({ client_id: 'cursor', redirect_uri: redirectUri })).statusCode).to.equal(500);
    });

    it('refuses what no app can claim when it is called, and to be called too late', async () => {

        const hub = AuthorizationServerBuilder.create();
        expect(() => hub.allowRedirectSchemes(['javascript'])).to.throw(/^allowRedirectSchemes\(\) cannot allow 'javascript'/);
        await Hapi.server().register(hub);
        expect(() => hub.allowRedirectSchemes(['cursor'])).to.throw(/allowRedirectSchemes\(\) before/);
    });

    it('holds for clients that register themselves, as long as it is there', async () => {

        const store = new MemoryStore({ clock: () => Date.now() });
        const registration = { redirect_uris: [redirectUri], token_endpoint_auth_method: 'none', application_type: 'native' };
        const register = async (configure: (hub: Hub) => unknown, metadata: object = registration) => {

            const { server, authorizeUrl } = await registeredServer([login()], (hub) => configure(hub.setStore(store).setSecrets(['s'.repeat(32)]).registrationRoute((route) => route.allow('open'))));
            const { statusCode, result } = await server.inject<Readonly<Record<string, unknown>>>({ method: 'POST', url: '/oauth2/register', payload: metadata });
            return { server, authorizeUrl, statusCode, body: result ?? {} };
        };

        const refused = { error: 'invalid_redirect_uri' };
        expect((await register(() => undefined)).body).to.include(refused);
        expect((await register((hub) => hub.allowRedirectSchemes(['vscode']))).body).to.include(refused);
        for (const uri of ['javascript:alert(1)', 'cursor-x://cb', 'cursor://cb#x']) {
            expect((await register((hub) => hub.allowRedirectSchemes(['cursor']), { ...registration, redirect_uris: [uri] })).body, uri).to.include(refused);
        }

        const { server, statusCode, body, authorizeUrl } = await register((hub) => hub.allowRedirectSchemes(['cursor']));
        expect(statusCode).to.equal(201);
        const url = authorizeUrl({ client_id: String(body.client_id), redirect_uri: redirectUri, scope: 'openid' });
        expect((await server.inject(url)).statusCode).to.equal(200);
        const { server: without } = await register(() => undefined);
        expect((await without.inject(url)).statusCode).to.equal(500);
    });
});
