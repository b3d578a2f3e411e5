import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from '@hapi/code';
import type { Server } from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { createServer as jmondi } from '../../examples/migration/jmondi-oauth2-server';
import { createServer as kaapi } from '../../examples/migration/kaapi-oauth2-auth-design';
import { createServer as nodeOAuth } from '../../examples/migration/node-oauth2-server';
import { createServer as oidcProvider } from '../../examples/migration/oidc-provider';
import { runClientCredentialsFlow, runCodeFlow, runRefresh } from '../../lib/testing';
import { exampleSources } from '../fixture/example';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const person = { username: 'ada', password: 'lovelace' };
const redirectUri = 'https://app.example.com/callback';

const reportsFor = async (server: Server, headers: Readonly<Record<string, string>>) => {

    const { statusCode, result } = await server.inject({ url: '/reports', headers: { ...headers } });
    return { statusCode, result };
};

describe('what a switch from another library ends in', () => {

    it('serves people and machines as a Kaapi app did', async () => {

        const server = await kaapi();
        const machine = await runClientCredentialsFlow(server, { clientId: 'nightly', scope: 'reports:read' });
        expect(await reportsFor(server, machine.headers)).to.equal({ statusCode: 200, result: { reports: ['Q1', 'Q2'], client: 'nightly', user: undefined } });
        const tokens = await runCodeFlow(server, { clientId: 'web', scope: 'openid email offline_access reports:read', ...person });
        expect(await reportsFor(server, tokens.headers)).to.equal({ statusCode: 200, result: { reports: ['Q1', 'Q2'], client: 'web', user: 'user-1' } });
        const { headers } = await runRefresh(server, { clientId: 'web', refreshToken: tokens.refreshToken });
        expect((await reportsFor(server, headers)).statusCode).to.equal(200);
    });

    it('serves the paths of an oidc-provider, with its login page', async () => {

        const server = await oidcProvider();
        const { result } = await server.inject('/.well-known/openid-configuration');
        const paths = Object.entries(Object(result)).filter(([name]) => /_endpoint$|^jwks_uri$/.test(name)).map(([, url]) => new URL(String(url)).pathname);
        expect(paths).to.include(['/auth', '/token', '/jwks', '/me', '/session/end', '/token/introspection', '/token/revocation']);
        const tokens = await runCodeFlow(server, { clientId: 'web', scope: 'openid email offline_access', ...person });
        expect(tokens.refreshToken).to.be.a.string();
        expect((await server.inject({ url: '/me', headers: tokens.headers })).result).to.equal({ sub: 'user-1', email: 'ada@example.com' });
        expect((await runClientCredentialsFlow(server, { clientId: 'nightly', scope: 'reports:read' })).accessToken).to.be.a.string();
    });

    it('reads the clients of a model, and of a repository', async () => {

        for (const [create, user] of [[nodeOAuth, { user: 'user-1' }], [jmondi, { plan: 'gold' }]] as const) {
            const server = await create();
            const machine = await runClientCredentialsFlow(server, { clientId: 'nightly', scope: 'reports:read' });
            expect((await reportsFor(server, machine.headers)).statusCode).to.equal(200);
            const tokens = await runCodeFlow(server, { clientId: 'web', scope: 'reports:read', redirectUri, ...person });
            expect(await reportsFor(server, tokens.headers)).to.equal({ statusCode: 200, result: { reports: ['Q1', 'Q2'], ...user } });
            expect((await runRefresh(server, { clientId: 'web', refreshToken: tokens.refreshToken })).accessToken).to.be.a.string();
        }
    });

    it('is what the pages show, whole', () => {

        for (const name of ['kaapi-oauth2-auth-design', 'oidc-provider', 'node-oauth2-server', 'jmondi-oauth2-server']) {
            const source = exampleSources().get(`migration/${name}.ts`) ?? '';
            const page = readFileSync(join(__dirname, '..', '..', 'docs', 'migration', `${name}.md`), 'utf8');
            expect(page, name).to.include(`\`\`\`ts\n${source.slice(source.indexOf('import'))}\`\`\``);
        }
    });
});
