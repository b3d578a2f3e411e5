import js from '@eslint/js';
import hapi from '@hapi/eslint-plugin';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const [house] = hapi.configs.recommended;

/** The hapi style guide, with what it only warns about as errors: a warning that may stay is a rule nobody has to read. */
const hapiStyle = Object.fromEntries(Object.entries(house.rules).map(([name, setting]) => {

    const [level, ...options] = [setting].flat();
    return [name, [level === 'warn' ? 'error' : level, ...options]];
}));

/** hapi's rule for blocks only: as it is, it refuses the chain in `tokenRoute((route) => route.setPath(…)…)` when that spans lines. */
const scopeStart = {
    ...hapi.rules['scope-start'],
    create(context) {

        const { ArrowFunctionExpression: arrow, ...others } = hapi.rules['scope-start'].create(context);
        return { ...others, 'ArrowFunctionExpression[body.type="BlockStatement"]': arrow };
    }
};

const style = {
    ...hapiStyle,
    '@hapi/scope-start': 'off',
    'house/scope-start': ['error', 'allow-one-liners'],
    'brace-style': ['error', 'stroustrup', { allowSingleLine: true }],
    'indent': ['error', 4, { SwitchCase: 1, MemberExpression: 'off' }],     // or a chain after `const x = y` is sent 8 to the right
    'func-style': 'off',                                        // assertion functions and overloads need declarations
    'no-confusing-arrow': 'off',
    'no-shadow': 'off',
    'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    'quotes': ['error', 'single', { avoidEscape: true, allowTemplateLiterals: true }],
    'require-await': 'off',                                     // a handler may be async for its type alone
    'strict': 'off',
    '@hapi/no-arrowception': 'off'                              // clocks and schemes are functions that return functions
};

const typed = {
    'no-redeclare': 'off',                                      // these five: the compiler knows better
    'no-undef': 'off',
    'no-dupe-class-members': 'off',
    'no-unused-vars': 'off',
    'dot-notation': 'off',
    '@typescript-eslint/consistent-type-exports': ['error', { fixMixedExportsWithInlineTypeSpecifier: true }],
    '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
    '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
    '@typescript-eslint/no-explicit-any': 'error',
    '@typescript-eslint/no-floating-promises': 'error',
    '@typescript-eslint/no-non-null-assertion': 'error',
    '@typescript-eslint/no-unused-vars': ['error', {
        argsIgnorePattern: '^_',
        varsIgnorePattern: '^(_|A$|Refs$|AuthUser$|AuthApp$)',                     // `A` and `Refs`: augmenting a hapi interface repeats its parameters
        caughtErrorsIgnorePattern: '^_',
        ignoreRestSiblings: true
    }],
    '@typescript-eslint/require-await': 'off',
    '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true, allowAny: false, allowNullish: false, allowRegExp: false }],
    '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
    '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    '@typescript-eslint/unified-signatures': 'error'
};

const typescript = (files, project, rules = {}) => ({
    files,
    extends: [js.configs.recommended, tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project, tsconfigRootDir: import.meta.dirname } },
    rules: { ...style, ...typed, ...rules }
});

const script = (files, sourceType) => ({
    files,
    extends: [js.configs.recommended],
    languageOptions: { ecmaVersion: 2023, sourceType, globals: house.languageOptions.globals },
    rules: style
});

export default defineConfig(
    {
        ignores: [
            '**/dist/',
            '**/node_modules/',
            'coverage/',
            'site/',
            'test/flows/vision-chains.ts'                       // kept as its document has it
        ]
    },
    {
        plugins: { '@hapi': hapi, house: { rules: { 'scope-start': scopeStart } } },
        linterOptions: { reportUnusedDisableDirectives: 'error' }
    },
    {
        ...typescript(['lib/**/*.ts'], 'tsconfig.test.json', {
            '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': true }],
            '@typescript-eslint/no-deprecated': 'error',
            '@typescript-eslint/no-shadow': ['error', { allow: ['err'], ignoreOnInitialization: true }],
            'no-console': 'error',
            'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: 'Secrets come from node:crypto.' }]
        }),
        linterOptions: { noInlineConfig: true }                 // no exceptions: change the rule here, or the code
    },
    typescript(['test/**/*.ts'], 'tsconfig.test.json', {
        '@typescript-eslint/no-unsafe-argument': 'off',         // these six: JSON that came over HTTP
        '@typescript-eslint/no-unsafe-assignment': 'off',
        '@typescript-eslint/no-unsafe-call': 'off',
        '@typescript-eslint/no-unsafe-member-access': 'off',
        '@typescript-eslint/no-unsafe-return': 'off',
        '@typescript-eslint/restrict-template-expressions': 'off',
        '@typescript-eslint/ban-ts-comment': 'off',             // type tests say what must not compile
        '@typescript-eslint/no-unused-expressions': 'off'
    }),
    typescript(['examples/**/*.ts'], 'examples/tsconfig.json'),
    script(['**/*.mjs'], 'module'),
    script(['**/*.{js,cjs}'], 'commonjs'),
    {
        files: ['examples/*/public/*.js'],                      // What browsers run
        languageOptions: { sourceType: 'module', globals: Object.fromEntries(['crypto', 'document', 'history', 'location', 'sessionStorage'].map((name) => [name, 'readonly'])) }
    },
    {
        files: ['lib/**/*.js'],                                 // None exist: lab reads these options for the code whose coverage it measures
        languageOptions: { sourceType: 'script', parserOptions: { requireConfigFile: false } }
    }
);
