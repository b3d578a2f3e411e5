import { readFileSync } from 'node:fs';

import { createCertification } from './server';

const { PORT = '8443', ISSUER, CALLBACK = 'https://www.certification.openid.net/test/a/hapi-oauth2-flows/callback', TLS_KEY, TLS_CERT, PLAIN_HTTP } = process.env;

/** The files that were named, the certificate for `localhost`, or no TLS of our own. */
const tls = (): { readonly tls?: { readonly key: string; readonly cert: string } | null } => {

    if (PLAIN_HTTP !== undefined) {
        return { tls: null };
    }

    return TLS_KEY === undefined || TLS_CERT === undefined ? {} : { tls: { key: readFileSync(TLS_KEY, 'utf8'), cert: readFileSync(TLS_CERT, 'utf8') } };
};

const start = async (): Promise<void> => {

    const port = Number(PORT);
    const issuer = ISSUER ?? `https://localhost:${port}`;
    const server = await createCertification({ port, issuer, callback: CALLBACK, ...tls() });
    await server.start();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.once(signal, () => void server.stop({ timeout: 1000 }).then(() => process.exit(0)));
    }

    console.log(`discoveryUrl: ${issuer}/.well-known/openid-configuration\nThe user is ada, with the password lovelace. Press Ctrl+C to stop.`);
};

start().catch((err: unknown) => {

    console.error(err instanceof Error ? err.message : err);
    process.exitCode = 1;
});
