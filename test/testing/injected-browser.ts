import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { injectedBrowser } from '../../lib/testing';
import { postForm } from '../../lib/testing/injected-browser';
import { quietServer } from '../fixture/flows';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const pages = () => {

    const server = quietServer();
    server.route([
        { method: 'GET', path: '/', handler: (_request, h) => h.redirect('/form').code(303).state('seen', 'yes') },
        { method: 'GET', path: '/away', handler: (_request, h) => h.redirect('https://app.example.com/').code(303) },
        { method: 'GET', path: '/form', handler: ({ state }) => `${String(state.seen)} <form method="post" action="send?to=me"><input name="a" value="1"><input name="b"></form>` },
        { method: 'POST', path: '/send', handler: ({ payload, query }) => ({ payload, query }) }
    ]);
    return injectedBrowser(server);
};

describe('an injected browser', () => {

    it('keeps cookies, and follows the server but nobody else', async () => {

        const browser = pages();
        const page = await browser.open('/');
        expect([page.url, page.statusCode, page.location]).to.equal(['/form', 200, 'undefined']);
        expect(page.payload).to.startWith('yes ');
        expect([...browser.jar]).to.equal([['seen', 'yes']]);
        expect(await browser.open('/away')).to.include({ url: '/away', statusCode: 303, location: 'https://app.example.com/' });
        expect(await browser.send({ url: '/' })).to.include({ url: '/', statusCode: 303 });
    });

    it('fills in a form, whose other fields stay as they are', async () => {

        const browser = pages();
        const { payload } = await browser.submit(await browser.open('/form'), { b: '2&3' });
        expect(JSON.parse(payload)).to.equal({ payload: { a: '1', b: '2&3' }, query: { to: 'me' } });
    });

    it('says where there is no form', async () => {

        const browser = pages();
        await expect(browser.submit(await browser.open('/away'), {})).to.reject(/^\/away shows no form: /);
    });
});

describe('postForm()', () => {

    it('encodes fields, and leaves a text as it is', () => {

        expect(postForm('/a', { b: 'c d' }, { x: 'y' })).to.equal({ method: 'POST', url: '/a', headers: { 'content-type': 'application/x-www-form-urlencoded', x: 'y' }, payload: 'b=c+d' });
        expect(postForm('/a', 'b=%zz').payload).to.equal('b=%zz');
    });
});
