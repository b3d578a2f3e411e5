import { createHash } from 'node:crypto';

import { escapeHtml } from '@hapi/hoek';

const script = 'document.forms[0].submit()';
const scriptHash = createHash('sha256').update(script).digest('base64');

/** A page that posts an answer to the client by itself, or with a button where scripts are off (OAuth 2.0 Form Post Response Mode §2). */
export const formPostPage = (redirectUri: string, members: Readonly<Record<string, string | undefined>>): { readonly html: string; readonly contentSecurityPolicy: string } => {

    const inputs = Object.entries(members).flatMap(([name, value]) => (value === undefined ? [] : `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`));
    return {
        html: `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Back to the application</title></head>
<body>
<form method="post" action="${escapeHtml(redirectUri)}">
${inputs.join('\n')}
<noscript><button type="submit">Continue</button></noscript>
</form>
<script>${script}</script>
</body>
</html>
`,
        contentSecurityPolicy: `default-src 'none'; script-src 'sha256-${scriptHash}'; base-uri 'none'; frame-ancestors 'none'`
    };
};
