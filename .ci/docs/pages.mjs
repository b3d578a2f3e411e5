// What TypeDoc does not do by itself: the pages in the order, with the names and under the headings of docs/README.md; a page for each example; diagrams as pictures.

import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { basename, dirname, extname, join, relative } from 'node:path';

import { renderMermaidSVG } from 'beautiful-mermaid';
import { Comment, CommentTag, Converter, DocumentReflection, KindRouter, MarkdownEvent, MinimalSourceFile, PageEvent, ReflectionKind, RendererEvent } from 'typedoc';

import { searchSections } from './search.mjs';

const root = join(import.meta.dirname, '..', '..');
const read = (path) => readFileSync(join(root, path), 'utf8');

/** The pages that an index lists, under its headings: `{ name, path, group }`, paths from the root. */
const listed = (index) => {

    const found = [{ name: 'All pages', path: index, group: 'Begin' }];
    let group = '';
    for (const line of read(index).split('\n')) {
        group = /^## (.*)/.exec(line)?.[1] ?? group;
        const [, name, path] = /^- \[(.*?)\]\((.*?)\)/.exec(line) ?? [];
        if (path !== undefined) {
            found.push({ name, path: join(dirname(index), path), group });
        }
    }

    return found;
};

const allPages = () => readdirSync(join(root, 'docs'), { recursive: true }).filter((name) => name.endsWith('.md')).sort().map((name) => join('docs', name));
const titleOf = (path) => /^# (.*)$/m.exec(read(path))?.[1] ?? basename(path, '.md');

/** An example as a page: what its first comment says, and its files. */
const examplePage = (folder) => {

    const languages = { '.ts': 'ts', '.mts': 'ts', '.js': 'js', '.mjs': 'js', '.html': 'html', '.css': 'css', '.hbs': 'handlebars', '.json': 'json' };
    const files = readdirSync(join(root, folder), { recursive: true }).filter((name) => extname(name) in languages).sort();
    const blocks = files.map((name) => `## ${name}\n\n\`\`\`\`${languages[extname(name)]}\n${read(join(folder, name)).trimEnd()}\n\`\`\`\`\n`);
    return { text: `# Example: ${basename(folder)}\n\nThe files of \`${folder}/\`. The tests start and use them.\n\n${blocks.join('\n')}`, files: files.map((name) => join(folder, name)) };
};

