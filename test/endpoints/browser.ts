import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Secrets } from '../../lib/protocol/secrets';
import { MemoryStore } from '../../lib/stores/memory';
import { authorizationEndpoint, signInAt, stepOf, url } from '../fixture/authorization';
import { signInParts } from '../fixture/sign-in';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const cookiesOf = (sent: unknown): readonly string[] => [sent ?? []].flat().map(String);

describe('The cookies of a browser', () => {

    it('are for this host, and for no script', async () => {

        for (const isSecure of [false, true]) {
            const { browser } = authorizationEndpoint(({ browsers }) => ({ browsers: { ...browsers, isSecure } }));
            const ada = browser();
            const page = await ada.send({ url: url() });
            const [mark = '', ...others] = cookiesOf(page.headers['set-cookie']);
            expect(others).to.be.empty();
            expect(mark).to.match(isSecure ? /^__Host-oauth2-browser=[\w-]{43}\.[\w-]{43}; / : /^oauth2-browser=[\w-]{43}\.[\w-]{43}; /);
            expect(mark.includes('; Secure')).to.equal(isSecure);
            expect(mark).to.contain('; HttpOnly').and.contain('; SameSite=Lax').and.contain('; Path=/').and.contain('Max-Age=90000').and.not.contain('Domain');
        }
    });

    it('are ignored where they are malformed, huge, planted twice, or sealed by another server', async () => {

        const { browser, server } = authorizationEndpoint();
        const ada = browser();
        await signInAt(ada);
        const session = ada.jar.get('oauth2-session') ?? '';
        const foreign = signInParts({ store: new MemoryStore({ clock: Date.now }), secrets: Secrets.generate(), clock: Date.now }).browsers.secrets.seal('ticket', 'session', 'A'.repeat(43));
        expect(stepOf(await ada.open(url({ prompt: 'none' })))).to.equal('code');
        const planted = ['', '.', 'x', `${session}x`, `x${session}`, session.slice(0, -4), 'a'.repeat(1_000_000), `${foreign.secret}.${foreign.data}`, `${session}; oauth2-session=${session}`, '"', '\u00e9', '__proto__', `${session.split('.')[0] ?? ''}.`];
        for (const value of planted) {
            const { statusCode, headers } = await server.inject({ url: url({ prompt: 'none' }), headers: { cookie: `oauth2-session=${value}` } });
            expect([statusCode, String(headers.location).includes('error=login_required')], value.slice(0, 50)).to.equal([303, true]);
            const marked = await server.inject({ url: '/authorize/interaction?interaction=x', headers: { cookie: `oauth2-browser=${value}` } });
            expect(marked.statusCode).to.equal(400);
        }
    });
});
