import { launch, portSetting } from '../launch';
import { start } from './server';

launch(async () => {

    const server = await start(portSetting());
    const url = server.info.uri;
    const request = new URLSearchParams({
        response_type: 'code', client_id: 'app', redirect_uri: `${url}/callback`, scope: 'openid reports:read', state: 'my-state',
        code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256'
    });
    return {
        says: `The authorization server runs at ${url}

# Open this, and sign in upstream as ada, password lovelace
#   ${url}/oauth2/authorize?${request.toString()}

# The page that you come to shows the code, which is good for a minute. Put it here, and the client redeems it
CODE=paste-it-here
TOKEN=$(curl -s -d client_id=app -d grant_type=authorization_code -d redirect_uri=${url}/callback -d code=$CODE -d code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk ${url}/oauth2/token | node -pe 'JSON.parse(fs.readFileSync(0)).access_token')
curl -sw '\\n' -H "Authorization: Bearer $TOKEN" ${url}/oauth2/userinfo

# What the person has granted, in the same browser
#   ${url}/oauth2/account`,
        stop: () => server.stop({ timeout: 1000 })
    };
});
