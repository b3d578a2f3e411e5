import { portSetting, runOnce, urlSetting } from '../launch';
import { signIn } from './cli';
import { start } from './server';

runOnce(async () => {

    const issuer = urlSetting('ISSUER', 'http:', 'https:') ?? (await start(portSetting())).info.uri;
    const user = await signIn(issuer, (url) => console.log(`Open this in a browser:\n\n  ${url}\n`));
    return `You have signed in as ${user.email ?? user.sub}`;
});
