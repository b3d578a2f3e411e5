import { escapeHtml } from '@hapi/hoek';

import { layout } from './layout';

/** The page that ends a visit which went wrong. */
export const errorPage = (code: string, description: string): string =>
    layout('This did not work', `<p>${escapeHtml(description)}.</p>\n<p>Go back to the application you came from and try again. Its developer may need the code <code>${escapeHtml(code)}</code>.</p>`);

/** The page that ends a visit which went well. */
export const donePage = (title: string, text: string): string => layout(title, `<p>${escapeHtml(text)}</p>`);

/** The page of a step that was open for too long. */
export const restartPage = (title: string, href: string): string => layout(title, `<p><a href="${escapeHtml(href)}">Start again</a></p>`);
