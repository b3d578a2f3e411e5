import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { AuthorizationServerBuilder, OAuth2ClientCredentialsBuilder, OAuth2DeviceAuthorizationBuilder, OIDCAuthorizationCodeBuilder } from '../../lib';
import { quietServer } from '../fixture/flows';
import { clients } from '../fixture/registered-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const hub = () => AuthorizationServerBuilder.create().setClients(clients);
const sentence = (name: string) => `Flow '${name}' has users decide, but nobody can sign in: call authenticateUser(({ username, password }) => ...) on the AuthorizationServerBuilder, or setLoginUrl() for a sign-in page of your own`;

describe('A flow in which users decide', () => {

    it('does not start where nobody can sign in, and says what to call', async () => {

        for (const flow of [OIDCAuthorizationCodeBuilder.create(), OAuth2DeviceAuthorizationBuilder.create()]) {
            const server = quietServer();
            await server.register([hub(), flow]);
            await expect(server.initialize()).to.reject(sentence(flow.name));
        }
    });

    it('starts where the hub, its own route or another flow says who signs in, or where the app has a page for it', async () => {

        for (const plugins of [
            [hub().authenticateUser(() => null), OIDCAuthorizationCodeBuilder.create()],
            [hub(), OAuth2DeviceAuthorizationBuilder.create(), OIDCAuthorizationCodeBuilder.create().authorizationRoute((route) => route.authenticateUser(() => null))],
            [hub().setLoginUrl('https://app.example.com/login'), OIDCAuthorizationCodeBuilder.create(), OAuth2DeviceAuthorizationBuilder.create()],
            [hub(), OAuth2ClientCredentialsBuilder.create()]
        ]) {
            const server = quietServer();
            await server.register(plugins);
            await server.initialize();
            await server.stop();
        }
    });
});
