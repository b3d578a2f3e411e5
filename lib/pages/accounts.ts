import { escapeHtml } from '@hapi/hoek';

import { layout } from './layout';

/** The page on which a user chooses one of the accounts that are signed in. */
export const accountsPage = ({ action, accounts }: { readonly action: string; readonly accounts: readonly string[] }): string => layout('Choose an account', `<form method="post" action="${escapeHtml(action)}">
${accounts.map((account) => `<button type="submit" name="account" value="${escapeHtml(account)}">${escapeHtml(account)}</button>\n`).join('')}<button type="submit" name="account" value="">Another account</button>
</form>`);
