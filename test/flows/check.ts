import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { machines, people, quietServer, users } from '../fixture/flows';
import { provision } from '../fixture/provision';
import { refusalOf } from '../fixture/refusal';
import { ClientSecretBasic, ClientSecretJwt, NoneAuthMethod, PrivateKeyJwt, type SigningAlgorithm, type TokenType } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const machine = 'Flow \'oauth2-client-credentials\'';
const user = 'Flow \'oauth2-authorization-code\'';

/** What plain JavaScript may hand to a setter. */
const anything = <T>(value: unknown) => value as T;

const refusal = async (flow: Parameters<typeof refusalOf>[1]) => await refusalOf(quietServer(), flow);

describe('A flow is refused at registration, saying what to change, when', () => {

    it('its tokens live for no time that can be counted', async () => {

        for (const ttl of [0, -1, 1.5, NaN, Infinity, '600', null]) {
            expect(await refusal(machines().setTokenTTL(anything(ttl)))).to.equal(`${machine} has a token lifetime of ${String(ttl)}: give setTokenTTL() a whole number of seconds above 0`);
        }
    });

    it('its access tokens have a format that does not exist', async () => {

        expect(await refusal(machines().setAccessTokenFormat(anything('xml')))).to.equal(`${machine} has access tokens of the format 'xml': setAccessTokenFormat() takes 'jwt' or 'opaque'`);
    });

    it('its tokens live for more than a year, which are milliseconds', async () => {

        expect(await refusal(machines().setTokenTTL(31_536_001))).to.equal(`${machine} has a token lifetime of 31536001 seconds, which is more than a year: setTokenTTL() takes seconds, not milliseconds`);
        await provision([machines().setTokenTTL(31_536_000)]);
    });

    it('it has no name', async () => {

        const sentence = `${machine} has no name: give strategyName() one`;
        const { server } = await provision([]);
        const bare = machines().strategyName('');
        await expect(Promise.resolve(bare.register(server))).to.reject(Error, sentence);
        await expect(Promise.resolve(machines().strategyName(anything(undefined)).register(server))).to.reject(Error, sentence);
        await expect(Promise.resolve(machines().strategyName(anything(7)).register(server))).to.reject(Error, 'Flow \'7\' has no name: give strategyName() one');
    });

    it('a method cannot authenticate anybody', async () => {

        expect(await refusal(users().addClientAuthenticationMethod(new PrivateKeyJwt()))).to.equal(`${user} cannot authenticate clients: new PrivateKeyJwt() has no keys to verify with: call getPublicKeyForClient(async (clientId) => ...)`);
        expect(await refusal(users().addClientAuthenticationMethod(new ClientSecretJwt()))).to.equal(`${user} cannot authenticate clients: new ClientSecretJwt() has no secrets to verify with: call getClientSecret(async (clientId) => ...)`);
    });

    it('it adds one method twice', async () => {

        const flow = users().addClientAuthenticationMethod(new ClientSecretBasic()).addClientAuthenticationMethod('none').addClientAuthenticationMethod('client_secret_basic');
        expect(await refusal(flow)).to.equal(`${user} adds the client authentication method 'client_secret_basic' twice: keep one, with all it has to accept`);
    });

    it('its tokens stand for clients that need not prove who they are', async () => {

        const sentence = `${machine} accepts the client authentication method 'none', but its tokens stand for the client, which has to prove who it is: remove NoneAuthMethod`;
        expect(await refusal(machines().addClientAuthenticationMethod(new NoneAuthMethod()))).to.equal(sentence);
        expect(await refusal(machines().addClientAuthenticationMethod(new ClientSecretBasic()).addClientAuthenticationMethod('none'))).to.equal(sentence);
        await provision([users().addClientAuthenticationMethod(new NoneAuthMethod())]);
    });

    it('a scope has a name that no request can ask for', async () => {

        for (const scope of ['reports read', '', 'say "read"', 'a\\b', 'lesen/ä']) {
            expect(await refusal(machines().setScopes({ 'reports:read': 'fine', [scope]: 'not fine' }))).to.equal(`${machine} declares the scope '${scope}', which is no scope name: leave out spaces, quotes and backslashes in setScopes()`);
        }
    });

    it('it has the name of the hub\'s plugin', async () => {

        expect(await refusal(machines().strategyName('hapi-oauth2-flows'))).to.equal('A flow cannot be called \'hapi-oauth2-flows\', as the hub\'s plugin is: give strategyName() another name');
    });

    it('it would sign with an algorithm that does not exist, or one that shares a secret', async () => {

        for (const alg of ['HS256', 'none', 'ES257', undefined]) {
            const sentence = `signs with '${String(alg)}': choose an asymmetric algorithm such as ES256 or RS256`;
            expect(await refusal(machines().setAccessTokenAlgorithm(anything<SigningAlgorithm>(alg)))).to.equal(`${machine} ${sentence}`);
            expect(await refusal(people().setIdTokenAlgorithm(anything<SigningAlgorithm>(alg)))).to.equal(`Flow 'oidc-authorization-code' ${sentence}`);
        }
    });

    it('its token type cannot bind or verify', async () => {

        for (const tokenType of [{ name: 'DPoP' }, { name: 'DPoP', bind: () => undefined }]) {
            expect(await refusal(machines().setTokenType(anything<TokenType>(tokenType)))).to.equal(`${machine} has a token type without bind() and verify(): give setTokenType() a TokenType such as new BearerToken()`);
        }
    });

    it('validate is no function', async () => {

        expect(await refusal(machines().validate(anything(5)))).to.equal(`${machine} has a validate() that is no function: give it (request, { token, jwtAccessTokenPayload }, h) => ({ isValid })`);
    });

    it('a handler is no function', async () => {

        expect(await refusal(machines().tokenRoute((route) => route.generateToken(anything('x'))))).to.equal(`${machine} has a generateToken() in tokenRoute() that is no function: call tokenRoute((route) => route.generateToken(...))`);
    });

    it('a method is no object that presents clients', () => {

        for (const method of [5, null, undefined, {}, { method: 'own' }, { method: 'own', present: 5 }, { method: 5, present: () => null }, ClientSecretBasic]) {
            expect(() => machines().addClientAuthenticationMethod(anything(method))).to.throw(TypeError, /is no client authentication method without settings/);
        }
    });

    it('a method is one that needs settings or does not exist', () => {

        expect(() => machines().addClientAuthenticationMethod(anything('private_key_jwt'))).to.throw(TypeError, /^'private_key_jwt' is no client authentication method without settings/);
    });
});
