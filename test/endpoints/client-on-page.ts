import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { shownClient } from '../../lib/endpoints/client-on-page';
import { ClientRegistry } from '../../lib/clients/registry';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('shownClient()', () => {

    it('shows the name of a client and what it links to, or its id', async () => {

        const registry = new ClientRegistry([
            { client_id: 'a', client_name: 'Reports', token_endpoint_auth_method: 'none', redirect_uris: ['https://a.example/cb'], logo_uri: 'https://a.example/l', client_uri: 'https://a.example/', policy_uri: 'https://a.example/p', tos_uri: 'https://a.example/t' },
            { client_id: 'b', token_endpoint_auth_method: 'none', redirect_uris: ['https://b.example/cb'] }
        ]);
        const [one, other] = [await registry.find('a'), await registry.find('b')];
        expect(one && shownClient(one)).to.include({ logoUri: undefined });
        expect(one && shownClient(one, '/logo')).to.equal({ name: 'Reports', isVerified: true, logoUri: '/logo', clientUri: 'https://a.example/', policyUri: 'https://a.example/p', tosUri: 'https://a.example/t' });
        expect(other && shownClient(other)).to.include({ name: 'b', isVerified: true, logoUri: undefined });
    });
});
