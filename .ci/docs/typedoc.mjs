/** TypeDoc takes the text of a heading without what stands in backticks, for its anchor too: this makes code in headings text within two tags. */
const namedHeadings = (parser) => {

    parser.core.ruler.push('code_in_headings', ({ tokens, Token }) => {

        for (const heading of tokens.filter((_token, i) => tokens[i - 1]?.type === 'heading_open')) {
            heading.children = heading.children.flatMap((token) => {

                const made = (type, content) => Object.assign(new Token(type, '', 0), { content });
                return token.type === 'code_inline' ? [made('html_inline', '<code>'), made('text', token.content), made('html_inline', '</code>')] : [token];
            });
        }
    });
};

/** How `npm run docs` builds the site. Every warning is an error: a link that leads nowhere, a type that is named but not exported. */
export default {
    name: 'hapi-oauth2-flows',
    entryPoints: ['index', 'redis', 'sql', 'store-contract', 'testing'].map((name) => `../../lib/${name}.ts`),
    tsconfig: '../../tsconfig.json',
    out: '../../site',
    plugin: ['./pages.mjs'],
    readme: '../../README.md',
    router: 'pages',
    customCss: './site.css',
    customJs: './site.js',

    treatWarningsAsErrors: true,
    skipErrorChecking: true,                                        // npm run build checks the types
    excludeInternal: true,
    excludePrivate: true,
    excludeProtected: true,
    excludeExternals: true,
    intentionallyNotExported: ['Members', 'en'],                    // JSON of an OpenAPI document; the English texts, of which PageTexts are the names
    disableGit: true,
    disableSources: true,                                           // A clone may have no address that they could be linked to
    hideGenerator: true,
    githubPages: false,
    includeVersion: true,

    searchInComments: true,
    searchInDocuments: true,
    markdownItLoader: namedHeadings,
    headings: { readme: false, document: false },
    navigation: { includeGroups: true, includeFolders: false, compactFolders: false, excludeReferences: true },
    groupOrder: ['Begin', 'Flows', 'People', 'Clients and APIs', 'Production', 'Security', 'Project', 'Examples', 'API reference', '*'],        // Of docs/README.md
    sort: ['documents-first', 'source-order'],
    kindSortOrder: ['Document', 'Module', 'Class', 'Function', 'Variable', 'Interface', 'TypeAlias'],
    highlightLanguages: ['bash', 'console', 'http', 'javascript', 'json', 'sql', 'typescript', 'html', 'css', 'handlebars', 'yaml', 'nginx', 'ini', 'dockerfile', 'diff']
};
