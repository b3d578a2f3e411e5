import { portSetting, runOnce } from '../launch';
import { start } from './server';
import { createKeys, readStock } from './service';

runOnce(async () => {

    const { privateKey, publicKey } = await createKeys();
    const server = await start(portSetting(), publicKey);
    return `The service read ${await readStock(server.info.uri, privateKey)}`;
});
