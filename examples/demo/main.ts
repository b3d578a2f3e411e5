import { launch, portSetting, urlSetting } from '../launch';
import { pagesOrigin } from './clients';
import { createDemo } from './demo';
import { tryIt } from './try-it';

launch(async () => {

    const port = portSetting();
    const issuer = urlSetting('ISSUER', 'http:', 'https:') ?? `http://localhost:${port}`;
    const server = await createDemo({ port, issuer, host: process.env.HOST || undefined });
    await server.start();
    return {
        says: `The demo authorization server runs at ${issuer}

Open the playground in a browser: ${pagesOrigin(issuer, port)}/

${tryIt(issuer, `http://localhost:${port}/callback`)}`.trimEnd(),
        stop: () => server.stop({ timeout: 1000 })
    };
});
