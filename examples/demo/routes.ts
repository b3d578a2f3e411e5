import { escapeHtml } from '@hapi/hoek';
import type { ServerRoute } from '@hapi/hapi';

import { tryIt, verifier } from './try-it';
import { claimsOf } from './users';

/** The routes that tokens open, and two pages for people. */
export const demoRoutes = (issuer: string, callback: string): ServerRoute[] => [
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
        path: '/',
        handler: (_request, h) => h.response(tryIt(issuer, callback)).type('text/plain')
    },
    {
        method: 'GET',
        path: '/callback',
        handler: ({ query }, h) => {

            const { code, error } = query as { code?: string | string[]; error?: string | string[] };
            const isCode = typeof code === 'string' && /^[\w-]+$/.test(code);          // Anybody can link to here, and the line is for a shell
            const line = `curl -s -d grant_type=authorization_code -d client_id=demo-spa -d code_verifier=${verifier} -d code=${String(code)} ${new URL(issuer).origin}/oauth2/token`;
            return h
                .response(`<!doctype html><html lang="en"><title>Back at the client</title><h1>Back at the client</h1><p><code>${escapeHtml(isCode ? line : `error: ${String(error ?? 'there is no code')}`)}</code></p></html>`)
                .header('content-security-policy', 'default-src \'none\'; frame-ancestors \'none\'')
                .header('cache-control', 'no-store')
                .header('referrer-policy', 'no-referrer');
        }
    }
];
