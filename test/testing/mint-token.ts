import type { Plugin } from '@hapi/hapi';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { BearerToken, OAuth2ClientCredentialsBuilder, type AuthorizationServerBuilder, type Confirmation, type TokenType } from '../../lib';
import { mintToken, type MintOptions, type TokenFlaw } from '../../lib/testing';
import { machines, people, users } from '../fixture/flows';
import { pairwiseClients } from '../fixture/openid-server';
import { provision } from '../fixture/provision';
import { clients, device, login } from '../fixture/registered-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const reports = 'https://reports.example.com';
const billing = 'https://billing.example.com';

/** A server with a route for each strategy, and a look at what a minted token opens there. */
const minting = async (flows: readonly Plugin<void>[], configure: (hub: AuthorizationServerBuilder) => unknown = () => undefined) => {

    const { server, clock } = await provision(flows, configure);
    const look = async (strategy: string, { token, headers }: Awaited<ReturnType<typeof mintToken>>) => {

        const path = `/${strategy}`;
        if (server.match('get', path) === null) {
            server.route({ method: 'GET', path, options: { auth: strategy }, handler: ({ auth: { credentials } }) => ({ ...credentials }) });
        }

        const { statusCode, payload } = await server.inject({ url: path, headers });
        return { statusCode, token, body: { ...Object(JSON.parse(payload)) } };
    };

    return { server, clock, look, open: async (options: MintOptions = {}, strategy = options.strategy ?? 'oauth2') => await look(strategy, await mintToken(server, options)) };
};

const level2 = (hub: AuthorizationServerBuilder) => hub.setClients(clients).setResources({
    [reports]: { default: true, scopes: { 'reports:read': 'Read' } },
    [billing]: { strategy: 'billing', format: 'opaque', scopes: { 'invoices:read': 'Read' } }
});

const flaws: readonly TokenFlaw[] = ['expired', 'wrong_audience', 'forged', 'revoked'];

