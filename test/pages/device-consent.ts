import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { deviceConsentPage } from '../../lib/pages/device-consent';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('The page that asks about a device', () => {

    it('shows everything as text', () => {

        const evil = '"><script>alert(1)</script>';
        const html = deviceConsentPage({ action: evil, client: evil, permissions: [evil], userCode: evil, ticket: evil });
        expect(html.match(/&quot;&gt;&lt;script&gt;/g)).to.have.length(6);
        expect(html).to.not.include('<script');
    });

    it('has two buttons, the code and the ticket', () => {

        const html = deviceConsentPage({ action: '/device', client: 'The TV', permissions: [], userCode: 'BCDF-GHJK', ticket: 'a.b' });
        expect(html).to.include('<button type="submit" name="decision" value="allow">').and.include('<button type="submit" name="decision" value="deny">')
            .and.include('<input type="hidden" name="user_code" value="BCDF-GHJK">').and.include('<input type="hidden" name="ticket" value="a.b">')
            .and.not.include('<ul>');
    });
});
