// Says which links lead nowhere, in the tracked Markdown files as GitHub shows them and in the built site, and tries the site in Chromium as somebody
// does who opens it from a folder, without a network: npm run docs:check. Links to other hosts are not followed.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

import GithubSlugger from 'github-slugger';
import MarkdownIt from 'markdown-it';
import { chromium } from 'playwright-core';

const root = join(import.meta.dirname, '..', '..');
const site = join(root, 'site');
const problems = [];
const isElsewhere = (link) => /^[a-z][a-z\d+.-]*:/i.test(link);
const within = (file) => relative(root, file).split(sep).join('/');

/** Looks at each link of each file: `read(file)` finds its links and the names within it that a link may have after `#`. */
const follow = (files, read, isThere) => {

    const known = new Map();
    const open = (file) => known.get(file) ?? known.set(file, read(file)).get(file);
    let count = 0;
    for (const file of files) {
        for (const link of open(file).links.filter((link) => !isElsewhere(link))) {
            count += 1;
            const [path, anchor = ''] = link.split('#').map(decodeURIComponent);
            const target = path === '' ? file : resolve(dirname(file), path.replace(/\?.*/, ''));
            if (!isThere(target)) {
                problems.push(`${within(file)}: ${link} is not there`);
            }
            else if (anchor !== '' && files.has(target) && !open(target).anchors.has(anchor)) {
                problems.push(`${within(file)}: there is no #${anchor} in ${within(target)}`);
            }
        }
    }

    return count;
};

const markdown = new MarkdownIt({ html: true });
const readMarkdown = (file) => {

    const slugger = new GithubSlugger();
    const links = [];
    const anchors = new Set();
    const tokens = markdown.parse(readFileSync(file, 'utf8'), {});
    for (const [i, { type, children, content }] of tokens.entries()) {
        for (const token of children ?? []) {
            links.push(...[token.attrGet('href'), token.attrGet('src')].filter((link) => link !== null));
        }

        if (type === 'inline' && tokens[i - 1]?.type === 'heading_open') {
            anchors.add(slugger.slug(children.map((token) => token.content).join('')));
        }

        if (type.startsWith('html') || children?.some((token) => token.type === 'html_inline')) {
            [...content.matchAll(/\b(?:href|src)="([^"]+)"/g)].forEach(([, link]) => links.push(link));
            [...content.matchAll(/\b(?:id|name)="([^"]+)"/g)].forEach(([, name]) => anchors.add(name));
        }
    }

    return { links, anchors };
};

const unescape = (text) => text.replaceAll('&quot;', '"').replaceAll('&#39;', '\'').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
const readPage = (file) => {

    const tags = readFileSync(file, 'utf8').match(/<[a-z][^>]*>/gi) ?? [];
    const values = (name) => tags.map((tag) => new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1]).filter((value) => value !== undefined).map(unescape);
    return { links: [...values('href'), ...values('src')], anchors: new Set(values('id')) };
};

const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0').filter((name) => name !== '').map((name) => join(root, name));
const withFolders = (path) => (path === root ? [root] : [path, ...withFolders(dirname(path))]);
const inRepository = new Set(tracked.flatMap(withFolders));
const ofMarkdown = follow(new Set(tracked.filter((file) => file.endsWith('.md') && existsSync(file))), readMarkdown, (file) => inRepository.has(file));

const pages = new Set(readdirSync(site, { recursive: true }).filter((name) => name.endsWith('.html')).map((name) => join(site, name)));
const ofSite = follow(pages, readPage, (file) => existsSync(file) && statSync(file).isFile());

/** Where a result of the search leads that has to be there: among the first so many, at the end of its address. What people paste is full of what lunr has operators for. */
const searches = [
    ['refresh token', 'refresh-tokens.html', 3],
    ['setRevocationWindow', 'setrevocationwindow', 1],
    ['device code polling slow_down', 'device-authorization.html', 5],
    ['PostgreSQL', 'docs/stores/sql.html', 3],
    ['invalid_client', 'docs/errors.html#invalid_client', 1],
    ['client_secret_wrong', 'docs/errors.html#invalid_client', 1],
    ['setClients()', 'docs/errors.html#clients', 3],
    ['Flow \'a\' and flow \'b\' both serve grant_type \'refresh_token\' at /token: give one', 'docs/errors.html#names-paths-and-strategies', 1],
    ['Error: setIssuer(\'http://x.example\'): an issuer that is not this machine must be https. Put TLS in front of it', 'docs/errors.html#the-server', 1],
    ['-setTrustedProxies(): \'0.0.0.0/0\' trusts everybody, and "whoever" is trusted ~may^ name* any address+', 'docs/errors.html#the-server', 1]
];
const tables = ['docs/errors.html', 'docs/comparison.html'];

