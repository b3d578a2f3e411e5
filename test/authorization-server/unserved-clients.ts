import { expect } from '@hapi/code';
import type { Plugin } from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { AuthorizationServerBuilder, OAuth2ClientCredentialsBuilder, OIDCAuthorizationCodeBuilder, type ClientMetadata } from '../../lib';
import { quietServer } from '../fixture/flows';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const machine = { client_id: 'machine', client_secret: 's'.repeat(32), grant_types: ['client_credentials'], scope: 'read' };

/** What is said at start of some clients, by a server whose flow declares the scope `read`. */
const said = async (clients: readonly ClientMetadata[], configure: (hub: AuthorizationServerBuilder) => unknown = () => undefined, flows: readonly Plugin<void>[] = [OAuth2ClientCredentialsBuilder.create().setScopes({ read: 'Read' })]) => {

    const server = quietServer();
    const texts: unknown[] = [];
    server.events.on({ name: 'log', filter: { tags: ['oauth', 'client'], all: true } }, ({ data }) => texts.push(data));
    const hub = AuthorizationServerBuilder.create().setClients(clients);
    configure(hub);
    await server.register([hub, ...flows]);
    expect(texts).to.equal([]);
    await server.initialize();
    return texts;
};

describe('What client records name and nobody serves', () => {

    it('is said at start: grant types and scopes, each with its client', async () => {

        expect(await said([machine, { ...machine, client_id: 'slip', grant_types: ['client_credential', 'client_credentials'], scope: 'read raed' }])).to.equal([
            'The record of the client \'slip\' names the grant type \'client_credential\', which no flow of this server has: is it spelled right?',
            'The record of the client \'slip\' names the scope \'raed\', which no flow of this server has: is it spelled right?'
        ]);
    });

    it('is nothing where all is served: by another flow, by a resource, or because every scope exists', async () => {

        const web = { client_id: 'web', client_secret: 's'.repeat(32), redirect_uris: ['https://web.example.com/cb'], grant_types: ['authorization_code', 'refresh_token'], scope: 'openid offline_access files' };
        const withFiles = (hub: AuthorizationServerBuilder) => hub.setResources({ 'https://api.example.com': { scopes: { files: 'Files' } } }).authenticateUser(() => null);
        const { redirect_uris: _none, scope: _noScope, ...silent } = { ...web, client_id: 'silent', redirect_uris: [], grant_types: ['client_credentials'] };
        expect(await said([machine, web, silent], withFiles, [OAuth2ClientCredentialsBuilder.create().setScopes({ read: 'Read' }), OIDCAuthorizationCodeBuilder.create()])).to.equal([]);
        expect(await said([{ ...machine, scope: 'anything at all' }], undefined, [OAuth2ClientCredentialsBuilder.create()])).to.equal([]);
    });
});
