import { badRequest } from '@hapi/boom';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OAuth2Error, type CustomGrantApproval, type TokenErrorResponse } from '../../lib';
import { epoch } from '../fixture/clock';
import { claimsOf } from '../fixture/jwt';
import { link, links, magicLink, ownGrants } from '../fixture/own-grants';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const seconds = epoch / 1000;

describe('The policy of a custom grant type', () => {

    it('gets the client, what it wants and may have, and the parameters', async () => {

        const { app } = await ownGrants([links(({ client, scopes, resources, parameters, grantType, uuid, clock, log, error }, request) => {

            log(['mine'], { uuid: uuid() });
            throw error('access_denied', JSON.stringify([client.id, scopes, resources, parameters, grantType, clock(), request.path]).replaceAll('"', '\''));
        })]);
        const { body } = await app(link({ scope: 'read', device_name: 'phone', other: 'x' }));
        expect(body).to.equal({ error: 'access_denied', error_description: `['app',['read'],['https://api.example'],{'link':'the-link','device_name':'phone'},'${magicLink}',${epoch},'/oauth2/token']` });
    });

    it('narrows the scopes and the resources', async () => {

        const { app, store } = await ownGrants([links({ subject: 'ada', scopes: ['read'], resources: ['https://b.example', 'https://api.example'], refreshToken: true })], (hub) => hub.setClients([{ client_id: 'app', client_secret: 'app-secret', grant_types: [magicLink, 'refresh_token'], scope: 'read write b' }]));
        const both = 'resource=https://api.example&resource=https://b.example&link=l';
        const { body } = await app(`grant_type=${magicLink}&${both}`);
        expect(body).to.include({ scope: 'read' });
        const { aud, grant_id: id } = claimsOf(body.access_token);
        expect(aud).to.equal(['https://b.example', 'https://api.example']);
        expect((await store.findGrant(String(id)))?.value).to.include({ scopes: ['read'] });
    });

    it('leaves no scope of a resource that it does not grant', async () => {

        const { app, store, refreshAs } = await ownGrants([links({ subject: 'ada', resources: ['https://b.example'], refreshToken: true })], (hub) => hub.setClients([{ client_id: 'app', client_secret: 'app-secret', grant_types: [magicLink, 'refresh_token'], scope: 'read b' }]));
        const { body } = await app(`grant_type=${magicLink}&link=l&resource=https://api.example&resource=https://b.example`);
        expect(body).to.include({ scope: 'b' });
        const { aud, grant_id: id } = claimsOf(body.access_token);
        expect(aud).to.equal('https://b.example');
        expect((await store.findGrant(String(id)))?.value).to.include({ scopes: ['b'], resources: ['https://b.example'] });
        expect((await refreshAs('app', body.refresh_token, { scope: 'read' })).body).to.include({ error: 'invalid_scope' });
        expect((await refreshAs('app', body.refresh_token, { resource: 'https://api.example' })).body).to.include({ error: 'invalid_target' });
    });

    it('that leaves no scope leaves no token: a reply without scope would say that all were granted', async () => {

        const { app, store } = await ownGrants([links({ subject: 'ada', scopes: [] })]);
        const { statusCode, body } = await app(link());
        expect([statusCode, body.error]).to.equal([400, 'invalid_scope']);
        expect((await store.listGrants('subject', 'ada')).items).to.equal([]);
    });

    it('lets the client act for itself, without a sign-in and without a refresh token', async () => {

        const { app, store, get, server } = await ownGrants([links({ subject: null, refreshToken: true, acr: 'high', amr: ['pwd'], authTime: seconds })]);
        server.route({ method: 'GET', path: '/people', options: { auth: { strategy: 'oauth2', access: { entity: 'user' } } }, handler: () => 'people' });
        const { body } = await app(link());
        expect(body).to.not.include('refresh_token');
        const { sub, grant_id: id } = claimsOf(body.access_token);
        expect(sub).to.equal('app');
        expect(await store.findGrant(String(id))).to.include({ subject: null });
        expect((await store.findGrant(String(id)))?.value).to.include({ acr: null, amr: [], authTime: null });
        expect([await get(body.access_token), await get(body.access_token, '/people')]).to.equal([200, 403]);
    });

    it('refuses with null, { error } or an OAuth2Error', async () => {

        const refusals: readonly (readonly [() => null | TokenErrorResponse | Promise<never>, { readonly error: string; readonly error_description: string }, string])[] = [
            [() => null, { error: 'invalid_grant', error_description: 'The code or token is not valid' }, 'denied_by_policy'],
            [() => ({ error: 'access_denied', error_description: 'Not today' }), { error: 'access_denied', error_description: 'Not today' }, 'handler_refused'],
            [() => Promise.reject(new OAuth2Error('slow_down', 'Wait', { reason: 'mine' })), { error: 'slow_down', error_description: 'Wait' }, 'mine']
        ];
        for (const [policy, refused, reason] of refusals) {
            const { app, stored, events } = await ownGrants([links(policy)]);
            const { statusCode, body } = await app(link());
            expect({ statusCode, body }).to.equal({ statusCode: 400, body: refused });
            expect(await stored()).to.equal([]);
            expect(events.filter(({ tags }) => tags.includes('refused')).map(({ data }) => data)).to.equal([{ reason, error: refused.error, client_id: 'app' }]);
        }
    });

    it('attack: is not asked for a client that is not registered for the grant type, does not prove who it is, or wants what it may not have', async () => {

        let asked = 0;
        const { as, token, stored } = await ownGrants([links(() => {

            ++asked;
            return { subject: 'ada' };
        })]);
        expect((await as('web')(link())).body).to.include({ error: 'unauthorized_client' });
        expect((await token(link({ client_id: 'app' }), undefined)).body).to.include({ error: 'invalid_client' });
        expect((await token(link({ client_id: 'app', client_secret: 'wrong' }), undefined)).body).to.include({ error: 'invalid_client' });
        for (const [wish, error] of Object.entries({ 'scope=admin': 'invalid_scope', 'scope=b': 'invalid_scope', 'resource=https://evil.example': 'invalid_target', 'link=again': 'invalid_request' })) {
            expect((await as('app')(`grant_type=${magicLink}&link=l&${wish}`)).body, wish).to.include({ error });
        }

        expect((await as('app')({ grant_type: magicLink })).body).to.include({ error: 'invalid_request' });
        expect(asked).to.equal(0);
        expect(await stored()).to.equal([]);
    });

    it('attack: is not asked for a public client that a store answers', async () => {

        let asked = 0;
        const { token } = await ownGrants([links(() => {

            ++asked;
            return { subject: 'ada' };
        })], (hub) => hub.setClients(new Map([['spa', { client_id: 'spa', token_endpoint_auth_method: 'none', grant_types: [magicLink], scope: 'read' }]])));
        const { body } = await token(link({ client_id: 'spa' }), undefined);
        expect(body).to.equal({ error: 'unauthorized_client', error_description: 'The client has to be one that can prove who it is' });
        expect(asked).to.equal(0);
    });

    it('attack: names no client as the user', async () => {

        const { app, stored, events } = await ownGrants([links({ subject: 'app' })]);
        expect((await app(link())).body).to.include({ error: 'invalid_grant' });
        expect(await stored()).to.equal([]);
        expect(events.some(({ data }) => data.reason === 'subject_is_client')).to.be.true();
    });

    it('attack: widens nothing by what it does to its context', async () => {

        const { app } = await ownGrants([links((ctx) => {

            for (const names of [ctx.scopes, ctx.resources]) {
                Array.prototype.push.call(names, 'admin');
            }

            return { subject: 'ada' };
        })]);
        const { body } = await app(link({ scope: 'read' }));
        expect(body).to.include({ scope: 'read' });
        expect(claimsOf(body.access_token).aud).to.equal('https://api.example');
    });

    it('attack: nonsense is a server_error that says nothing, and stores nothing', async () => {

        const ada = { subject: 'ada' };
        const nonsense: Readonly<Record<string, unknown>> = {
            'nothing': undefined, 'a text': 'ada', 'true': true, 'a list': [ada], 'an error code that does not exist': { error: 'nope' }, 'no subject': { scopes: ['read'] },
            'an empty subject': { subject: '' }, 'a long one': { subject: 'x'.repeat(256) }, 'one with a line': { subject: 'a\nb' }, 'one that is no ASCII': { subject: 'ä' }, 'a number': { subject: 7 },
            'a wider scope': { ...ada, scopes: ['read', 'admin'] }, 'a scope of another resource': { ...ada, scopes: ['b'] }, 'a scope that is a text': { ...ada, scopes: 'read' },
            'a misspelled member': { ...ada, scope: 'read' }, 'a wider resource': { ...ada, resources: ['https://b.example'] }, 'no resource': { ...ada, resources: [] },
            'a numeric acr': { ...ada, acr: 1 }, 'an amr that is a text': { ...ada, amr: 'pwd' }, 'an empty amr': { ...ada, amr: [''] }, 'milliseconds': { ...ada, authTime: epoch }, 'the future': { ...ada, authTime: seconds + 61 },
            'half a second': { ...ada, authTime: 1.5 }, 'the past of the past': { ...ada, authTime: -1 }, 'a word for yes': { ...ada, refreshToken: 'yes' }, 'data that is a list': { ...ada, data: ['x'] }, 'data that is a text': { ...ada, data: 'x' }
        };
        for (const [what, answer] of Object.entries(nonsense)) {
            const { app, stored, events } = await ownGrants([links(() => answer as CustomGrantApproval)]);
            const { statusCode, body } = await app(link({ scope: 'read' }));
            expect([statusCode, body.error], what).to.equal([500, 'server_error']);
            expect(JSON.stringify(body), what).to.not.include('policy');
            expect(await stored(), what).to.equal([]);
            expect(events.some(({ tags }) => tags.includes('issued')), what).to.be.false();
        }
    });

    it('attack: what it throws is a server_error that says nothing', async () => {

        for (const thrown of [new Error('the secret of the database'), badRequest('the secret of the database')]) {
            const { app, stored } = await ownGrants([links(() => {

                throw thrown;
            })]);
            const { statusCode, body, headers } = await app(link());
            expect([statusCode, body.error]).to.equal([500, 'server_error']);
            expect(JSON.stringify([body, headers])).to.not.include('secret of');
            expect(await stored()).to.equal([]);
        }
    });

    it('takes a sign-in of this moment on a clock that is a minute ahead', async () => {

        const { app } = await ownGrants([links({ subject: 'ada', authTime: seconds + 60 })]);
        expect((await app(link())).statusCode).to.equal(200);
    });

    it('leaves nothing behind when a handler fails, and a policy is asked once', async () => {

        let asked = 0;
        const { app, stored } = await ownGrants([links(() => {

            ++asked;
            return { subject: 'ada' };
        }).tokenRoute((route) => route.issueTokens(() => ({ error: 'access_denied' })))]);
        expect((await app(link())).body).to.include({ error: 'access_denied' });
        expect(await stored()).to.equal([]);
        expect(asked).to.equal(1);
    });
});