/* global document, window -- These run in the page */
const isAnswered = (isAsked) => (document.querySelector('#tsd-search-results a, #tsd-search-status > div') !== null) === isAsked;
const widths = () => [document.documentElement.scrollWidth, [...document.querySelectorAll('table')].filter((table) => table.scrollWidth > table.clientWidth).map((table) => table.innerText.replaceAll(/\s+/g, ' ').slice(0, 40))];

/** What axe finds on a page: all rules but the order of headings, which TypeDoc breaks where it writes of an example. */
const faults = async () => (await window.axe.run(document, { resultTypes: ['violations'], rules: { 'heading-order': { enabled: false } } })).violations.map(({ id, nodes }) => `${id} at ${nodes[0].target.join(' ')}`);

/** What somebody sees of the site, opened as a file: what the search finds first, and whether pages and tables fit the screen. */
const look = async (browser) => {

    const context = await browser.newContext({ offline: true, viewport: { width: 390, height: 800 } });
    const page = await context.newPage();
    page.on('request', (request) => isElsewhere(request.url()) && !/^(file|data|blob):/.test(request.url()) && problems.push(`the site asks for ${request.url()}`));
    page.on('pageerror', (err) => problems.push(`the site's script fails: ${err.message}`));
    await page.goto(pathToFileURL(join(site, 'docs/errors.html')).href);
    await page.click('#tsd-search-trigger');
    for (const [words, found, within] of searches) {
        await page.fill('#tsd-search-input', '');
        await page.waitForFunction(isAnswered, false, { timeout: 5_000 }).catch(() => undefined);
        await page.fill('#tsd-search-input', words);
        await page.waitForFunction(isAnswered, true, { timeout: 5_000 }).catch(() => undefined);
        const links = await page.locator('#tsd-search-results a').evaluateAll((all, count) => all.slice(0, count).map((link) => link.getAttribute('href')), within);
        if (!links.some((link) => link.toLowerCase().endsWith(found))) {
            problems.push(`a search for '${words}' finds ${links.join(', ') || 'nothing'}`);
        }
    }

    await page.fill('#tsd-search-input', 'a device that polls slow_down');
    const marked = page.locator('#tsd-search-results a[href$="device-authorization.html#what-is-checked"] .excerpt mark');
    await marked.first().waitFor({ timeout: 5_000 }).catch(() => undefined);
    const marks = await marked.allTextContents();
    if (!['device', 'polls', 'slow_down'].every((word) => marks.some((mark) => mark.toLowerCase() === word))) {
        problems.push(`a result of the search marks ${marks.join(', ') || 'nothing'} of what it says`);
    }

    await page.click('#tsd-search-results a', { timeout: 5_000 }).catch(() => undefined);
    await page.waitForFunction(() => !document.getElementById('tsd-search').open, undefined, { timeout: 5_000 }).catch(() => problems.push('the search stays open over the section that it found'));

    for (const [wide, width] of ['index.html', 'docs/handlers.html', 'docs/flows/authorization-code.html', 'docs/proofs.html', ...tables].flatMap((name) => [[name, 390], [name, 1280]])) {
        await page.setViewportSize({ width, height: 800 });
        await page.goto(pathToFileURL(join(site, wide)).href);
        const [taken, hidden] = await page.evaluate(widths);
        if (taken > width) {
            problems.push(`${wide} is ${taken} pixels wide on a screen of ${width}`);
        }

        if (tables.includes(wide) && hidden.length > 0) {
            problems.push(`${wide} hides columns on a screen of ${width}: ${hidden.join(', ')}`);
        }
    }

    for (const name of ['docs/proofs.html', 'classes/hapi-oauth2-flows.OAuth2PasswordBuilder.html']) {
        await page.goto(pathToFileURL(join(site, name)).href);
        await page.addScriptTag({ path: join(root, 'node_modules', 'axe-core', 'axe.min.js') });
        problems.push(...(await page.evaluate(faults)).map((fault) => `${name}: ${fault}`));
    }
};

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium', timeout: 60_000, args: ['--disable-gpu'] });
await look(browser).finally(() => browser.close());

console.log(`${ofMarkdown} links in Markdown, ${ofSite} on ${pages.size} pages of the site`);
if (problems.length > 0) {
    console.error(problems.join('\n'));
    process.exitCode = 1;
}
