import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { pluginName } from '../../lib/authorization-server/plugin-name';
import { flowOf, hubOf } from '../../lib/testing/hub';
import { machines, quietServer, users } from '../fixture/flows';
import { provision } from '../fixture/provision';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('hubOf()', () => {

    it('finds the authorization server, or says that there is none', async () => {

        const { server } = await provision([machines()]);
        expect(hubOf(server)).to.shallow.equal(server.plugins[pluginName].authorizationServer);
        expect(() => hubOf(quietServer())).to.throw('This server has no authorization server: register a flow of hapi-oauth2-flows before you test it');
    });
});

describe('flowOf()', () => {

    it('finds a flow by its name, or the first that is wanted', async () => {

        const hub = hubOf((await provision([machines(), users()])).server);
        const isWanted = ({ name }: { readonly name: string }) => name === 'oauth2-authorization-code';
        expect(flowOf(hub, undefined, 'is wanted', isWanted).name).to.equal('oauth2-authorization-code');
        expect(flowOf(hub, 'oauth2-authorization-code', 'is wanted', isWanted).name).to.equal('oauth2-authorization-code');
        for (const name of ['oauth2-client-credentials', 'nobody']) {
            expect(() => flowOf(hub, name, 'is wanted', isWanted)).to.throw(`No flow called '${name}' is wanted: there are 'oauth2-client-credentials', 'oauth2-authorization-code'`);
        }
    });

    it('says what there is', async () => {

        const said = async (flows: Parameters<typeof provision>[0]) => {

            const hub = hubOf((await provision(flows)).server);
            return () => flowOf(hub, undefined, 'is wanted', () => false);
        };

        expect(await said([machines()])).to.throw('No flow of this server is wanted: there is \'oauth2-client-credentials\'');
        expect(await said([])).to.throw('No flow of this server is wanted: there are none');
    });
});
