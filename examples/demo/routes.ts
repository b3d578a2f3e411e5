import { escapeHtml } from '@hapi/hoek';
import type { ServerRoute } from '@hapi/hapi';

import { verifier } from './try-it';
import { claimsOf } from './users';

/** The routes that tokens open, and where `demo-spa` and `demo-web` are sent back to. */
export const demoRoutes = (issuer: string): ServerRoute[] => [
    {
        method: 'GET',
        path: '/reports',
        options: { cors: true, tags: ['api'], auth: { strategy: 'oauth2', access: { scope: ['reports:read'] } } },
        handler: ({ auth: { credentials } }) => ({ reports: ['Q1', 'Q2', 'Q3'], client: credentials.app?.id, user: credentials.user?.id ?? null })
    },
    {
        method: 'GET',
        path: '/me',
        options: { cors: true, tags: ['api'], auth: { strategy: 'oauth2', access: { entity: 'user' } } },
        handler: ({ auth: { credentials } }) => claimsOf(credentials.user?.id ?? '') ?? {}
    },
    {
        method: 'GET',
        path: '/callback',
        handler: ({ query: { code, error } }: { query: { code?: unknown; error?: unknown } }, h) => {

            const isCode = typeof code === 'string' && /^[\w.~-]+$/.test(code);          // Anybody can link to here, and the line is for a shell
            const line = `curl -s -d grant_type=authorization_code -d client_id=demo-spa -d code_verifier=${verifier} -d code=${String(code)} ${new URL(issuer).origin}/oauth2/token`;
            return h
                .response(`<!doctype html><html lang="en"><title>Back at the client</title><h1>Back at the client</h1><p><code>${escapeHtml(isCode ? line : `error: ${typeof error === 'string' ? error : 'there is no code'}`)}</code></p></html>`)
                .header('content-security-policy', 'default-src \'none\'; frame-ancestors \'none\'')
                .header('cache-control', 'no-store')
                .header('referrer-policy', 'no-referrer');
        }
    }
];

/** Another resource, whose strategy takes no token that is not for it. */
export const archiveRoute: ServerRoute = {
    method: 'GET',
    path: '/archive',
    options: { tags: ['api'], auth: { strategy: 'archive', access: { scope: ['reports:read'] } } },
    handler: ({ auth: { credentials } }) => ({ archived: ['1842', '1843'], user: credentials.user?.id, for: credentials.claims?.act })
};
