import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { basic, form, provision } from '../fixture/provision';
import { OAuth2ClientCredentialsBuilder } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

/** What a handler learns of a client that sent this header. */
const compare = async (authorization: string, secret: string | undefined, body: Readonly<Record<string, string>> = {}) => {

    const flow = OAuth2ClientCredentialsBuilder.create().tokenRoute((route) => route.generateToken(({ clientId, clientSecret, verifyClientSecret }) => ({ access_token: 'a', right: verifyClientSecret(secret), clientId, clientSecret })));
    const { server } = await provision([flow]);
    const headers = authorization === '' ? {} : { authorization };
    return (await server.inject<Record<string, unknown>>(form('/oauth2/token', { grant_type: 'client_credentials', ...body }, headers))).result ?? {};
};

const raw = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('A client secret', () => {

    it('is compared as it was encoded, and as it was sent', async () => {

        const secret = 'a:b %2B+ü';
        expect((await compare(basic('m', secret), secret)).right).to.be.true();
        expect((await compare(raw('m:a%2Bb'), 'a+b')).right).to.be.true();
        expect((await compare(raw('m:a%2Bb'), 'a%2Bb')).right).to.be.true();
        expect((await compare(raw('m:100%'), '100%')).right).to.be.true();
        expect((await compare('', 's', { client_id: 'm', client_secret: 's' })).right).to.be.true();
    });

    it('is wrong when it is another, a part, or not known', async () => {

        for (const known of ['other', 'secre', 'secrets', '', undefined]) {
            expect((await compare(basic('m', 'secret'), known)).right, String(known)).to.be.false();
        }
    });
});

describe('A scope', () => {

    const request = async (scope: string | undefined, declared?: Readonly<Record<string, string>>) => {

        const flow = OAuth2ClientCredentialsBuilder.create().tokenRoute((route) => route.generateToken((ctx) => ({ access_token: 'a', scope: ctx.scope ?? 'none' })));
        const { server } = await provision([declared === undefined ? flow : flow.setScopes(declared)]);
        const body = { grant_type: 'client_credentials', ...scope === undefined ? {} : { scope } };
        return (await server.inject<Record<string, unknown>>(form('/oauth2/token', body, { authorization: basic('m', 's') }))).result;
    };

    it('is one that the flow declared, or any where it declared none', async () => {

        const declared = { 'reports:read': 'Read', 'reports:write': 'Write' };
        expect(await request('reports:read', declared)).to.include({ scope: 'reports:read' });
        expect(await request('reports:read  reports:write reports:read', declared)).to.include({ scope: 'reports:read reports:write' });
        expect(await request('other', declared)).to.include({ error: 'invalid_scope' });
        expect(await request('openid other', declared)).to.include({ error: 'invalid_scope' });
        expect(await request('whatever')).to.include({ scope: 'whatever' });
        expect(await request('whatever', {})).to.include({ scope: 'whatever' });
        expect(await request(undefined, declared)).to.include({ scope: 'none' });
        expect(await request('"quoted"')).to.include({ error: 'invalid_scope' });
    });
});
