import { launch, portSetting } from '../launch';
import { start } from './server';

launch(async () => {

    const server = await start(portSetting());
    const url = server.info.uri;
    return {
        says: `The authorization server runs at ${url}

# A token that is used, introspected, revoked, and no good any more
TOKEN=$(curl -s -u nightly:nightly-secret-of-32-characters -d grant_type=client_credentials ${url}/oauth2/token | node -pe 'JSON.parse(fs.readFileSync(0)).access_token')
curl -sw '\\n' -H "Authorization: Bearer $TOKEN" ${url}/reports
curl -sw '\\n' -u nightly:nightly-secret-of-32-characters -d token=$TOKEN ${url}/oauth2/introspect
curl -s -u nightly:nightly-secret-of-32-characters -d token=$TOKEN ${url}/oauth2/revoke
curl -sw '\\n' -H "Authorization: Bearer $TOKEN" ${url}/reports`,
        stop: () => server.stop({ timeout: 1000 })
    };
});
