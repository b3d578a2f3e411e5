import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { modeOf, readReply, refusalMembers, refusalReply, replyUri, sendReply, stateOf, writeReply, type ReplyAddress } from '../../lib/endpoints/authorization-reply';
import { Pages } from '../../lib/endpoints/pages';
import { OAuth2Error } from '../../lib/error';
import { Form } from '../../lib/protocol/form';
import { quietServer } from '../fixture/flows';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const address: ReplyAddress = { redirectUri: 'https://app.example.com/cb?tenant=a%20b', mode: 'query', state: 'x y', iss: 'https://auth.example.com' };
const prefix = 'https://app.example.com/cb?tenant=a%20b&error=';

const pages = new Pages({ theme: {}, texts: {}, renderers: {} });

/** Where a failure sends the browser, and what the log holds. */
const refuse = async (thrown: unknown) => {

    const server = quietServer();
    const logged: { tags: string[]; data: unknown; error: unknown }[] = [];
    server.events.on({ name: 'request', channels: 'app' }, (_request, { tags, data, error }) => {

        logged.push({ tags, data, error });
    });
    server.route({ method: 'GET', path: '/', handler: (request, h) => sendReply(address, refusalReply(thrown, request), pages, { request, h, uiLocales: undefined }) });
    const { headers } = await server.inject('/?client_id=web');
    return { location: headers.location, logged };
};

describe('stateOf()', () => {

    it('is what was sent once', () => {

        expect(stateOf(Form.from({ state: 'a\r\n☃' }))).to.equal('a\r\n☃');
        for (const state of [undefined, '', ['a', 'a'], ['a', ''], 'h\uFFFD']) {
            expect(stateOf(Form.from({ state }))).to.be.undefined();
        }
    });
});

describe('modeOf()', () => {

    it('is how the client wants its answer, and a query for what nobody understands', () => {

        for (const mode of ['query', 'fragment', 'form_post'] as const) {
            expect(modeOf(Form.from({ response_mode: mode }))).to.equal(mode);
        }

        for (const mode of [undefined, '', 'jwt', 'form_post ', ['fragment', 'fragment']]) {
            expect(modeOf(Form.from({ response_mode: mode }))).to.equal('query');
        }
    });
});

describe('sendReply()', () => {

    const send = async (changes: Partial<ReplyAddress>) => {

        const server = quietServer();
        server.route({ method: 'GET', path: '/', handler: (request, h) => sendReply({ ...address, ...changes }, { code: 'c"<d' }, pages, { request, h, uiLocales: 'fr' }) });
        return await server.inject('/');
    };

    it('puts an answer into the fragment, behind whatever the redirect URI has', async () => {

        const { headers, statusCode } = await send({ mode: 'fragment' });
        expect([statusCode, headers.location]).to.equal([302, 'https://app.example.com/cb?tenant=a%20b#code=c%22%3Cd&state=x%20y&iss=https%3A%2F%2Fauth.example.com']);
    });

    it('posts it with a form, in the language of the user, and nothing but its script may run', async () => {

        const { headers, statusCode, payload } = await send({ mode: 'form_post' });
        expect(statusCode).to.equal(200);
        expect(headers.location).to.be.undefined();
        expect(payload).to.contain('lang="fr"').and.contain('<form method="post" action="https://app.example.com/cb?tenant=a%20b">')
            .and.contain('<input type="hidden" name="code" value="c&quot;&lt;d">').and.contain('<input type="hidden" name="state" value="x y">').and.contain('name="iss"');
        expect(String(headers['content-security-policy'])).to.contain('script-src \'sha256-').and.not.contain('unsafe').and.not.contain('form-action');
        expect((await send({ mode: 'form_post', state: undefined })).payload).to.not.contain('name="state"');
    });
});

describe('readReply()', () => {

    it('is what was written, with and without a state', () => {

        for (const mode of ['query', 'fragment', 'form_post'] as const) {
            for (const state of ['x y', undefined]) {
                for (const members of [{ code: 'the-code' }, refusalMembers('access_denied', 'No'), refusalMembers('access_denied', undefined)]) {
                    const written = { address: { ...address, mode, state }, members, subject: 'user-1' };
                    expect(readReply(writeReply(written.address, written.members, written.subject))).to.equal(written);
                }
            }
        }
    });

    it('throws for what it did not write, and sends nobody anywhere', () => {

        const members = { code: 'the-code' };
        const subject = 'user-1';
        for (const broken of [
            {}, { address, subject }, { members, subject }, { address, members }, { address: { ...address, mode: 'jwt' }, members, subject }, { address: { ...address, redirectUri: undefined }, members, subject },
            { address: { ...address, state: 1 }, members, subject }, { address, members: {}, subject }, { address, members: { error: 1 }, subject }, { address, members: { error: 'access_denied', error_description: 1 }, subject }
        ]) {
            expect(() => readReply(JSON.stringify(broken)), JSON.stringify(broken)).to.throw(/^The store answered a reply whose \w+ is not what was written$/);
        }
    });
});

describe('refusalReply()', () => {

    it('tells the client what is wrong and the log why', async () => {

        const { location, logged } = await refuse(new OAuth2Error('invalid_scope', 'Not "this"\nscope', { reason: 'word' }));
        expect(location).to.equal(`${prefix}invalid_scope&error_description=Not%20%27this%27%3Fscope&state=x%20y&iss=https%3A%2F%2Fauth.example.com`);
        expect(logged).to.equal([{ tags: ['oauth', 'refused'], data: { reason: 'word', error: 'invalid_scope', client_id: 'web' }, error: undefined }]);
    });

    it('says nothing where there is nothing to say', async () => {

        expect((await refuse(new OAuth2Error('access_denied'))).location).to.equal(`${prefix}access_denied&state=x%20y&iss=https%3A%2F%2Fauth.example.com`);
        expect(replyUri({ ...address, state: undefined }, refusalMembers('access_denied', undefined))).to.equal(`${prefix}access_denied&iss=https%3A%2F%2Fauth.example.com`);
    });

    it('keeps what was thrown for the log', async () => {

        const thrown: unknown[] = [new Error('hunter2'), 'hunter2', new OAuth2Error('server_error', 'hunter2'), new OAuth2Error('server_error', undefined, { cause: new Error('hunter2') })];
        for (const one of thrown) {
            const { location, logged } = await refuse(one);
            expect(location).to.equal(`${prefix}server_error&error_description=The%20server%20could%20not%20answer%20this%20request&state=x%20y&iss=https%3A%2F%2Fauth.example.com`);
            expect(logged.map(({ tags }) => tags)).to.equal([['oauth', 'refused'], ['oauth', 'error']]);
            expect(JSON.stringify(logged[0])).to.not.contain('hunter2');
            expect(logged[1]?.error).to.be.instanceof(OAuth2Error);
        }
    });

    it('says that a store is out of reach', async () => {

        const { location, logged } = await refuse(new OAuth2Error('temporarily_unavailable', 'Try again later', { reason: 'store_unreachable' }));
        expect(String(location)).to.startWith(`${prefix}temporarily_unavailable&error_description=Try%20again%20later&`);
        expect(logged).to.have.length(2);
    });
});
