import { html, type Content, type Html } from './html';

/** A whole page. */
export const page = (title: string, main: Content, scriptFor = ''): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="/playground/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/playground/assets/playground.css">
<script type="module" src="/playground/assets/playground.js"></script>
</head>
<body${scriptFor !== '' && html` data-log="${scriptFor}"`}>
<a class="skip" href="#main">Skip to the content</a>
<header class="top"><a class="brand" href="/"><span class="mark" aria-hidden="true"></span>OAuth playground</a>
<nav aria-label="Server"><a href="/documentation">API</a><a href="/playground/metadata">Metadata</a><a href="/oauth2/account">Account</a></nav></header>
<main id="main">${main}</main>
<footer><p>Everything here really happens, on this server, with hapi-oauth2-flows. Nothing is kept when it stops.</p></footer>
</body>
</html>`;

/** A page that says what went wrong, and where to go on. */
export const problemPage = (title: string, says: Content, links: Content): Html => page(title, html`<div class="narrow"><h1>${title}</h1><p>${says}</p><p class="actions">${links}</p></div>`);
