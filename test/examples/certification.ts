import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { ada, clientsFor, createCertification } from '../../examples/certification/server';
import { person } from '../fixture/outside-browser';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('the certification server', () => {

    it('has the clients and the user that its page names', () => {

        const page = readFileSync(join(__dirname, '..', '..', 'docs/conformance.md'), 'utf8');
        for (const { client_id: id, client_secret: secret } of Object.values(clientsFor('https://rp.example.com/callback'))) {
            expect(page).to.contain([`\`${id}\``, `\`${secret}\``]);
        }

        expect(page).to.contain([`\`${person.username}\``, `\`${person.password}\``]);
        expect(Object.keys(ada)).to.have.length(19);
    });

    it('speaks plain http behind a proxy, as the issuer that the proxy is', async () => {

        const server = await createCertification({ port: 0, issuer: 'https://op.localhost', callback: 'https://rp.example.com/callback', tls: null });
        expect(server.info.protocol).to.equal('http');
        const { result } = await server.inject<Record<string, unknown>>('/.well-known/openid-configuration');
        expect(result?.token_endpoint).to.equal('https://op.localhost/oauth2/token');
    });
});
