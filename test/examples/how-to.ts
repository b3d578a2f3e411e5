import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from '@hapi/code';
import type { Server } from '@hapi/hapi';
import * as Lab from '@hapi/lab';
import { SignJWT } from 'jose';

import { endEverything, start } from '../../examples/flows/how-to';
import { collectEvents, runClientCredentialsFlow, runCodeFlow } from '../../lib/testing';
import { exampleSources } from '../fixture/example';
import { freePort } from '../fixture/net';

const lab = Lab.script();
const { after, before, describe, it } = lab;
export { lab };

const page = readFileSync(join(__dirname, '..', '..', 'docs', 'how-to.md'), 'utf8');

describe('the page of common tasks', { timeout: 30_000 }, () => {

    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256', publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
    let now = Date.now();
    const clock = () => now;
    let server: Server;
    before(async () => {

        server = await start(await freePort(), publicKey, clock);
    });
    after(() => server.stop());

    const reports = async (headers: Record<string, string>) => await server.inject({ url: '/reports', headers });
    const person = { clientId: 'app', scope: 'openid reports:read', username: 'ada', password: 'lovelace' };

    it('shows no code that is not in an example', () => {

        const text = (code: string) => code.replaceAll(/^ +/gm, '');
        const sources = [...exampleSources().values()].map(text);
        const blocks = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, block = '']) => text(block));
        expect(blocks.length).to.be.at.least(6);
        expect(blocks.filter((block) => !sources.some((source) => source.includes(block)))).to.equal([]);
    });

    it('has a login page that says what was wrong, goes on for the same request, and tokens with a claim of the app', async () => {

        await expect(runCodeFlow(server, { ...person, password: 'wrong' })).to.reject(/The name or the password is wrong/);
        const { headers, idTokenClaims } = await runCodeFlow(server, person);
        expect(idTokenClaims).to.include({ sub: 'user-1', plan: 'gold' });
        expect((await reports(headers)).result).to.equal({ plan: 'gold', client: 'app' });
        const { payload } = await server.inject('/login?interaction=%22%3E%3Cscript%3E');
        expect(payload).to.not.contain('<script>');
    });

    it('has a client that signs', async () => {

        const assertion = await new SignJWT({ jti: 'once' }).setProtectedHeader({ alg: 'ES256' })
            .setIssuer('acme').setSubject('acme').setAudience(server.info.uri).setIssuedAt(new Date(now)).setExpirationTime(new Date(now + 60_000)).sign(createPrivateKey(privateKey));
        const clientParameters = { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion: assertion };
        const { headers } = await runClientCredentialsFlow(server, { clientId: 'acme', scope: 'reports:read', clientParameters });
        expect((await reports(headers)).result).to.equal({ plan: null, client: 'acme' });
    });

    it('ends all of a user: the tokens at once, and what a browser that is still signed in would get', async () => {

        const { headers, jar } = await runCodeFlow(server, person);
        const events = collectEvents(server);
        expect((await runCodeFlow(server, { clientId: 'app', scope: person.scope, jar })).accessToken).to.be.a.string();
        now += 2000;
        expect(await endEverything(server, 'user-1')).to.be.above(0);
        expect((await reports(headers)).statusCode).to.equal(401);
        await expect(runCodeFlow(server, { clientId: 'app', scope: person.scope, jar })).to.reject();
        expect(events.of('signed_out')).to.equal([{ subjects: ['user-1'], session_id: null, clients: [], revoked: 0 }]);

        now += 2000;
        const again = await runCodeFlow(server, { ...person, jar });
        expect((await reports(again.headers)).statusCode).to.equal(200);
    });
});
