import { launch, portSetting } from '../launch';
import { start } from './server';

launch(async () => {

    const server = await start(portSetting());
    return { says: `Open ${server.info.uri} and sign in as ada, password lovelace`, stop: () => server.stop({ timeout: 1000 }) };
});
