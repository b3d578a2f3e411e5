import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { errorPage } from '../../lib/pages/problem';
import { look } from '../fixture/pages';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const model = { code: 'invalid_request', statusCode: 400, description: 'The parameter is missing', reference: 'BCDF2345' };

/** What people are told. */
const told = (changes: Partial<typeof model>) => /<\/h1>\n<p>([^<]+)/.exec(errorPage({ ...model, ...changes }, look()).html)?.[1];

describe('errorPage()', () => {

    it('says what happened and what to do, with a number; and the code for developers, in English', () => {

        const { html } = errorPage(model, look('fr'));
        expect(html).to.contain('<h1>Cela n’a pas fonctionné</h1>').and.contain('<strong><code>BCDF2345</code></strong>').and.contain('<code>invalid_request</code>').and.contain('<p lang="en" dir="ltr">The parameter is missing.</p>');
        expect(errorPage({ ...model, description: undefined }, look()).html).to.not.contain('lang="en" dir="ltr">.');
    });

    it('tells people something of their own for each kind of failure', () => {

        const { texts } = look();
        expect(told({})).to.equal(texts.errorRequest);
        expect(told({ code: 'invalid_client', statusCode: 401 })).to.equal(texts.errorClient);
        expect(told({ code: 'unauthorized_client' })).to.equal(texts.errorClient);
        expect(told({ code: 'access_denied' })).to.equal(texts.errorDenied);
        expect(told({ statusCode: 403 })).to.equal(texts.errorOtherSite);
        expect(told({ code: 'temporarily_unavailable', statusCode: 429 })).to.equal(texts.errorTooMany);
        expect(told({ code: 'temporarily_unavailable', statusCode: 503 })).to.equal(texts.errorBusy);
        expect(told({ code: 'server_error', statusCode: 500 })).to.equal(texts.errorServer);
        expect(told({ code: 'toString' })).to.equal(texts.errorRequest);
    });
});
