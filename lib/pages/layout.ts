import { createHash } from 'node:crypto';

import { escapeHtml } from '@hapi/hoek';

const style = [
    ':root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}',
    'body{margin:0;min-height:100vh;display:grid;place-items:center;background:Canvas;color:CanvasText}',
    'main{box-sizing:border-box;width:min(26rem,100vw);padding:2rem}',
    'h1{font-size:1.5rem;margin:0 0 1rem}',
    'label{display:block;margin:1rem 0 .25rem;font-weight:600}',
    'input{box-sizing:border-box;width:100%;padding:.6rem;font:inherit;border:1px solid GrayText;border-radius:.4rem}',
    'button{width:100%;margin-top:1.5rem;padding:.7rem;font:inherit;font-weight:600;border:0;border-radius:.4rem;background:#0b57d0;color:#fff}',
    'button[value=deny]{margin-top:.75rem;border:1px solid GrayText;background:Canvas;color:CanvasText}',
    '[role=alert]{padding:.6rem .8rem;border:1px solid;border-radius:.4rem;color:light-dark(#a40000,#ffb4ab)}',
    'code{overflow-wrap:anywhere}'
].join('');

const styleHash = createHash('sha256').update(style).digest('base64');

/**
 * Nothing is loaded, framed or run.
 *
 * No `form-action`: Chromium applies it to the redirect after the form too, and the button that leads back to the client would do nothing.
 */
export const contentSecurityPolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; frame-ancestors 'none'`;

/** A page of the server: plain HTML that works without JavaScript. `body` is HTML, `title` is text. */
export const layout = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${body}
</main>
</body>
</html>
`;

/** A message that a screen reader announces; nothing for no message. */
export const alert = (message: string | undefined): string => (message === undefined ? '' : `<p role="alert">${escapeHtml(message)}</p>\n`);

/** For a client that registered itself: its name and its pictures are its own words (RFC 7591 §5). */
export const unverifiedWarning = '<p><strong>Nobody has checked who this is.</strong> Allow it only if you have just come from there.</p>\n';
