import { portSetting, runOnce, urlSetting } from '../launch';
import { start } from './server';
import { signIn } from './tv';

runOnce(async () => {

    const issuer = urlSetting('ISSUER', 'http:', 'https:') ?? (await start(portSetting())).info.uri;
    const tokens = await signIn(issuer, ({ userCode, url, urlWithCode }) => console.log(`Go to ${url}\nand enter ${userCode}\n\nor open ${urlWithCode}\n`));
    const films = await fetch(new URL('/films', issuer), { headers: { authorization: `Bearer ${tokens.access_token}` } });
    return `The TV is connected: ${await films.text()}`;
});
