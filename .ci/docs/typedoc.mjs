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
    headings: { readme: false, document: false },
    navigation: { includeGroups: true, includeFolders: false, compactFolders: false, excludeReferences: true },
    groupOrder: ['Begin', 'Flows', 'People', 'Clients and APIs', 'Production', 'Security', 'Project', 'Examples', 'API reference', '*'],
    sort: ['documents-first', 'source-order'],
    kindSortOrder: ['Document', 'Module', 'Class', 'Function', 'Variable', 'Interface', 'TypeAlias'],
    highlightLanguages: ['bash', 'console', 'http', 'javascript', 'json', 'sql', 'typescript', 'html', 'css', 'handlebars', 'yaml', 'nginx', 'ini', 'dockerfile', 'diff']
};
