import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { ClientSecretBasic } from '../../lib';
import { assertionBench } from '../fixture/assertion';
import { basic } from '../fixture/provision';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const raw = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('ClientSecretBasic', () => {

    const method = new ClientSecretBasic();
    const present = (header: string, form: Record<string, unknown> = {}) => method.present({ carrier: 'authorization', header }, assertionBench().context(form));

    it('leaves other credentials to other methods', () => {

        const context = assertionBench().context();
        expect(method.present({ carrier: 'none' }, context)).to.be.null();
        expect(method.present({ carrier: 'client_secret', clientSecret: 'x' }, context)).to.be.null();
        expect(method.present({ carrier: 'client_assertion', assertion: 'x', type: 'x' }, context)).to.be.null();
    });

    for (const secret of ['plain', 'with:colon', '100%', '%41', 'a+b', 'a b', 'pässwörd 日本', 'a&b=c', ':', '%']) {
        it(`rule 20: reads the secret '${secret}' encoded and raw`, () => {

            expect(present(basic('robot', secret))?.clientSecret).to.equal(secret);
            expect(present(raw(`robot:${secret}`))?.clientSecretAsSent).to.equal(secret);
        });
    }

    it('rule 20: keeps both readings apart where they differ', () => {

        expect(present(raw('robot:a+b%21'))).to.equal({ clientId: 'robot', method: 'client_secret_basic', clientSecret: 'a b!', clientSecretAsSent: 'a+b%21' });
    });

    it('reads an id as the client_id of the form spells it, decoded otherwise', () => {

        expect(present(basic('a+b', 's'))?.clientId).to.equal('a+b');
        expect(present(raw('a+b:s'))?.clientId).to.equal('a b');
        expect(present(raw('a+b:s'), { client_id: 'a+b' })?.clientId).to.equal('a+b');
        expect(present(basic('a+b', 's'), { client_id: 'a+b' })?.clientId).to.equal('a+b');
        expect(present(basic('https://app.example.com', 's'))?.clientId).to.equal('https://app.example.com');
    });

    const malformed: Record<string, string> = {
        'an empty secret': raw('robot:'),
        'an empty id': raw(':secret'),
        'no colon': raw('robot'),
        'nothing': 'Basic ',
        'no space': 'Basic',
        'malformed base64': 'Basic ro*bot',
        'base64url': `Basic ${Buffer.from('robot:>>>???').toString('base64url').replace(/^/, '-_')}`,
        'another scheme': `Bearer ${Buffer.from('robot:secret').toString('base64')}`,
        'a scheme that begins like it': `Basics ${Buffer.from('robot:secret').toString('base64')}`,
        'two credentials': `${raw('robot:secret')}, ${raw('robot:secret')}`,
        'an empty header': ''
    };

    for (const [name, header] of Object.entries(malformed)) {
        it(`rule 20: refuses ${name} as invalid_client`, async () => {

            expect(await refusal(() => present(header))).to.equal({ code: 'invalid_client', reason: 'basic_malformed' });
        });
    }
});