/** Adds all pages to a project that has none yet. */
const addPages = (app, project) => {

    const add = (parent, { name, path, group, text = read(path) }) => {

        const { content, frontmatter } = app.converter.parseRawComment(new MinimalSourceFile(text, join(root, path)), project.files);
        const page = new DocumentReflection(name, parent, content, { ...frontmatter, group });
        parent.addChild(page);
        project.registerReflection(page, undefined, join(root, path));
        return page;
    };

    const pages = listed('docs/README.md');
    const added = new Map(pages.filter(({ path }) => existsSync(join(root, path))).map((page) => [page.path, add(project, page)]));
    for (const { path } of pages.filter(({ path }) => !added.has(path))) {
        app.logger.warn(`docs/README.md lists ${path}, which is not there`);
    }

    for (const path of allPages().filter((path) => !added.has(path))) {
        const folder = added.get(join(dirname(path), 'README.md'));
        if (folder === undefined || dirname(path) === 'docs') {
            app.logger.warn(`docs/README.md does not list ${path}`);
        }
        else {
            add(folder, { name: titleOf(path), path });
        }
    }

    const examples = readdirSync(join(root, 'examples'), { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name !== 'dist').map(({ name }) => join('examples', name));
    for (const path of examples) {
        const { text, files } = examplePage(path);
        const page = add(project, { name: basename(path), path, group: 'Examples', text });
        files.forEach((file) => project.files.registerReflectionPath(join(root, file), page));
    }
};

const describedBy = (source) => ({
    title: /^\s*accTitle: *(.*)$/m.exec(source)?.[1] ?? 'Sequence diagram',
    drawn: source.replace(/^\s*acc(Title|Descr): .*\n/gm, '')
});

/** A diagram as a picture that needs no script, in the colours of the page; without its style element, which would ask another host for a font. */
const picture = (source) => {

    const { title, drawn } = describedBy(source);
    const svg = renderMermaidSVG(drawn, { transparent: true }).replace(/<style>[\s\S]*?<\/style>/, '').replace(/ style="[^"]*"/, '').replaceAll(/\n\s*\n/g, '\n');
    return `<figure class="diagram" tabindex="0" role="img" aria-label="${title}">${svg.trim()}</figure>`;
};

/** A permalink within what opens and closes a list is one control in another, which screen readers do not say; the list of headings has the same link. */
const withoutLinks = (summary) => summary.replaceAll(/<a href="#[^"]*" aria-label="Permalink"[\s\S]*?<\/a>/g, '');

/** A table that says for each cell which column it is in, for phones, where a row is a card; what is no table to CSS stays one by its roles. It may scroll, and not by mouse alone. */
const labelled = (table) => {

    const labels = [...table.matchAll(/<th\b[^>]*>([\s\S]*?)<\/th>/g)].map(([, label]) => label.replaceAll(/<[^>]*>/g, '').replaceAll('"', '&quot;').trim());
    let column = 0;
    const broken = table.replaceAll(/<code>[^<]*<\/code>/g, (code) => code.replaceAll(/(?<=\w[_/.-])(?=\w)/g, '<wbr>'));         // At a joint, where a column is narrower than a name
    return broken.replace('<table>', '<table role="table" tabindex="0">').replaceAll('<th></th>', '<td></td>').replaceAll(/<(tr|th|td)\b/g, (start, tag) => {

        column = tag === 'tr' ? 0 : column + 1;
        const label = tag === 'td' ? labels[column - 1] ?? '' : '';
        return `${start} role="${{ tr: 'row', th: 'columnheader', td: 'cell' }[tag]}"${label === '' ? '' : ` data-label="${label}"`}`;
    });
};

/** What the search finds within pages, with its address. */
const sections = new Map();

/** Where the site has a page: pages where the repository has them, the API by kind. */
class PageRouter extends KindRouter {
    getIdealBaseName(reflection) {

        const path = reflection.isDocument() ? reflection.project.files.getReflectionPath(reflection) : undefined;
        return path === undefined ? super.getIdealBaseName(reflection) : relative(root, path).replace(/\.md$/, '').replace(/README$/, 'index').toLowerCase();
    }

    getFullUrl(target) {

        return sections.get(target) ?? super.getFullUrl(target);
    }
}

export const load = (app) => {

    app.renderer.defineRouter('pages', PageRouter);
    app.converter.on(Converter.EVENT_CREATE_PROJECT, (_context, project) => addPages(app, project));
    app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {

        for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
            module.name = module.name === 'index' ? 'hapi-oauth2-flows' : `hapi-oauth2-flows/${module.name}`;
            module.comment ??= new Comment();
            module.comment.blockTags.push(new CommentTag('@group', [{ kind: 'text', text: 'API reference' }]));
        }
    });
    searchSections(app, sections);
    app.renderer.on(MarkdownEvent.PARSE, (event) => {

        event.parsedText = event.parsedText.replaceAll(/^```mermaid\n([\s\S]*?)^```$/gm, (_block, source) => picture(source));
    }, 100);

    // Browsers show text, but take .ts for a film: sources that pages link to are copied with one more ending.
    const isShown = (name) => ['.png', '.svg', '.txt'].includes(extname(name));
    app.renderer.on(PageEvent.END, (page) => {

        page.contents = page.contents
            ?.replaceAll(/(href="[^"]*media\/)([^"#]+)/g, (link, _path, name) => (isShown(name) ? link : `${link}.txt`))
            .replace('<div class="col-content">', '<div class="col-content" role="main">')
            .replace('<div class="page-menu">', '<div class="page-menu" role="complementary">')
            .replaceAll(/<summary\b[\s\S]*?<\/summary>/g, withoutLinks)
            .replaceAll(/<table>[\s\S]*?<\/table>/g, labelled)
            .replaceAll(/href="((?:\.\.\/)+|\.\/)(#[^"]*)?"/g, 'href="$1index.html$2"');           // A folder opened as a file is a list of files
    });
    app.renderer.on(RendererEvent.END, ({ outputDirectory, project }) => {

        for (const name of project.files.getNameToAbsoluteMap().keys()) {
            const file = join(outputDirectory, 'media', name);
            if (!isShown(name) && existsSync(file)) {
                renameSync(file, `${file}.txt`);
            }
        }
    }, -100);
};
