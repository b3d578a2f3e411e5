// What TypeDoc's search does not do by itself: a result is a section of a page, or one error, and what somebody pastes is words and not lunr's query language.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import GithubSlugger from 'github-slugger';
import { DocumentReflection, IndexEvent, ReflectionKind, RendererEvent } from 'typedoc';

import { collectExcerpts } from './excerpts.mjs';

const textOf = (page) => page.content.map(({ text }) => text).join('');
const withoutLinks = (text) => text.replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1');
const asWords = (text) => withoutLinks(text).replaceAll('<br>', ' ').replaceAll(/[^\p{L}\p{N}_]+/gu, ' ');
const asTitle = (text) => withoutLinks(text).replaceAll(/[`*]/g, '').trim();

const topOf = (page) => (page.parent === undefined || page.parent.isProject() ? page : topOf(page.parent));

/** What stands above the first heading of second rank, and the sections: `{ title, anchor, lines }`. */
const sectionsOf = (text) => {

    const slugger = new GithubSlugger();
    const found = [{ lines: [] }];
    let isCode = false;
    for (const line of text.split('\n')) {
        const [, rank, heading] = (isCode ? null : /^(#{1,6}) (.*)$/.exec(line)) ?? [];
        isCode = /^`{3,}/.test(line) ? !isCode : isCode;
        if (rank !== undefined && rank.length > 1) {
            found.push({ title: asTitle(heading), anchor: slugger.slug(asTitle(heading)), lines: [] });
        }
        else {
            found.at(-1).lines.push(line);
        }
    }

    return { head: found[0], sections: found.slice(1) };
};

/** The errors of a table: one for each sentence, since a cell may have several, with `<br>` between. */
const errorsOf = (lines) => {

    const rows = lines.filter((line, i) => line.startsWith('| ') && lines[i + 1]?.startsWith('|--') !== true);
    return rows.flatMap((row) => {

        const cells = row.split('|').slice(1, -1);
        const named = cells.slice(0, -1).reduce((all, cell) => all.flatMap((before) => cell.split('<br>').map((sentence) => [...before, sentence])), [[]]);
        return named.map((names) => {

            const titles = names.map(asTitle).filter((name) => name !== '');
            return { title: titles.join(' · '), codes: titles.filter((name) => !name.includes(' ')).join(' '), text: [...titles, cells.at(-1)].join(' ') };
        });
    });
};

/** What is typed, as a query for lunr: no character of it is an operator. It runs in the browser, so that it uses nothing from here. */
const queryOf = (typed) => {

    const words = [...new Set(typed.toLowerCase().split(/[^\p{L}\p{N}_]+/u).filter((word) => word !== ''))];
    const telling = words.length > 3 ? words.filter((word) => word.length > 2) : words;         // The and and a of a sentence would find every page
    const asked = telling.length > 0 ? telling : words;
    return asked.map((word) => (words.length > 3 ? `${word}^4 ${word}*` : `${word}^4 *${word}*`)).join(' ') || '…';
};

/** Of TypeDoc's script: what it asks lunr for, and what it writes between a page and its section. */
const patches = [
    ['i.split(" ").map(c=>c.length?`*${c}*`:"").join(" ")', `(${queryOf})(i)`],
    ['.</span>${f}', `\${c.kind===${ReflectionKind.Document}?": ":"."}</span>\${f}`]
];

/** Adds the sections of the pages to the search. `sections` are the addresses of what was added, for the router. */
export const searchSections = (app, sections) => {

    const excerpts = collectExcerpts(app);
    app.renderer.on(IndexEvent.PREPARE_INDEX, ({ searchResults, searchFields, searchFieldWeights }) => {

        // Or a word that is in the name of a property goes before the page that is about it.
        Object.assign(searchFieldWeights, { document: 5, headings: 10 });
        for (const [i, page] of [...searchResults.entries()]) {
            const { group } = topOf(page).frontmatter ?? {};
            const isGuide = page.isDocument() && group !== 'Examples' && group !== 'Project' && page.name !== 'All pages';
            const url = app.renderer.router.getFullUrl(page);
            const isOfFlow = url.includes('docs/flows/');       // What a flow does is asked for more often than what is said of it elsewhere
            page.relevanceBoost = isGuide ? isOfFlow ? 6 : 4 : page.kindOf(ReflectionKind.SomeMember) ? 0.5 : 1;
            if (!page.isDocument() || group === 'Examples' || page.name === 'All pages') {
                page.isDocument() ? excerpts.ofText(url, textOf(page)) : excerpts.ofReflection(url, page);
                continue;
            }

            const add = (title, anchor, { name, document }) => {

                const found = new DocumentReflection(title, page, [], {});
                found.relevanceBoost = page.relevanceBoost;
                sections.set(found, `${url}#${anchor}`);
                searchResults.push(found);
                searchFields.push({ name: asWords(name), document: asWords(document) });
            };

            const read = sectionsOf(textOf(page));
            searchFields[i].document = asWords(read.head.lines.join('\n'));
            excerpts.ofText(url, [...read.head.lines.filter((line) => !line.startsWith('# ')), '', ...read.sections[0]?.lines ?? []].join('\n'));
            searchFields[i].headings = asWords([page.name, ...read.sections.map(({ title }) => title)].join('\n'));
            for (const { title, anchor, lines } of read.sections) {
                excerpts.ofText(`${url}#${anchor}`, lines.join('\n'));
                add(title, anchor, { name: title, document: `${page.name} ${lines.join('\n')}` });
                if (url.endsWith('docs/errors.html')) {
                    errorsOf(lines).forEach((error) => add(error.title, anchor, { name: error.codes, document: `${title} ${error.text}` }));
                }
            }
        }
    });

    app.renderer.on(RendererEvent.END, ({ outputDirectory }) => {

        const file = join(outputDirectory, 'assets', 'main.js');
        if (existsSync(file)) {
            const script = readFileSync(file, 'utf8');
            patches.filter(([from]) => !script.includes(from)).forEach(([from]) => app.logger.warn(`TypeDoc's search has changed: there is no ${from} in it`));
            writeFileSync(file, patches.reduce((text, [from, to]) => text.replace(from, () => to), script));
        }
    }, -100);
};
