import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as ts from 'typescript';

export const lab = Lab.script();
const { describe, it } = lab;

/** Imports go down only; folders that share a line do not know each other. */
const layers = [
    ['index'],
    ['testing'],
    ['flows'],
    ['authorization-server'],
    ['endpoints'],
    ['grant-types', 'clients', 'tokens', 'pages', 'sessions'],
    ['stores', 'keys'],
    ['protocol'],
    ['error']
];

/** Packages that only some places may import. */
const confined: Readonly<Record<string, { readonly to: RegExp; readonly said: string }>> = {
    '@hapi/boom': { to: /^lib\/(error\.ts|tokens\/([^/]+\/)*[^/]*scheme[^/]*\.ts)$/, said: 'error and the strategy scheme in tokens' },
    jose: { to: /^lib\/(keys|clients|tokens)\//, said: 'keys, clients and tokens' }
};

const clockOwner = /^lib\/authorization-server/;
const maxLines = 300;
const vagueName = /^(utils?|types|common|helpers?)$/;

interface Import {
    readonly specifier: string;
    readonly typeOnly: boolean;
    readonly line: number;
}

interface Findings {
    readonly imports: readonly Import[];
    readonly offences: readonly string[];
}

const rank = (layer: string): number => layers.findIndex((names) => names.includes(layer));

/** `lib/flows/flow.ts` is of `flows`, `lib/error.ts` of `error`; the hub is a file or a folder, whatever follows its name. */
const layerOf = (path: string, entryPoints: readonly string[]): string => {

    const [name = ''] = path.replace(/^lib\/?/, '').replace(/\.ts$/, '').split('/');
    if (name === '' || entryPoints.includes(path)) {
        return 'index';
    }

    return name.startsWith('authorization-server') ? 'authorization-server' : name;
};

/** A declaration that leaves nothing behind once compiled: `import type`, or `type` before each name. */
const isTypeOnly = (node: ts.ImportDeclaration | ts.ExportDeclaration): boolean => {

    if (ts.isExportDeclaration(node)) {
        const names = node.exportClause && ts.isNamedExports(node.exportClause) ? node.exportClause.elements : [];
        return node.isTypeOnly || (names.length > 0 && names.every((name) => name.isTypeOnly));
    }

    const clause = node.importClause;
    const names = clause?.namedBindings && ts.isNamedImports(clause.namedBindings) ? clause.namedBindings.elements : [];
    return clause?.phaseModifier === ts.SyntaxKind.TypeKeyword || (clause?.name === undefined && names.length > 0 && names.every((name) => name.isTypeOnly));
};

const moduleName = (node: ts.Node | undefined): string | undefined => node && ts.isStringLiteralLike(node) ? node.text : undefined;

const importOf = (node: ts.Node): { readonly specifier: string | undefined; readonly typeOnly: boolean } | undefined => {

    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
        return { specifier: moduleName(node.moduleSpecifier), typeOnly: isTypeOnly(node) };
    }

    if (ts.isImportTypeNode(node)) {
        return { specifier: ts.isLiteralTypeNode(node.argument) ? moduleName(node.argument.literal) : undefined, typeOnly: true };
    }

    if (ts.isExternalModuleReference(node)) {
        return { specifier: moduleName(node.expression), typeOnly: false };
    }

    if (ts.isCallExpression(node) && (node.expression.kind === ts.SyntaxKind.ImportKeyword || node.expression.getText() === 'require')) {
        return { specifier: moduleName(node.arguments[0]), typeOnly: false };
    }

    return undefined;
};

const readsTime = (node: ts.Node): boolean => {

    if (ts.isNewExpression(node) || ts.isCallExpression(node)) {
        return node.expression.getText() === 'Date' && !node.arguments?.length;
    }

    return ts.isPropertyAccessExpression(node) && node.getText() === 'Date.now';
};

/** Read from the syntax tree, so that the word "any" may stand in a comment. */
const offenceOf = (node: ts.Node, path: string): string | undefined => {

    if (node.kind === ts.SyntaxKind.AnyKeyword) {
        return 'says any';
    }

    if (ts.isAsExpression(node) && ts.isAsExpression(node.expression) && node.expression.type.kind === ts.SyntaxKind.UnknownKeyword) {
        return 'says as unknown as';
    }

    return readsTime(node) && !clockOwner.test(path) ? 'reads the time: ask for a clock' : undefined;
};

