import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { authorizeQuery, people, users } from '../fixture/flows';
import { form, provision } from '../fixture/provision';
import { OAuth2AuthorizationCodeBuilder } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('A flow with an authorization endpoint', () => {

    it('serves it where its route says, /oauth2/authorize otherwise, and not at all without one', async () => {

        const { server: without } = await provision([OAuth2AuthorizationCodeBuilder.create().tokenRoute((route) => route.generateToken(() => null))]);
        expect((await without.inject('/oauth2/authorize')).statusCode).to.equal(404);
        const { server: plain } = await provision([users()]);
        expect((await plain.inject(`/oauth2/authorize?${authorizeQuery()}`)).statusCode).to.equal(200);
        const { server: own } = await provision([users().authorizationRoute((route) => route.setPath('/login'))]);
        expect((await own.inject(`/login?${authorizeQuery()}`)).statusCode).to.equal(200);
        expect((await own.inject('/oauth2/authorize')).statusCode).to.equal(404);
    });

    it('drops unknown scopes only as OpenID Connect\'s', async () => {

        const query = authorizeQuery({ scope: 'openid nowhere' });
        const { server: openid } = await provision([people()]);
        expect((await openid.inject(`/oauth2/authorize?${query}`)).statusCode).to.equal(200);
        const { server: plain } = await provision([users().setScopes({ openid: 'x' })]);
        expect((await plain.inject(`/oauth2/authorize?${query}`)).statusCode).to.equal(400);
    });

    it('names its issuer in every response', async () => {

        const { server } = await provision([users()], (hub) => hub.setIssuer('http://localhost:8080/tenant'));
        const { headers } = await server.inject(form(`/oauth2/authorize?${authorizeQuery()}`, { username: 'alice', password: 'correct' }));
        expect(new URL(String(headers.location)).searchParams.get('iss')).to.equal('http://localhost:8080/tenant');
    });
});
