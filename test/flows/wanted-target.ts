import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OAuth2ClientCredentialsBuilder, type AuthorizationServerBuilder } from '../../lib';
import { claimsOf } from '../fixture/jwt';
import { proving } from '../fixture/level-2';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const api = 'https://api.example.com';
const files = 'https://files.example.com';

/** What a machine that is registered for `read write` gets for this request. */
const wanted = async (parameters: string, configure: (hub: AuthorizationServerBuilder) => unknown = (hub) => hub.setResources({ [api]: { default: true, scopes: { read: 'Read', write: 'Write' } }, [files]: { scopes: { 'files:read': 'Read files' } } })) => {

    const { machine } = await proving([OAuth2ClientCredentialsBuilder.create()], configure);
    const { body } = await machine(`grant_type=client_credentials&${parameters}`);
    if (body.error !== undefined) {
        return body.error;
    }

    const { aud, scope } = claimsOf(body.access_token);
    return { aud, scope };
};

describe('What a client may get of what it asks for', () => {

    it('is what it is registered for where it asks for nothing, for the resource that owns it', async () => {

        expect(await wanted('')).to.equal({ aud: api, scope: 'read write' });
        expect(await wanted('', () => undefined)).to.equal({ aud: 'http://localhost', scope: 'read write' });
    });

    it('is what it asks for, if it is registered for that and the resource has it', async () => {

        expect(await wanted('scope=write')).to.equal({ aud: api, scope: 'write' });
        expect(await wanted(`scope=read&resource=${api}/`)).to.equal({ aud: api, scope: 'read' });
        expect(await wanted(`scope=read&audience=${api}&resource=${files}`)).to.equal({ aud: [files, api], scope: 'read' });
    });

    it('is invalid_scope for a scope that nobody knows, that the client may not have, or that is another resource\'s', async () => {

        expect(await wanted('scope=read+admin')).to.equal('invalid_scope');
        expect(await wanted('scope=files:read')).to.equal('invalid_scope');
        expect(await wanted(`scope=read&resource=${files}`)).to.equal('invalid_scope');
    });

    it('is invalid_target for a resource that nobody knows', async () => {

        expect(await wanted('resource=https://evil.example.com')).to.equal('invalid_target');
    });
});
