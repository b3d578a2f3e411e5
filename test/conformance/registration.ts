import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { callback, startCertification, type RunningCertification } from '../fixture/certification';
import { registration, runModule, type Plan } from '../fixture/conformance-module';
import { RelyingParty, descriptionOf, plainText, type Json } from '../fixture/relying-party';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

const plan: Plan = { title: 'Third-party initiated login', mode: 'query', dynamic: true };

describe('clients that register themselves', { timeout: 30_000 }, () => {

    let op: RunningCertification;
    before(async () => {

        op = await startCertification();
    });
    after(() => op.stop());

    const post = async (body: string) => {

        const rp = await RelyingParty.start(op);
        return await op.call(rp.endpoint('registration'), { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    };

    const refused = async (changes: Json | string): Promise<string> => {

        const { status, headers, json } = await post(typeof changes === 'string' ? changes : JSON.stringify(registration(changes)));
        expect(status, JSON.stringify(changes)).to.equal(400);
        expect(headers.get('content-type')).to.match(/^application\/json(?:;|$)/);
        expect(descriptionOf(json)).to.match(plainText);
        return String(json.error);
    };

    it('rule 13: registration', async () => {

        const asked = registration();
        const { status, headers, json } = await post(JSON.stringify(asked));
        expect(status).to.equal(201);
        expect(headers.get('content-type')).to.match(/^application\/json(?:;|$)/);
        expect(headers.get('cache-control')).to.contain('no-store');
        expect(json).to.include(asked);
        expect(json.client_id).to.be.a.string();
        expect([typeof json.client_secret, json.client_secret_expires_at]).to.equal(['string', 0]);
        expect(String(json.registration_client_uri)).to.startWith(`${op.issuer}/`);
        expect(json.registration_access_token).to.be.a.string();

        const uri = String(json.registration_client_uri);
        const authorization = { authorization: `Bearer ${String(json.registration_access_token)}` };
        const read = await op.call(uri, { headers: authorization });
        expect([read.status, read.json.client_id]).to.equal([200, json.client_id]);
        expect((await op.call(uri, { headers: { authorization: 'Bearer another' } })).status).to.equal(401);
        const removed = await op.call(uri, { method: 'DELETE', headers: authorization });
        expect([removed.status, removed.text]).to.equal([204, '']);
        expect((await op.call(uri, { headers: authorization })).status).to.equal(401);
    });

    it('rule 13: refusals', async () => {

        expect(await refused({ redirect_uris: [`${callback}#fragment`] })).to.equal('invalid_redirect_uri');
        expect(await refused({ redirect_uris: ['javascript:alert(1)'] })).to.equal('invalid_redirect_uri');
        expect(await refused({ redirect_uris: [] })).to.equal('invalid_redirect_uri');
        expect(await refused({ token_endpoint_auth_method: 'tls_magic' })).to.equal('invalid_client_metadata');
        expect(await refused({ grant_types: ['implicit'] })).to.equal('invalid_client_metadata');
        expect(await refused({ response_types: ['id_token'] })).to.equal('invalid_client_metadata');
        expect(await refused({ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{ kty: 'RSA', kid: 'broken' }] } })).to.equal('invalid_client_metadata');
        expect(await refused('[]')).to.equal('invalid_client_metadata');
        expect(['invalid_request', 'invalid_client_metadata']).to.include(await refused('{'));
    });

    it('oidcc-3rd_party-init-login', async () => {

        await runModule(op, plan, async ({ register }) => {

            const uri = 'https://rp.example.com/login';
            const client = await register({ initiate_login_uri: uri });
            expect(client.initiate_login_uri).to.equal(uri);
            const { status, headers, json } = await op.call(String(client.registration_client_uri), { headers: { authorization: `Bearer ${String(client.registration_access_token)}` } });
            expect([status, json.initiate_login_uri]).to.equal([200, uri]);
            expect(headers.get('content-type')).to.match(/^application\/json(?:;|$)/);
        });
    });

    it('oidcc-3rd_party-init-login-nohttps', async () => {

        expect(await refused({ initiate_login_uri: 'http://rp.example.com/login' })).to.equal('invalid_client_metadata');
    });
});