describe('mintToken()', () => {

    it('makes a token that the strategy really accepts, on a grant in the store', async () => {

        const { server, open } = await minting([login(), device()], level2);
        const { headers, grantId, token } = await mintToken(server, { subject: 'ada', scope: ['email', 'reports:read'], claims: { plan: 'gold', iss: 'nobody' } });
        expect(headers).to.equal({ authorization: `Bearer ${token}` });
        const { statusCode, body } = await open({ subject: 'ada', scope: ['email', 'reports:read'], claims: { plan: 'gold', iss: 'nobody' } });
        expect(statusCode).to.equal(200);
        expect(body).to.include({ user: { id: 'ada' }, app: { id: 'web' }, scope: ['email', 'reports:read'] });
        expect(body.claims).to.include({ plan: 'gold', iss: 'http://localhost', aud: reports, flow: 'oidc-authorization-code' });
        expect(await server.oauth2.tokens.introspect(token)).to.include({ active: true, sub: 'ada' });
        expect(await server.oauth2.grants.find(String(grantId))).to.include({ clientId: 'web', subject: 'ada', scopes: ['email', 'reports:read'] });
        expect(await server.oauth2.grants.revokeSubject('ada')).to.equal(2);
    });

    it('is for the strategy of a flow, or of a resource, whose tokens may be opaque', async () => {

        const { open } = await minting([login(), device()], level2);
        expect((await open({ strategy: 'oauth2-device-authorization', subject: 'ada', clientId: 'tv' })).body.claims).to.include({ flow: 'oauth2-device-authorization', client_id: 'tv' });
        expect((await open({ strategy: 'oauth2-device-authorization', flow: 'oidc-authorization-code', subject: 'ada' })).statusCode).to.equal(401);

        const kept = await open({ strategy: 'billing', subject: 'ada', scope: 'invoices:read' });
        expect([kept.statusCode, kept.token.split('.').length, kept.body.claims.aud]).to.equal([200, 1, billing]);
        expect((await open({ subject: 'ada', scope: 'invoices:read' }, 'billing')).statusCode).to.equal(200);
        expect((await open({ resource: billing, subject: 'ada' }, 'billing')).statusCode).to.equal(200);
        expect((await open({ resource: billing, subject: 'ada' }, 'oauth2')).statusCode).to.equal(401);
    });

    for (const flaw of flaws) {
        it(`makes one that is refused: ${flaw}`, async () => {

            const { open, server } = await minting([login()], level2);
            for (const strategy of ['oauth2', 'billing']) {
                expect((await open({ strategy, subject: 'ada', flaw })).statusCode).to.equal(401);
                expect((await open({ strategy, subject: 'ada' })).statusCode).to.equal(200);
            }

            expect((await server.oauth2.grants.list({ subject: 'ada' })).items).to.have.length(flaw === 'revoked' ? 2 : 4);
        });
    }

    it('lives as long as its flow says, or as it is told', async () => {

        const { server, clock, look } = await minting([login().setTokenTTL(600)], level2);
        const [usual, short, long] = await Promise.all([undefined, 60, 6000].map((expiresIn) => mintToken(server, { subject: 'ada', expiresIn })));
        const alive = async () => await Promise.all([usual, short, long].map(async (minted) => (minted === undefined ? null : (await look('oauth2', minted)).statusCode)));
        expect(await alive()).to.equal([200, 200, 200]);
        clock.advance(60);
        expect(await alive()).to.equal([200, 401, 200]);
        clock.advance(540);
        expect(await alive()).to.equal([401, 401, 200]);
        clock.advance(5400);
        expect(await alive()).to.equal([401, 401, 401]);
    });

    it('stands for the client itself without a subject', async () => {

        const { open } = await minting([OAuth2ClientCredentialsBuilder.create()], (hub) => hub.setClients([...clients, { client_id: 'nightly', client_secret: 's', grant_types: ['client_credentials'] }]));
        const { body } = await open({ strategy: 'oauth2-client-credentials' });
        expect(body.app).to.equal({ id: 'nightly' });
        expect(body.user).to.be.undefined();
    });

    it('knows users by the subjects of the client', async () => {

        const { open } = await minting([login()], (hub) => hub.setClients(pairwiseClients).setPairwiseSalt('a salt of 32 characters and more'));
        expect((await open({ subject: 'ada' })).body.user.id).to.match(/^[\w-]{43}$/);
    });

    it('is of a flow whose handlers prove too, on no grant', async () => {

        const { server, open } = await minting([machines(), people()]);
        expect((await mintToken(server)).grantId).to.be.null();
        expect((await open({ scope: 'anything' })).body).to.include({ app: { id: 'test-client' }, scope: ['anything'] });
        expect((await open({ subject: 'ada', clientId: 'spa', scope: 'email' })).body).to.include({ app: { id: 'spa' }, user: { id: 'ada' } });
        expect((await open({ flaw: 'expired' })).statusCode).to.equal(401);
    });

    it('is presented and bound as its flow wants it', async () => {

        const seen: unknown[] = [];
        const type: TokenType = Object.assign(new BearerToken(), {
            name: 'Toy',
            verify: (_request: unknown, { confirmation }: { readonly confirmation?: Confirmation | undefined }) => {

                seen.push(confirmation);
            }
        });
        const { server, look } = await minting([users().setTokenType(type)]);
        const minted = await mintToken(server, { subject: 'ada', confirmation: { jkt: 'thumbprint' } });
        expect(minted.headers.authorization).to.startWith('Toy ');
        expect((await look('oauth2', minted)).statusCode).to.equal(200);
        expect(seen).to.equal([{ jkt: 'thumbprint' }]);
    });

    it('says what the server could not have issued', async () => {

        const { server } = await minting([login(), OAuth2ClientCredentialsBuilder.create()], level2);
        const said: readonly (readonly [MintOptions, string])[] = [
            [{ strategy: 'nobody' }, 'There is no strategy \'nobody\': this server has \'oauth2\', \'billing\', \'oidc-authorization-code\', \'oauth2-client-credentials\''],
            [{ flow: 'nobody' }, 'No flow called \'nobody\' issues tokens: there are \'oidc-authorization-code\', \'oauth2-client-credentials\''],
            [{ strategy: 'oauth2-client-credentials', subject: 'ada' }, 'No flow called \'oauth2-client-credentials\' issues tokens for users: there are \'oidc-authorization-code\', \'oauth2-client-credentials\''],
            [{ subject: 'web' }, 'The user \'web\' has the id of the client: leave out subject for a token of the client itself'],
            [{ clientId: 'nobody' }, 'No client \'nobody\' is registered'],
            [{ flow: 'oauth2-client-credentials' }, 'Nothing says which client the token is for: give the clientId of one that may use the flow \'oauth2-client-credentials\''],
            [{ scope: 'reports:raed' }, 'Flow \'oidc-authorization-code\' does not know the scope \'reports:raed\': declare it with setScopes() or setResources()'],
            [{ resource: 'https://nobody.example.com' }, 'There is no such token: the resource \'https://nobody.example.com\' is not declared with setResources(), or has not all of the scopes \'\''],
            [{ strategy: 'oauth2', scope: 'invoices:read' }, `There is no such token: the resource '${reports}' is not declared with setResources(), or has not all of the scopes 'invoices:read'`],
            [{ scope: 'invoices:read reports:read' }, 'There is no such token: say with resource or strategy which resource the scopes \'invoices:read reports:read\' are of']
        ];
        for (const [options, sentence] of said) {
            await expect(mintToken(server, options)).to.reject(sentence);
        }

        expect((await server.oauth2.grants.list({ clientId: 'web' })).items).to.be.empty();
    });

    it('makes no good token of a slip of the pen', async () => {

        const { server } = await minting([login()], (hub) => hub.setClients(clients));
        const scopes: object = { scopes: 'reports:read' };
        await expect(mintToken(server, scopes)).to.reject('mintToken() has no option \'scopes\': it has strategy, flow, resource, subject, clientId, scope, claims, expiresIn, confirmation, flaw');
        const flaw: object = { flaw: 'expird' };
        await expect(mintToken(server, flaw)).to.reject('mintToken() knows no flaw \'expird\': it knows expired, wrong_audience, forged, revoked');
    });

    it('says which client it needs where nobody can list them', async () => {

        const { server } = await minting([login()], (hub) => hub.setClients(new Map(clients.map((client) => [client.client_id, client]))));
        await expect(mintToken(server)).to.reject(/^Nothing says which client the token is for: /);
        expect((await mintToken(server, { clientId: 'web' })).grantId).to.be.a.string();
    });

    it('says where the app has tokens or grants of its own', async () => {

        const { server } = await minting([users().useAccessTokenJwks(false).validate(() => ({ isValid: true })), machines()]);
        await expect(mintToken(server, { subject: 'ada' })).to.reject('Flow \'oauth2-authorization-code\' has tokens that only its own handlers can make: it calls useAccessTokenJwks(false)');
        await expect(mintToken(server, { flow: 'oauth2-client-credentials', flaw: 'revoked' })).to.reject('Flow \'oauth2-client-credentials\' keeps no grants that could be revoked: its own handlers do');
    });
});