const read = (path: string, source: string): Findings => {

    const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
    const imports: Import[] = [];
    const offences: string[] = [];
    const visit = (node: ts.Node): void => {

        const line = file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
        const found = importOf(node);
        if (found?.specifier !== undefined) {
            imports.push({ specifier: found.specifier, typeOnly: found.typeOnly, line });
        }

        const offence = offenceOf(node, path);
        if (offence) {
            offences.push(`${path}:${line} ${offence}`);
        }

        ts.forEachChild(node, visit);
    };

    visit(file);
    for (const [suppression] of source.matchAll(/eslint-disable|@ts-[\w-]+/g)) {
        offences.push(`${path} holds ${suppression}: change the code, or the rule`);
    }

    return { imports, offences };
};

const isOf = (specifier: string, name: string): boolean => specifier === name || specifier.startsWith(`${name}/`);

const importOffence = (path: string, { specifier, typeOnly }: Import, entryPoints: readonly string[]): string | undefined => {

    const from = layerOf(path, entryPoints);
    if (specifier.startsWith('.') || isOf(specifier, 'hapi-oauth2-flows')) {
        const target = specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier).replace(/\.js$/, '') : 'lib';
        if (target !== 'lib' && !target.startsWith('lib/')) {
            return `imports ${specifier}, which is outside lib`;
        }

        const to = layerOf(entryPoints.includes(`${target}.ts`) ? `${target}.ts` : target, entryPoints);
        return to === from || rank(to) > rank(from) ? undefined : `imports ${specifier}: ${from} may not know ${to}`;
    }

    if (isOf(specifier, '@hapi/hapi') && !typeOnly && rank(from) > rank('endpoints')) {
        return `imports values from @hapi/hapi: below endpoints only its types`;
    }

    for (const [name, { to, said }] of Object.entries(confined)) {
        if (isOf(specifier, name) && !to.test(path)) {
            return `imports ${name}, which belongs to ${said}`;
        }
    }

    return undefined;
};

/** What a set of sources, by path, does against the rules of this project; nothing when all is well. */
const violations = (sources: Readonly<Record<string, string>>, entryPoints: readonly string[] = ['lib/index.ts']): string[] => {

    return Object.entries(sources).flatMap(([path, source]) => {

        const { imports, offences } = read(path, source);
        const lines = source.trimEnd().split('\n').length;
        const vague = path.replace(/\.ts$/, '').split('/').find((name) => vagueName.test(name));
        return [
            ...rank(layerOf(path, entryPoints)) === -1 ? [`${path} is in no layer: ${layers.flat().join(', ')}`] : [],
            ...vague ? [`${path} is called ${vague}: say what is in it`] : [],
            ...lines > maxLines ? [`${path} has ${lines} lines: over ${maxLines}, two ideas share it`] : [],
            ...imports.flatMap((item) => importOffence(path, item, entryPoints)?.replace(/^/, `${path}:${item.line} `) ?? []),
            ...offences
        ];
    });
};

const root = join(__dirname, '..');

