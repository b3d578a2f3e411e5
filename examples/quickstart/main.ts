import { launch, portSetting } from '../launch';
import { start } from './server';

launch(async () => {

    const port = portSetting();
    const server = await start(port);
    const url = server.info.uri;
    const request = new URLSearchParams({
        response_type: 'code', client_id: 'app', redirect_uri: `${url}/callback`, scope: 'openid reports:read', state: 'my-state',
        code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256'
    });
    return {
        says: `The authorization server runs at ${url}

# A machine gets a token, and reads the reports with it
TOKEN=$(curl -s -u reporter:a-secret-of-32-random-characters -d grant_type=client_credentials ${url}/oauth2/token | node -pe 'JSON.parse(fs.readFileSync(0)).access_token')
curl -sw '\\n' -H "Authorization: Bearer $TOKEN" ${url}/reports

# A person signs in: open this as ada, password lovelace. The page that you come to does not exist, but its address has the code
#   ${url}/oauth2/authorize?${request.toString()}
CODE=paste-it-here
curl -sw '\\n' -d grant_type=authorization_code -d client_id=app -d redirect_uri=${url}/callback -d code=$CODE -d code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk ${url}/oauth2/token`,
        stop: () => server.stop({ timeout: 1000 })
    };
});
