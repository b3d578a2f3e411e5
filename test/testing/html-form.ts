import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { filledIn, postedForm, unescapeHtml } from '../../lib/testing/html-form';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('a form in HTML', () => {

    it('is the first that is posted', () => {

        const form = postedForm(`<form action="/search"><input name="q"></form>
            <FORM method='POST' action=/next?a=1&amp;b=2><input type="hidden" name="x" value="&quot;1&quot;"><input name=user autocomplete=username>
            <input type=Checkbox name=off><input type=radio name=on value=yes checked><input type="submit" name="go" value="Go"><button>Plain</button>
            <button type="button" name="no">No</button><button name="decision" value='allow'>Yes</button></FORM><form method="post" action="/other"></form>`);
        expect(form?.action).to.equal('/next?a=1&b=2');
        expect(form?.inputs.map(({ name, type, value, autocomplete }) => [name, type, value, autocomplete])).to.equal([['x', 'hidden', '"1"', undefined], ['user', 'text', '', 'username'], ['on', 'radio', 'yes', undefined]]);
        expect(form?.buttons.map(({ name, value }) => [name, value])).to.equal([['', ''], ['decision', 'allow'], ['go', 'Go']]);
        expect(form && filledIn(form)).to.equal({ x: '"1"', user: '', on: 'yes' });
    });

    it('may be missing, or name no place to go', () => {

        expect(postedForm('<form action="/search"></form>')).to.be.undefined();
        expect(postedForm('<form method="post"><input value="nameless"></form>')).to.equal({ action: '', inputs: [{ name: '', value: 'nameless', type: 'text', autocomplete: undefined }], buttons: [] });
    });

    it('has text as a browser reads it', () => {

        expect(unescapeHtml('&lt;a href=&quot;x&quot;&gt; &#39;&#x41;&apos; &amp;amp; &nbsp;&unknown;')).to.equal('<a href="x"> \'A\' &amp; \u00a0&unknown;');
    });

    it('sends no field without a name', () => {

        expect(filledIn({ action: '', buttons: [], inputs: [{ name: '', value: '1', type: 'text', autocomplete: undefined }] })).to.equal({});
    });
});