const librarySources = (): Record<string, string> => {

    const files = readdirSync(join(root, 'lib'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
        .map((entry) => join(entry.parentPath, entry.name));
    return Object.fromEntries(files.map((file) => [relative(root, file).split(sep).join('/'), readFileSync(file, 'utf8')]));
};

/** The sources of what package.json exports: each is an index of its own. */
const publishedEntryPoints = (): string[] => {

    const { exports: published } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: Record<string, string | { default: string }> };
    return Object.values(published).flatMap((target) => typeof target === 'string' ? [] : target.default.replace(/^\.\/dist\/(.*)\.js$/, 'lib/$1.ts'));
};

describe('layering', () => {

    it('holds in lib', () => {

        const sources = librarySources();
        expect(Object.keys(sources)).to.include('lib/index.ts');
        expect(violations(sources, publishedEntryPoints())).to.equal([]);
    });

    it('lets imports go down, and stay within a folder', () => {

        expect(violations({
            'lib/index.ts': `export { Flow } from './flows/flow'; export * from './authorization-server';`,
            'lib/flows/flow.ts': `import type { Plugin } from '@hapi/hapi'; import { hub } from '../authorization-server/hub.js'; import { route } from './route';`,
            'lib/authorization-server/hub.ts': `import { clock } from './clock'; import '../tokens/scheme';`,
            'lib/authorization-server.ts': `export const clock = () => Date.now();`,
            'lib/endpoints/token.ts': `import { server } from '@hapi/hapi'; import { OAuth2Error } from '../error';`,
            'lib/tokens/bearer-scheme.ts': `import { unauthorized } from '@hapi/boom'; import { jwtVerify } from 'jose'; import type { Store } from '../stores/store';`,
            'lib/protocol/form.ts': `import { createHash } from 'node:crypto'; import { OAuth2Error } from '../error'; // any comment, even Date.now()`,
            'lib/error.ts': `import { boomify } from '@hapi/boom'; export const at = (time: number) => new Date(time);`
        })).to.equal([]);
    });

    const refused: Record<string, readonly [path: string, source: string, said: string]> = {
        'an import from above': ['lib/stores/memory.ts', `import { Flow } from '../flows/flow';`, ':1 imports ../flows/flow: stores may not know flows'],
        'an import of types from above': ['lib/protocol/form.ts', `\nimport type { Client } from '../clients/client';`, ':2 imports ../clients/client: protocol may not know clients'],
        'an import() type from above': ['lib/keys/key.ts', `export type Key = import('../tokens/access').Token;`, ':1 imports ../tokens/access: keys may not know tokens'],
        'a re-export from above': ['lib/endpoints/token.ts', `export * from '../authorization-server';`, ':1 imports ../authorization-server: endpoints may not know authorization-server'],
        'a dynamic import from above': ['lib/tokens/access.ts', `export const flow = () => import('../flows/flow');`, ':1 imports ../flows/flow: tokens may not know flows'],
        'a require from above': ['lib/tokens/access.ts', `import flow = require('../flows/flow');`, ':1 imports ../flows/flow: tokens may not know flows'],
        'an import between siblings': ['lib/clients/client.ts', `import { Token } from '../tokens/access';`, ':1 imports ../tokens/access: clients may not know tokens'],
        'an import by error': ['lib/error.ts', `import { Form } from './protocol/form';`, ':1 imports ./protocol/form: error may not know protocol'],
        'an import of the index': ['lib/flows/flow.ts', `import { Flow } from '..';`, ':1 imports ..: flows may not know index'],
        'an import of the package by its name': ['lib/flows/flow.ts', `import { Flow } from 'hapi-oauth2-flows';`, ':1 imports hapi-oauth2-flows: flows may not know index'],
        'an import from outside': ['lib/flows/flow.ts', `import { version } from '../../package.json';`, ':1 imports ../../package.json, which is outside lib'],
        'hapi below endpoints': ['lib/tokens/access.ts', `import { server, type Request } from '@hapi/hapi';`, ':1 imports values from @hapi/hapi: below endpoints only its types'],
        'boom in an endpoint': ['lib/endpoints/token.ts', `import type { Boom } from '@hapi/boom';`, ':1 imports @hapi/boom, which belongs to error and the strategy scheme in tokens'],
        'boom in another file of tokens': ['lib/tokens/access.ts', `import Boom from '@hapi/boom';`, ':1 imports @hapi/boom, which belongs to error and the strategy scheme in tokens'],
        'jose in a flow': ['lib/flows/flow.ts', `import { SignJWT } from 'jose/jwt/sign';`, ':1 imports jose, which belongs to keys, clients and tokens'],
        'the time': ['lib/tokens/access.ts', `export const now = () => Date.now();`, ':1 reads the time: ask for a clock'],
        'the time as a date': ['lib/tokens/access.ts', `export const now = () => new Date();`, ':1 reads the time: ask for a clock'],
        'any': ['lib/tokens/access.ts', `export const claims = {} as any;`, ':1 says any'],
        'a cast through unknown': ['lib/tokens/access.ts', `export const claims = {} as unknown as string;`, ':1 says as unknown as'],
        'a silenced linter': ['lib/tokens/access.ts', `// eslint-disable-next-line eqeqeq`, ' holds eslint-disable: change the code, or the rule'],
        'a silenced compiler': ['lib/tokens/access.ts', `// @ts-expect-error: for now`, ' holds @ts-expect-error: change the code, or the rule'],
        'a long file': ['lib/tokens/access.ts', '\n'.repeat(300) + 'export {};\n', ' has 301 lines: over 300, two ideas share it'],
        'a vague file': ['lib/tokens/utils.ts', '', ' is called utils: say what is in it'],
        'a vague folder': ['lib/tokens/common/access.ts', '', ' is called common: say what is in it'],
        'a file outside the layers': ['lib/sql.ts', '', ' is in no layer: index, testing, flows, authorization-server, endpoints, grant-types, clients, tokens, pages, sessions, stores, keys, protocol, error']
    };

    for (const [name, [path, source, said]] of Object.entries(refused)) {
        it(`refuses ${name}`, () => {

            expect(violations({ [path]: source })).to.equal([`${path}${said}`]);
        });
    }

    it('takes each published entry point for an index', () => {

        const entryPoints = ['lib/index.ts', 'lib/sql.ts'];
        expect(violations({ 'lib/sql.ts': `export { SqlStore } from './stores/sql';` }, entryPoints)).to.equal([]);
        expect(violations({ 'lib/stores/sql.ts': `import '../sql';` }, entryPoints)).to.equal(['lib/stores/sql.ts:1 imports ../sql: stores may not know index']);
    });
});
