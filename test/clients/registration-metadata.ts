import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import type { ClientMetadata } from '../../lib';
import { OutboundError, type Outbound } from '../../lib/clients/guarded-fetch';
import { checkLimits, checkRemotes, checkedRegistration, readRegistration, refusedMetadata } from '../../lib/clients/registration-metadata';
import { OAuth2Error } from '../../lib/error';
import { refusal } from '../fixture/oauth-error';
import { document } from '../fixture/registration';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const redirectUri = 'https://app.example.com/cb';
const web = { client_id: 'a', client_secret: 'secret', redirect_uris: [redirectUri], response_types: ['code'] };
const deviceCode = 'urn:ietf:params:oauth:grant-type:device_code';
const refused = { code: 'invalid_client_metadata', reason: 'registration_metadata_refused' };

const saidOf = (call: () => unknown): string => expect(call).to.throw(OAuth2Error).message;

describe('readRegistration()', () => {

    it('fills in what a client leaves out (RFC 7591 §2)', () => {

        expect(readRegistration({}, ['openid', 'read'])).to.equal({ token_endpoint_auth_method: 'client_secret_basic', response_types: ['code'], scope: 'openid read', grant_types: ['authorization_code'] });
        expect(readRegistration({ grant_types: [deviceCode] }, [])).to.equal({ token_endpoint_auth_method: 'client_secret_basic', response_types: [], scope: '', grant_types: [deviceCode] });
        expect(readRegistration({ grant_types: 'authorization_code' }, [])).to.include({ response_types: [], grant_types: 'authorization_code' });
        expect(readRegistration({ client_name: '', logo_uri: null, scope: '' }, ['read'])).to.equal(readRegistration({}, ['read']));
    });

    it('ignores what only the operator and the server say', () => {

        const theirs = {
            client_id: 'web', client_secret: 'mine', client_id_issued_at: 1, registration_access_token: 'mine', consent: 'none', resources: ['https://api.example.com'], first_party: true, require_pkce: false,
            legacy_assertion_audience: true, software_statement: 'x', ['__proto__']: { consent: 'none' }, toString: 'x'
        };
        expect(readRegistration(theirs, [])).to.equal(readRegistration({}, []));
    });

    it('takes objects only', async () => {

        for (const payload of [null, undefined, [], [{}], 'x', 5, true]) {
            expect(await refusal(() => readRegistration(payload, []))).to.equal(refused);
        }
    });
});

describe('refusedMetadata()', () => {

    it('has the code of its field, and a description that a client may read (RFC 7591 §3.2.2, RFC 6749 §5.2)', () => {

        expect(refusedMetadata('redirect_uris.0 is bad')).to.include({ code: 'invalid_redirect_uri', message: 'redirect_uris.0 is bad' });
        expect(refusedMetadata('the redirect_uris (§1, §2)')).to.include({ code: 'invalid_client_metadata', message: 'the redirect_uris (section 1, section 2)' });
    });
});

describe('checkedRegistration()', () => {

    it('has response_types and grant_types agree, also where one is left out (RFC 7591 §2.1)', async () => {

        const { response_types: _code, ...silent } = web;
        for (const good of [web, { ...web, grant_types: ['authorization_code', 'refresh_token'] }, { ...silent, grant_types: [deviceCode] }, { ...web, response_types: [], grant_types: [deviceCode] }]) {
            expect(checkedRegistration(good)).to.equal(good);
        }

        for (const bad of [silent, { ...web, response_types: [] }, { ...web, grant_types: [deviceCode] }, { ...web, grant_types: [] }]) {
            expect(await refusal(() => checkedRegistration(bad))).to.equal(refused);
            expect(saidOf(() => checkedRegistration(bad))).to.startWith('response_types and grant_types do not agree');
        }
    });

    it('shows no name that could change the page around it', async () => {

        for (const name of ['Acme', 'x'.repeat(100), '\u00c4cme \u2603 \ud83d\ude00', '\ud83d\ude00'.repeat(100), '\ud83d\udc69\u200d\ud83d\udcbb', '\u0645\u06cc\u200c\u0634\u0648\u062f', '!']) {
            expect(checkedRegistration({ ...web, client_name: name }).client_name).to.equal(name);
        }

        for (const name of ['x'.repeat(101), 'a\nb', 'a\0', 'a\u007f', 'a\u0085', 'a\u2028b', '\u202emca', '\u2066x', 'x\u2069', ' ', '\u200d', '\u3164', 'a\u200bb', 'a\ufeff', 'a\u00ad', '\u200fa', '\u061ca', 'a\u2060b', 'a\ud83d', 'Acme\u{e0041}', '\u2800']) {
            expect(await refusal(() => checkedRegistration({ ...web, client_name: name })), JSON.stringify(name)).to.equal(refused);
        }
    });

    it('names the field of a record that cannot be used', () => {

        expect(saidOf(() => checkedRegistration({ ...web, logo_uri: 'http://a.example' }))).to.equal('logo_uri has to be an https address');
        expect(saidOf(() => checkedRegistration(null))).to.equal('it is no object with a client_id');
    });
});

