import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { SignJWT, createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';

import { backchannelLogout, clientLogout, postLogout, startCertification, type RunningCertification, type SuiteClient } from '../fixture/certification';
import { clientKey, runModule, type Module, type Plan } from '../fixture/conformance-module';
import { logoutListener, type LogoutListener } from '../fixture/logout-listener';
import type { Outcome } from '../fixture/outside-browser';
import { longState, type Json, type Parameters, type SignedIn } from '../fixture/relying-party';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

const plans: readonly Plan[] = [
    { title: 'RP-Initiated and Back-Channel Logout OP', mode: 'query', dynamic: false },
    { title: 'RP-Initiated and Back-Channel Logout OP with clients that register themselves', mode: 'query', dynamic: true }
];

const kindsOf = ({ seen }: Outcome): readonly string[] => seen.map(({ kind }) => kind);

/** The same ID token without a signature, by the algorithm that has none. */
const unsigned = (token: string): string => {

    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${encode({ ...decodeProtectedHeader(token), alg: 'none' })}.${encode(decodeJwt(token))}.`;
};

/** The same claims, signed by the client. */
const signedByClient = async (token: string): Promise<string> => {

    const { kid = '', typ = 'JWT' } = decodeProtectedHeader(token);
    return await new SignJWT(decodeJwt(token)).setProtectedHeader({ alg: 'RS256', kid, typ }).sign(clientKey);
};

for (const plan of plans) {
    describe(`${plan.title}: logout`, { timeout: 30_000 }, () => {

        let listener: LogoutListener;
        let op: RunningCertification;
        before(async () => {

            listener = await logoutListener();
            op = await startCertification({ fetch: listener.fetch });
        });
        after(async () => {

            await op.stop();
            await listener.stop();
        });

        /** The client of a module of logout; the suite names what it waits at. */
        const clientOf = async ({ client1, register }: Module, hears: boolean): Promise<SuiteClient> => {

            if (!plan.dynamic) {
                return hears ? clientLogout : client1;
            }

            const asked: Json = { post_logout_redirect_uris: [postLogout], ...hears ? { backchannel_logout_uri: backchannelLogout, backchannel_logout_session_required: true } : {} };
            const registered = await register(asked);
            expect(registered).to.include(asked);
            return { ...client1, id: String(registered.client_id), secret: String(registered.client_secret) };
        };

        interface LoggedIn extends Module {
            readonly client: SuiteClient;
            readonly first: SignedIn;
            /** Sends the browser to the end_session endpoint; whoever sits there agrees to sign out. */
            readonly leave: (parameters: Parameters) => Promise<Outcome>;
            /** Whether a silent request still finds somebody. */
            readonly isSignedIn: () => Promise<boolean>;
        }

        /** A module of logout: every one begins with a sign-in. */
        const module = (name: string, body: (module: LoggedIn) => Promise<unknown>, { hears = false } = {}): void => void it(name, () => runModule(op, plan, async (started) => {

            const { rp, browser } = started;
            const client = await clientOf(started, hears);
            const first = await rp.signIn(browser, { state: longState() }, { client });
            await body({
                ...started, client, first,
                leave: async (parameters) => {

                    const query = Object.entries(parameters).flatMap(([key, value]): [string, string][] => (value === undefined ? [] : [[key, value]]));
                    return await browser.open(`${rp.endpoint('end_session')}?${new URLSearchParams(query).toString()}`);
                },
                isSignedIn: async () => {

                    const { sent, parameters } = rp.request(client, { prompt: 'none' });
                    const outcome = await rp.visit(browser, parameters);
                    expect(kindsOf(outcome)).to.equal([]);
                    if (outcome.callback?.parameters.has('code') === true) {
                        return rp.codeOf(outcome, sent) !== '';
                    }

                    expect(rp.errorOf(outcome, sent)).to.equal('login_required');
                    return false;
                }
            });
        }));

        /** Where a logout led, which is nowhere but to the client: exactly there, with nothing but the state. */
        const backAt = ({ callback, seen }: Outcome, state?: string): void => {

            expect(seen.map(({ html }) => html)).to.equal([]);
            expect([callback?.method, callback?.url.href.split('?')[0]]).to.equal(['GET', postLogout]);
            expect([...callback?.parameters ?? []]).to.equal(state === undefined ? [] : [['state', state]]);
            expect(callback?.url.href.includes('?')).to.equal(state !== undefined);
        };

        /** The pages of somebody who is asked, agrees, and stays with us: what the screenshots show. */
        const stayed = (outcome: Outcome, kinds: readonly string[]): void => {

            expect(outcome.callback).to.be.null();
            expect(kindsOf(outcome)).to.equal(kinds);
            expect(outcome.seen.at(-1)?.html).to.not.match(/href="https?:|rp\.example\.com|evil/);
        };

        module('oidcc-rp-initiated-logout-discovery-endpoint-verification', async ({ rp: { metadata } }) => {

            expect(new URL(String(metadata.end_session_endpoint)).protocol).to.equal('https:');
            await Promise.resolve();
        });

        module('oidcc-rp-initiated-logout', async ({ first, leave, isSignedIn }) => {

            expect(await isSignedIn()).to.be.true();
            const state = longState();
            backAt(await leave({ id_token_hint: first.idToken, post_logout_redirect_uri: postLogout, state }), state);
            expect(await isSignedIn()).to.be.false();
        });

        module('oidcc-rp-initiated-logout-no-state', async ({ first, leave, isSignedIn }) => {

            backAt(await leave({ id_token_hint: first.idToken, post_logout_redirect_uri: postLogout }));
            expect(await isSignedIn()).to.be.false();
        });

        module('oidcc-rp-initiated-logout-bad-post-logout-redirect-uri', async ({ first, leave }) => {

            stayed(await leave({ id_token_hint: first.idToken, post_logout_redirect_uri: 'https://evil.example.com/post_logout_redirect', state: longState() }), ['sign-out', 'signed-out']);
        });

        module('oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri', async ({ first, leave }) => {

            stayed(await leave({ id_token_hint: first.idToken, post_logout_redirect_uri: `${postLogout}?foo=bar`, state: longState() }), ['sign-out', 'signed-out']);
        });

        module('oidcc-rp-initiated-logout-modified-id-token-hint', async ({ first, leave }) => {

            stayed(await leave({ id_token_hint: unsigned(first.idToken), post_logout_redirect_uri: postLogout, state: longState() }), ['sign-out', 'signed-out']);
        });

        module('oidcc-rp-initiated-logout-bad-id-token-hint', async ({ first, leave }) => {

            stayed(await leave({ id_token_hint: await signedByClient(first.idToken), post_logout_redirect_uri: postLogout, state: longState() }), ['sign-out', 'signed-out']);
        });

        module('oidcc-rp-initiated-logout-no-id-token-hint', async ({ leave }) => {

            stayed(await leave({ post_logout_redirect_uri: postLogout, state: longState() }), ['sign-out', 'signed-out']);
        });

        module('oidcc-rp-initiated-logout-no-params', async ({ leave, isSignedIn }) => {

            stayed(await leave({}), ['sign-out', 'signed-out']);
            expect(await isSignedIn()).to.be.false();
        });

        module('oidcc-rp-initiated-logout-only-state', async ({ leave, isSignedIn }) => {

            stayed(await leave({ state: longState() }), ['sign-out', 'signed-out']);
            expect(await isSignedIn()).to.be.false();
        });

        module('oidcc-rp-initiated-logout-no-post-logout-redirect-uri', async ({ first, leave, isSignedIn }) => {

            stayed(await leave({ id_token_hint: first.idToken, state: longState() }), ['signed-out']);
            expect(await isSignedIn()).to.be.false();
        });

        module('oidcc-backchannel-logout-discovery-endpoint-verification', async ({ rp: { metadata } }) => {

            expect(metadata).to.include({ backchannel_logout_supported: true, backchannel_logout_session_supported: true });
            expect(new URL(String(metadata.end_session_endpoint)).protocol).to.equal('https:');
            await Promise.resolve();
        });

        module('oidcc-backchannel-rp-initiated-logout', async ({ rp, client, first, leave, isSignedIn }) => {

            const state = longState();
            backAt(await leave({ id_token_hint: first.idToken, post_logout_redirect_uri: postLogout, state }), state);
            const [told, ...others] = await listener.heard();
            expect(others).to.equal([]);
            expect([told?.method, told?.url, told?.protocol, told?.contentType]).to.equal(['POST', backchannelLogout, 'TLSv1.3', 'application/x-www-form-urlencoded']);
            expect([...told?.body.keys() ?? []]).to.equal(['logout_token']);
            const { payload: { iat = 0, exp = 0, jti, ...claims } } = await jwtVerify(told?.body.get('logout_token') ?? '', createLocalJWKSet(rp.jwks), {
                issuer: op.issuer, audience: client.id, algorithms: ['RS256'], typ: 'logout+jwt', currentDate: new Date(op.now())
            });
            expect(Math.abs(iat - rp.now())).to.be.below(60);
            expect(exp).to.equal(iat + 120);
            expect(jti).to.be.a.string();
            expect(first.claims.sid).to.be.a.string();
            expect(claims).to.equal({ iss: op.issuer, aud: client.id, sub: String(first.claims.sub), sid: first.claims.sid, events: { 'http://schemas.openid.net/event/backchannel-logout': {} } });
            expect(await isSignedIn()).to.be.false();
        }, { hears: true });

        module('a logout request comes by form as well (RP-Initiated Logout §2)', async ({ rp, browser, first, isSignedIn }) => {

            const state = longState();
            backAt(await browser.post(rp.endpoint('end_session'), new URLSearchParams({ id_token_hint: first.idToken, post_logout_redirect_uri: postLogout, state })), state);
            expect(await isSignedIn()).to.be.false();
        });
    });
}
