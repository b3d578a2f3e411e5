import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { formPostPage } from '../../lib/pages/form-post';
import { hashOf } from '../../lib/pages/theme';
import { look } from '../fixture/pages';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('formPostPage()', () => {

    it('posts the answer to the client by one script, which the policy allows by its hash, and on a click without scripts', () => {

        const { html, policy } = formPostPage({ action: 'https://app.example.com/cb?a&b', parameters: [{ name: 'code', value: 'x' }, { name: 'state', value: '"é☃' }] }, look());
        expect(html).to.contain('<form method="post" action="https://app.example.com/cb?a&amp;b">').and.contain('name="code" value="x"').and.contain('name="state" value="&quot;é☃"');
        const [, script = ''] = /<script>([^<]+)<\/script>/.exec(html) ?? [];
        expect(policy).to.contain(`; script-src '${hashOf(script)}';`).and.not.contain('form-action');
        expect(html).to.match(/<noscript>[^]*<button type="submit"[^]*<\/noscript>/);
    });

    it('says nothing of the parameters in its script, and sends also where one is called submit', () => {

        const script = (name: string) => /<script>([^<]+)<\/script>/.exec(formPostPage({ action: '/', parameters: [{ name, value: name }] }, look()).html)?.[1];
        expect(script('submit')).to.equal(script('a')).and.contain('HTMLFormElement.prototype.submit.call');
    });
});
