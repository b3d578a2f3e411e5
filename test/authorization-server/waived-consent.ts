import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { reportWaivedConsent } from '../../lib/authorization-server/waived-consent';
import { ClientRegistry } from '../../lib/clients/registry';
import { quietServer } from '../fixture/flows';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const open = { token_endpoint_auth_method: 'none', consent: 'none' } as const;

const said = async (clients: ClientRegistry | null) => {

    const server = quietServer();
    const texts: string[] = [];
    server.events.on({ name: 'log', filter: { tags: ['oauth', 'consent'], all: true } }, ({ data }) => texts.push(typeof data === 'string' ? data : 'no text'));
    reportWaivedConsent(server, clients);
    expect(texts).to.equal([]);
    await server.initialize();
    return texts;
};

describe('reportWaivedConsent()', () => {

    it('says at start, once for each, which clients that others can pose as have waived consent', async () => {

        const texts = await said(new ClientRegistry([
            { ...open, client_id: 'app', redirect_uris: ['https://app.example.com/cb', 'com.example.app:/cb'] },
            { ...open, client_id: 'cli', redirect_uris: ['http://127.0.0.1/cb'] }
        ]));
        expect(texts.map((text) => /'(\w+)' has consent: 'none'/.exec(text)?.[1])).to.equal(['app', 'cli']);
        expect(texts[0]).to.include('RFC 8252 §8.6');
    });

    it('says nothing of clients that nobody can pose as, that have not waived it, or that cannot be listed', async () => {

        expect(await said(new ClientRegistry([
            { ...open, client_id: 'spa', redirect_uris: ['https://spa.example.com/cb'] },
            { ...open, client_id: 'tv', grant_types: [] },
            { token_endpoint_auth_method: 'none', client_id: 'asking', redirect_uris: ['http://127.0.0.1/cb'] },
            { consent: 'none', client_id: 'desktop', client_secret: 's', redirect_uris: ['http://127.0.0.1/cb'] }
        ]))).to.equal([]);
        expect(await said(new ClientRegistry(new Map()))).to.equal([]);
        expect(await said(null)).to.equal([]);
    });
});
