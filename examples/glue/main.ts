import { launch, portSetting } from '../launch';
import { start } from './server';

launch(async () => {

    const server = await start(portSetting());
    const url = server.info.uri;
    return {
        says: `The composed server runs at ${url}

TOKEN=$(curl -s -u nightly:nightly-secret-of-32-characters -d grant_type=client_credentials ${url}/oauth2/token | node -pe 'JSON.parse(fs.readFileSync(0)).access_token')
curl -sw '\\n' -H "Authorization: Bearer $TOKEN" ${url}/api/reports`,
        stop: () => server.stop({ timeout: 1000 })
    };
});
