import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { machines, quietServer, users } from '../fixture/flows';
import { OAuth2ClientCredentialsBuilder } from '../../lib';
import { TokenRoute } from '../../lib/flows/token-route';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('The token route', () => {

    it('keeps a handler of each level, the last one given', () => {

        const [first, generate, issue] = [() => null, () => null, () => ({ access_token: 'a' })];
        const route = new TokenRoute<object, { readonly grantType: string }>(() => undefined);
        expect(route.handlers).to.equal({ generateToken: undefined, issueTokens: undefined });
        expect(route.generateToken(first).generateToken(generate).issueTokens(issue)).to.shallow.equal(route);
        expect([route.handlers.generateToken, route.handlers.issueTokens]).to.equal([generate, issue]);
    });

    it('may be configured in several calls', async () => {

        const server = quietServer();
        await server.register(OAuth2ClientCredentialsBuilder.create().tokenRoute((route) => route.generateToken(() => null)).tokenRoute((route) => route.setPath('/token')));
        expect(server.match('post', '/token')?.path).to.equal('/token');
    });

    it('refuses its setters once the flow is registered', async () => {

        const calls: Record<string, () => unknown>[] = [];
        const keep = <P extends object, Q extends { readonly grantType: string }, N extends string>(route: TokenRoute<P, Q, N>) => calls.push({
            generateToken: () => route.generateToken(() => null),
            issueTokens: () => route.issueTokens(() => ({ access_token: 'a' })),
            setPath: () => route.setPath('/x'),
            setOptions: () => route.setOptions({})
        });
        const flow = machines().tokenRoute((route) => keep(route));
        const refreshing = users().refreshTokenRoute((route) => keep(route.generateToken(() => null)));
        await quietServer().register([flow, refreshing]);
        for (const [index, { name }] of [flow, refreshing].entries()) {
            for (const [setter, call] of Object.entries(calls[index] ?? {})) {
                expect(call).to.throw(`Flow '${name}' is registered: call ${setter}() before server.register()`);
            }
        }

        expect(calls).to.have.length(2);

        expect(() => refreshing.refreshTokenRoute(() => undefined)).to.throw(/call refreshTokenRoute\(\) before server\.register\(\)/);
    });
});