describe('checkLimits()', () => {

    const check = (metadata: Omit<ClientMetadata, 'client_id'>, allowed = {}) => refusal(() => checkLimits({ client_id: 'a', ...metadata }, { openScopes: ['read'], subjectTypes: ['public'] }, allowed));

    it('lets a client have what users decide about, the open scopes and those of OpenID', async () => {

        for (const metadata of [{}, { scope: '' }, { scope: 'read openid offline_access' }, { grant_types: [] }, { grant_types: ['authorization_code', 'refresh_token', deviceCode] }]) {
            expect(await check(metadata)).to.be.null();
        }
    });

    it('lets it have no more, unless that is allowed, one by one', async () => {

        for (const grantType of ['client_credentials', 'password', 'urn:ietf:params:oauth:grant-type:token-exchange', '']) {
            expect(await check({ grant_types: ['authorization_code', grantType] }), grantType).to.equal(refused);
            expect(await check({ grant_types: ['authorization_code', grantType] }, { grantTypes: [grantType] }), grantType).to.be.null();
            expect(await check({ grant_types: ['authorization_code', grantType] }, { grantTypes: [], scopes: [grantType] }), grantType).to.equal(refused);
        }

        for (const scope of ['admin', 'read admin', 'READ', 'read  admin', '__proto__']) {
            expect(await check({ scope }), scope).to.equal(refused);
            expect(await check({ scope }, { scopes: ['other'], grantTypes: [scope] }), scope).to.equal(refused);
        }

        expect(await check({ scope: 'read admin' }, { scopes: ['admin'] })).to.be.null();
    });

    it('lets it know users only as the server can name them', async () => {

        expect(await check({ subject_type: 'public' })).to.be.null();
        expect(await check({ subject_type: 'pairwise' })).to.equal(refused);
        expect(await refusal(() => checkLimits({ client_id: 'a', subject_type: 'pairwise' }, { openScopes: [], subjectTypes: ['public', 'pairwise'] }, {}))).to.be.null();
    });
});

describe('checkRemotes()', () => {

    const unusable = { code: 'invalid_client_metadata', reason: 'registration_uri_unusable' };
    const client: ClientMetadata = { client_id: 'a', redirect_uris: [redirectUri] };
    const sector = 'https://client.example/sector';

    /** A way out that remembers what was asked for. */
    const outbound = (answer: () => ReturnType<Outbound['fetch']>) => {

        const asked: string[] = [];
        const fetch: Outbound['fetch'] = (url) => (asked.push(url), answer());
        return { asked, fetch, check: async (url: string) => void await fetch(url) };
    };

    it('asks for what there is, and for nothing else', async () => {

        const out = outbound(() => Promise.resolve(document([redirectUri])));
        await checkRemotes({ ...client, logo_uri: 'https://client.example/logo', client_uri: 'https://client.example/', initiate_login_uri: 'https://client.example/login' }, out);
        expect(out.asked).to.equal([]);
        await checkRemotes({ ...client, jwks_uri: 'https://client.example/keys', backchannel_logout_uri: 'https://client.example/logout', sector_identifier_uri: sector }, out);
        expect(out.asked).to.equal(['https://client.example/keys', 'https://client.example/logout', sector]);
    });

    it('says of each address in the same words that it cannot be fetched, whatever is behind it', async () => {

        for (const name of ['jwks_uri', 'backchannel_logout_uri', 'sector_identifier_uri']) {
            for (const problem of ['url_refused', 'address_refused', 'unreachable', 'timeout', 'too_large'] as const) {
                const check = () => checkRemotes({ ...client, [name]: 'https://10.0.0.1/' }, outbound(() => Promise.reject(new OutboundError(problem))));
                expect(await refusal(check)).to.equal(unusable);
                await expect(check()).to.reject(`${name} cannot be fetched from here`);
            }
        }
    });

    it('leaves a failure of this server one: no client is to blame for it', async () => {

        for (const name of ['jwks_uri', 'backchannel_logout_uri', 'sector_identifier_uri']) {
            await expect(checkRemotes({ ...client, [name]: sector }, outbound(() => Promise.reject(new TypeError('a mistake in this server'))))).to.reject(TypeError, 'a mistake in this server');
        }
    });

    it('has a sector list every redirect URI, as it is written (OpenID Connect Registration §5)', async () => {

        const check = (listed: unknown, uris: string[] | undefined = [redirectUri]) =>
            refusal(() => checkRemotes({ ...client, redirect_uris: uris, sector_identifier_uri: sector }, outbound(() => Promise.resolve(document(listed)))));
        expect(await check(['https://other.example/cb', redirectUri])).to.be.null();
        for (const listed of [[], ['https://other.example/cb'], [`${redirectUri}/`], [[redirectUri]], redirectUri, JSON.stringify(redirectUri), { redirect_uris: [redirectUri] }, 'null']) {
            expect((await check(listed))?.code, JSON.stringify(listed)).to.equal('invalid_client_metadata');
        }

        expect(await check([redirectUri], [redirectUri, 'https://app.example.com/more'])).to.equal(refused);
        expect(await refusal(() => checkRemotes({ client_id: 'a', sector_identifier_uri: sector }, outbound(() => Promise.resolve(document([])))))).to.be.null();
    });
});
