import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { startCertification, type RunningCertification } from '../fixture/certification';
import { plans, runModule, type Module } from '../fixture/conformance-module';
import type { Outcome } from '../fixture/outside-browser';
import { codeChallenge, codeVerifier } from '../fixture/flows';
import { longState } from '../fixture/relying-party';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

/** What the screenshot shows that a person looks at. */
const errorPage = ({ callback, seen }: Outcome): string => {

    expect(callback).to.be.null();
    expect(seen.map(({ kind, status }) => [kind, status])).to.equal([['other', 400]]);
    expect(seen[0]?.html).to.contain('<h1>');
    return seen[0]?.html ?? '';
};

const unsigned = (claims: object): string => [{ alg: 'none' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.') + '.';

for (const plan of plans) {
    describe(`${plan.title}: authorization requests`, { timeout: 30_000 }, () => {

        let op: RunningCertification;
        before(async () => {

            op = await startCertification();
        });
        after(() => op.stop());

        const module = (name: string, body: (module: Module) => Promise<unknown>): void => void it(name, () => runModule(op, plan, body));

        module('oidcc-server', async ({ rp, client1, browser }) => {

            const { outcome, claims, reply } = await rp.signIn(browser, {}, { client: client1 });
            expect(outcome.seen.map(({ kind }) => kind)).to.equal(['sign-in', 'consent']);
            expect(claims.sub).to.equal('user-1');
            expect(reply.expires_in).to.equal(3600);
        });

        module('oidcc-response-type-missing', async ({ rp, client1, browser }) => {

            const { sent, parameters } = rp.request(client1, { response_type: undefined });
            const outcome = await rp.visit(browser, parameters);
            expect(['invalid_request', 'unsupported_response_type']).to.include(rp.errorOf(outcome, sent));
        });

        module('oidcc-idtoken-signature', async ({ rp, register, browser, client1: { redirectUri } }) => {

            const { client_id: id, client_secret: secret } = await register({ redirect_uris: [redirectUri] });
            await rp.signIn(browser, {}, { client: { id: String(id), secret: String(secret), method: 'client_secret_basic', redirectUri } });       // RS256, and a kid of the JWKS
        });

        module('oidcc-idtoken-unsigned', async ({ rp }) => {

            expect(rp.metadata.id_token_signing_alg_values_supported).to.include(['RS256']).and.not.include(['none']);          // No `none`: skipped
        });

        module('oidcc-ensure-request-without-nonce-succeeds-for-code-flow', async ({ rp, client1, browser }) => {

            const { claims } = await rp.signIn(browser, { nonce: undefined }, { client: client1 });
            expect(claims).to.not.include('nonce');
        });

        module('oidcc-alternate-happy-flow', async ({ rp, client2, browser }) => {

            const { sent, parameters } = rp.request(client2, { scope: 'email openid' });
            const outcome = await rp.visit(browser, new URLSearchParams([...parameters].reverse()));
            const reply = rp.tokenReply(await rp.redeem(client2, rp.codeOf(outcome, sent)));
            await rp.idToken(String(reply.id_token), sent, { accessToken: String(reply.access_token) });
        });

        module('oidcc-display-page', async ({ rp, client1, browser }) => {

            await rp.signIn(browser, { display: 'page' }, { client: client1 });
        });

        module('oidcc-display-popup', async ({ rp, client1, browser }) => {

            await rp.signIn(browser, { display: 'popup' }, { client: client1 });
        });

        module('oidcc-ensure-request-with-unknown-parameter-succeeds', async ({ rp, client1, browser }) => {

            await rp.signIn(browser, { extra: 'foobar' }, { client: client1 });
        });

        module('oidcc-login-hint', async ({ rp, client1, browser }) => {

            const { outcome } = await rp.signIn(browser, { login_hint: 'buffy@localhost' }, { client: client1 });
            expect(outcome.seen[0]?.html).to.contain('buffy@localhost');
        });

        module('oidcc-ui-locales', async ({ rp, client1, browser }) => {

            await rp.signIn(browser, { ui_locales: 'se' }, { client: client1 });
        });

        module('oidcc-claims-locales', async ({ rp, client1, browser }) => {

            await rp.signIn(browser, { claims_locales: 'se' }, { client: client1 });
        });

        module('oidcc-ensure-request-with-acr-values-succeeds', async ({ rp, client1, browser }) => {

            const supported = [rp.metadata.acr_values_supported].flat().map(String);
            const { claims } = await rp.signIn(browser, { acr_values: supported.join(' ') }, { client: client1 });
            expect(supported).to.include(String(claims.acr));
        });

        module('oidcc-ensure-registered-redirect-uri', async ({ rp, client1, browser }) => {

            const { parameters } = rp.request(client1, { redirect_uri: `${client1.redirectUri}/another` });
            expect(errorPage(await rp.visit(browser, parameters))).to.contain('invalid_request');
        });

        module('oidcc-ensure-post-request-succeeds', async ({ rp, client1, browser }) => {

            await rp.signIn(browser, {}, { client: client1, post: true });
            const { outcome } = await rp.signIn(browser, { prompt: 'none' }, { client: client1, post: true });
            expect(outcome.seen).to.equal([]);
        });

        module('oidcc-server-client-secret-post', async ({ rp, clientPost, browser }) => {

            await rp.signIn(browser, {}, { client: clientPost });
        });

        module('oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported', async ({ rp, client1, browser }) => {

            const { sent, parameters } = rp.request(client1, { request_uri: 'https://rp.example.com/request.jwt' });
            expect(rp.errorOf(await rp.visit(browser, parameters), sent)).to.equal('request_uri_not_supported');
            expect(rp.metadata.request_uri_parameter_supported).to.be.false();
        });

        module('oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported', async ({ rp, client1, browser }) => {

            const { sent, parameters } = rp.request(client1, { state: undefined, nonce: undefined, request: unsigned({ state: longState(), nonce: 'n' }) });
            expect(rp.errorOf(await rp.visit(browser, parameters), sent)).to.equal('request_not_supported');
            expect(rp.metadata.request_parameter_supported).to.be.false();
        });

        module('oidcc-ensure-request-object-with-redirect-uri', async ({ rp, client1, browser }) => {

            const { parameters } = rp.request(client1, { redirect_uri: 'https://rp.example.com/invalid', request: unsigned({ redirect_uri: client1.redirectUri }) });
            errorPage(await rp.visit(browser, parameters));
        });

        module('oidcc-ensure-request-with-valid-pkce-succeeds', async ({ rp, client1, browser }) => {

            const challenge = { code_challenge: codeChallenge, code_challenge_method: 'S256' };
            await rp.signIn(browser, challenge, { client: client1, verifier: codeVerifier });
            const { sent, parameters } = rp.request(client1, challenge);
            const code = rp.codeOf(await rp.visit(browser, parameters), sent);
            expect(rp.tokenError(await rp.redeem(client1, code, { code_verifier: `x${codeVerifier.slice(1)}` }))).to.equal('invalid_grant');
        });
    });
}
