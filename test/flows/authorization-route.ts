import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { stepOf } from '../fixture/authorization';
import { authorizeQuery, quietServer, users } from '../fixture/flows';
import { injectedBrowser } from '../fixture/injected-browser';
import { provision } from '../fixture/provision';
import { refusalOf } from '../fixture/refusal';
import { clients, login, redirectUri, registeredServer } from '../fixture/registered-server';
import { OAuth2AuthorizationCodeBuilder, type AuthorizationRoute } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('The authorization route', () => {

    it('has handlers of one level only', async () => {

        expect(await refusalOf(quietServer(), users().authorizationRoute((route) => route.issueCode(({ defaultResponse }) => defaultResponse()))))
            .to.match(/^Flow 'oauth2-authorization-code' has both generateCode\(\) and issueCode\(\) in authorizationRoute\(\)/);
        const issuing = OAuth2AuthorizationCodeBuilder.create().tokenRoute((route) => route.generateToken(() => null)).authorizationRoute((route) => route.issueCode(({ defaultResponse }) => defaultResponse()));
        expect(await refusalOf(quietServer(), issuing)).to.match(/has issueCode\(\) in authorizationRoute\(\), .* verify them yourself in authorizationRoute\(\(route\) => route\.generateCode\(\.\.\.\)\)/);
        const silent = OAuth2AuthorizationCodeBuilder.create().tokenRoute((route) => route.generateToken(() => null)).authorizationRoute(() => undefined);
        expect(await refusalOf(quietServer(), silent)).to.match(/has no handler for its authorizationRoute\(\)/);
    });

    it('sends users to a page of the app to sign in', async () => {

        const { server, authorizeUrl } = await registeredServer([login().authorizationRoute((route) => route.setLoginUrl('/welcome').setConsent('none'))]);
        server.route({ method: 'GET', path: '/welcome/done', handler: (request) => request.oauth2.login({ subject: 'carol' }) });
        const browser = injectedBrowser(server);
        const page = await browser.send({ url: authorizeUrl() });
        expect([page.statusCode, page.location.split('?')[0]]).to.equal([303, '/welcome']);
        expect(stepOf(await browser.open(page.location.replace('/welcome', '/welcome/done')))).to.equal('code');
        expect((await server.oauth2.grants.list({ subject: 'carol' })).items.length).to.equal(1);
    });

    it('takes users from an auth strategy of the app, read by the function that it is given', async () => {

        for (const user of [undefined, (credentials: object) => ({ subject: `app-${String(Reflect.get(credentials, 'subject'))}` })]) {
            const flow = login().authorizationRoute((route) => (user === undefined ? route.setSessionStrategy('app') : route.setSessionStrategy('app', user)).setLoginUrl('/welcome').setConsent('none'));
            const { server, authorizeUrl } = await registeredServer([flow]);
            server.auth.scheme('app', () => ({ authenticate: (_request, h) => h.authenticated({ credentials: { subject: 'dan' } }) }));
            server.auth.strategy('app', 'app');
            expect(stepOf(await injectedBrowser(server).open(authorizeUrl()))).to.equal('code');
            expect((await server.oauth2.grants.list({ subject: user === undefined ? 'dan' : 'app-dan' })).items.length).to.equal(1);
        }
    });

    it('gives handlers the parameters of the app\'s own that it names, and no others', async () => {

        const seen: unknown[] = [];
        const flow = login().authorizationRoute((route) => route
            .setExtraParameters('organization')
            .setExtraParameters('screen_hint', 'organization')
            .authenticateUser(({ username, parameters }) => {

                seen.push(parameters);
                return `${username}@${String(parameters.organization)}`;
            })
            .issueCode(async ({ parameters, grantIssuer, getDefaultGrantData, defaultResponse }) => {

                seen.push(parameters);
                await grantIssuer.issue({ ...getDefaultGrantData(), organization: parameters.organization, hint: parameters.screen_hint ?? 'none' });
                return await defaultResponse();
            })
            .setConsent('none'));
        const { server } = await provision([flow], (hub) => hub.setClients(clients));
        const browser = injectedBrowser(server);
        const query = authorizeQuery({ client_id: 'web', redirect_uri: redirectUri, scope: 'openid', organization: 'acme', tenant: 'other' });
        expect(stepOf(await browser.submit(await browser.open(`/oauth2/authorize?${query}`), { username: 'alice', password: 'right', screen_hint: 'forged' }))).to.equal('code');
        expect(seen).to.equal([{ organization: 'acme' }, { organization: 'acme' }]);
        expect((await server.oauth2.grants.list({ subject: 'alice@acme' })).items[0]?.data).to.equal({ organization: 'acme', hint: 'none' });
    });

    it('refuses its setters once the flow is registered', async () => {

        let late: AuthorizationRoute | undefined;
        const flow = users().authorizationRoute((route) => { late = route; });
        await quietServer().register(flow);
        const sentence = (setter: string) => `Flow 'oauth2-authorization-code' is registered: call ${setter}() before server.register()`;
        expect(() => late?.generateCode(() => null)).to.throw(sentence('generateCode'));
        expect(() => late?.issueCode(() => ({ code: 'c' }))).to.throw(sentence('issueCode'));
        expect(() => late?.authenticateUser(() => null)).to.throw(sentence('authenticateUser'));
        expect(() => late?.setConsent('none')).to.throw(sentence('setConsent'));
        expect(() => late?.setLoginUrl('/login')).to.throw(sentence('setLoginUrl'));
        expect(() => late?.setSessionStrategy('app')).to.throw(sentence('setSessionStrategy'));
        expect(() => late?.setExtraParameters('organization')).to.throw(sentence('setExtraParameters'));
        expect(() => flow.authorizationRoute(() => undefined)).to.throw(sentence('authorizationRoute'));
    });
});
