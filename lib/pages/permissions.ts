import { html, type Content } from './html';
import type { Language, PageTexts } from './texts/languages';

/** What a scope allows, in words. */
export interface Permission {
    readonly scope: string;
    readonly text: string;
}

/** The scopes of OpenID Connect Core §5.4 and §11. */
const standard: Readonly<Record<string, keyof PageTexts>> = {
    openid: 'scopeOpenid', profile: 'scopeProfile', email: 'scopeEmail', address: 'scopeAddress', phone: 'scopePhone', offline_access: 'scopeOfflineAccess'
};

/** Scopes in the words of the app for this language, else in those they were declared with, else in ours; else their names have to do. */
export const permissionsOf = (scopes: readonly string[], declared: (scope: string) => string | undefined, { texts, scopes: own }: Language): readonly Permission[] => scopes.map((scope) => {

    const key = Object.hasOwn(standard, scope) ? standard[scope] : undefined;
    return { scope, text: (Object.hasOwn(own, scope) ? own[scope] : undefined) ?? declared(scope) ?? (key === undefined ? scope : texts[key]) };
});

/** Permissions as a list; nothing where there are none. */
export const permissionList = (permissions: readonly Permission[]): Content => (permissions.length === 0 ? '' : html`<ul class="permissions">
${permissions.map(({ text }) => html`<li>${text}</li>\n`)}</ul>
`);
