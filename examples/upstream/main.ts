import { launch, portSetting } from '../launch';
import { start } from './server';

launch(async () => {

    const server = await start(portSetting());
    const request = new URLSearchParams({
        response_type: 'code', client_id: 'app', redirect_uri: `${server.info.uri}/callback`, scope: 'openid reports:read', state: 'my-state',
        code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256'
    });
    return {
        says: `The authorization server runs at ${server.info.uri}\nOpen this, and sign in upstream as ada, password lovelace:\n\n  ${server.info.uri}/oauth2/authorize?${request.toString()}`,
        stop: () => server.stop({ timeout: 1000 })
    };
});
