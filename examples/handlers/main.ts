import { launch, portSetting } from '../launch';
import { start } from './server';

launch(async () => {

    const server = await start(portSetting());
    const url = server.info.uri;
    return {
        says: `The authorization server runs at ${url}

# A machine proves its secret, at either token endpoint
curl -sw '\\n' -u nightly:nightly-secret-of-32-characters -d grant_type=client_credentials ${url}/oauth2/token
curl -sw '\\n' -u nightly:nightly-secret-of-32-characters -d grant_type=client_credentials ${url}/partners/oauth2/token

# A person signs in (ada, lovelace), and curl fills in the form
REQUEST='response_type=code&client_id=web&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcallback&scope=openid&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256'
CODE=$(curl -s -o /dev/null -w '%{redirect_url}' -d username=ada -d password=lovelace "${url}/oauth2/authorize?$REQUEST" | sed 's/.*[?&]code=\\([^&]*\\).*/\\1/')
curl -sw '\\n' -u web:web-secret-of-32-random-letters -d grant_type=authorization_code -d code=$CODE -d code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk ${url}/oauth2/token

# A device gets its codes
curl -sw '\\n' -d client_id=tv ${url}/oauth2/device_authorization`,
        stop: () => server.stop({ timeout: 1000 })
    };
});
