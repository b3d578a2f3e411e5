import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { closeBrowser, everywhere, visitSite, type Visitor } from './fixture/chromium';

const lab = Lab.script();
const { after, describe, it } = lab;
export { lab };

const hour = 3600;

/** Whether the number that a person reads out is that of the last event, which has this reason. */
const expectNumber = async ({ page, site }: Visitor, reason: string): Promise<void> => {

    const reference = /give this number: (\S{8})$/m.exec(await page.getByRole('main').innerText())?.[1];
    expect(reference).to.exist();
    expect(Object(site.refusals.at(-1))).to.include({ reason, reference });
};

describe('visits that do not go straight on, in Chromium', () => {

    after(closeBrowser);

    it('keeps two tabs apart: each has its own answer', everywhere(async (first) => {

        const second = await first.newTab();
        await first.ask({ state: 'first' });
        await second.ask({ state: 'second', scope: 'openid' });
        await first.signIn();
        await first.press('Allow');
        expect(await first.answer()).to.include('code').and.to.include({ state: 'first' });
        await second.signIn();
        expect(await second.answer()).to.include('code').and.to.include({ state: 'second' });
        const third = await first.newTab();
        await third.ask({ state: 'third', prompt: 'consent' });
        expect(await third.heading()).to.equal('Allow access?');
        expect(second.complaints.concat(third.complaints)).to.equal([]);
    }));

    it('goes back from consent to what is due, and from the client to the same answer, as long as that is fresh', everywhere(async (visitor) => {

        const { page, site } = visitor;
        await visitor.ask();
        await visitor.signIn();
        expect(await visitor.heading()).to.equal('Allow access?');
        await page.goBack();
        expect(await visitor.heading()).to.equal('Allow access?');
        await page.goForward();
        expect(await visitor.heading()).to.equal('Allow access?');
        await visitor.press('Allow');
        const answer = await visitor.answer();
        await page.goBack();
        expect(await visitor.answer()).to.equal(answer);
        expect(await site.redeem(answer, `${site.https}/callback`)).to.include({ token_type: 'Bearer' });
    }));

    it('gives a second click the answer of the first', everywhere(async (visitor) => {

        await visitor.ask();
        await visitor.signIn();
        const sent: string[] = [];
        visitor.page.on('request', (request) => sent.push(request.method()));
        await visitor.page.getByRole('button', { name: 'Allow' }).dblclick({ noWaitAfter: true });
        const answer = await visitor.answer();
        expect(answer).to.include('code');
        expect(await visitor.site.redeem(answer, `${visitor.site.https}/callback`)).to.include({ token_type: 'Bearer' });
        expect(sent).to.include('POST');
    }));

    it('says that a page was used, where its answer is no longer fresh', everywhere(async (visitor) => {

        await visitor.ask();
        await visitor.signIn();
        const consent = visitor.page.url();
        await visitor.press('Allow');
        await visitor.answer();
        visitor.site.advance(61);
        await visitor.page.goto(consent);
        expect(await visitor.heading()).to.equal('This page was used already');
        await expectNumber(visitor, 'interaction_used');
        await visitor.look('interrupted-used');
    }));

    it('says that a form waited for too long, and starts again', everywhere(async (visitor) => {

        const { page, site } = visitor;
        await visitor.ask();
        site.advance(hour + 1);
        await visitor.signIn();
        expect(await visitor.heading()).to.equal('This page was open for too long');
        await expectNumber(visitor, 'interaction_expired');
        await visitor.look('interrupted');
        await page.getByRole('link', { name: 'Start again' }).click();
        expect(await visitor.heading()).to.equal('Sign in');
        await visitor.signIn();
        site.advance(hour + 1);
        await visitor.press('Allow');
        expect(await visitor.heading()).to.equal('This page was open for too long');
        await page.getByRole('link', { name: 'Start again' }).click();
        expect(await visitor.heading()).to.equal('Allow access?');
        await visitor.press('Allow');
        expect(await visitor.answer()).to.include('code').and.to.include({ state: 'a state' });
    }));

    it('is of no use in another browser', everywhere(async (visitor) => {

        const { page, site, screen } = visitor;
        await visitor.ask();
        await visitor.signIn();
        const other = await visitSite(site, screen);
        await other.page.goto(page.url());
        expect(await other.heading()).to.equal('This page belongs to another browser');
        await expectNumber(other, 'no_browser_cookie');
        await other.look('interrupted-other-browser');
        await other.context.close();
        await visitor.context.clearCookies();
        await visitor.press('Allow');
        expect(await visitor.heading()).to.equal('This page belongs to another browser');
    }));

    it('shows an error that no client may learn of, under the number that the log has', everywhere(async (visitor) => {

        const { page, site } = visitor;
        await visitor.ask({ client_id: 'nobody' });
        expect(await visitor.heading()).to.equal('This did not work');
        await visitor.look('error');
        const reference = /give this number: (\S{8})$/m.exec(await page.getByRole('main').innerText())?.[1];
        expect(site.refusals).to.have.length(1);
        expect(Object(site.refusals[0])).to.include({ reference });
        await visitor.ask({ redirect_uri: 'https://attacker.example.com/' });
        expect(await visitor.heading()).to.equal('This did not work');
        expect(new URL(page.url()).origin).to.equal(site.url);
    }));

    it('asks who guessed too often to wait', everywhere(async (visitor) => {

        await visitor.ask();
        await visitor.signIn('ada', 'wrong');
        await visitor.signIn('ada', 'wrong');
        await visitor.signIn();
        expect(await visitor.page.getByText('There were too many tries.').isVisible()).to.be.true();
        await visitor.look('error-too-many');
    }, { configure: (hub) => hub.setRateLimit({ signIn: { failures: 2, seconds: 600 } }) }));
});
