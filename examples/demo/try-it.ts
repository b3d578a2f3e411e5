/** The verifier of RFC 7636's appendix B: an example that everybody knows, so never one for real. */
export const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

/** What to try with a running demo: lines for a shell that has curl and node. */
export const tryIt = (issuer: string, callback = `${issuer}/callback`): string => {

    const { origin, pathname } = new URL(issuer);                           // Endpoints are at the root, whatever path the issuer has
    const path = pathname.replace(/\/$/, '');
    const authorize = `${origin}/oauth2/authorize?${new URLSearchParams({ response_type: 'code', client_id: 'demo-spa', redirect_uri: callback, scope: 'openid email reports:read', state: 'my-state', code_challenge: challenge, code_challenge_method: 'S256' }).toString()}`;
    const member = (name: string) => `node -pe 'JSON.parse(fs.readFileSync(0)).${name}'`;
    return `# A machine gets a token for itself
TOKEN=$(curl -s -u demo-machine:demo-machine-secret -d grant_type=client_credentials -d scope=reports:read ${origin}/oauth2/token | ${member('access_token')})
curl -sw '\\n' -H "Authorization: Bearer $TOKEN" ${origin}/reports

# A person signs in: open this in a browser as ada, password lovelace
#   ${authorize}
# or let curl fill in the form
CODE=$(curl -s -o /dev/null -w '%{redirect_url}' -d username=ada -d password=lovelace '${authorize}' | sed 's/.*[?&]code=\\([^&]*\\).*/\\1/')
TOKEN=$(curl -s -d grant_type=authorization_code -d client_id=demo-spa -d code=$CODE -d code_verifier=${verifier} ${origin}/oauth2/token | ${member('access_token')})
curl -sw '\\n' -H "Authorization: Bearer $TOKEN" ${origin}/me

# A device shows a code, a person enters it elsewhere, the device gets its token
DEVICE=$(curl -s -d client_id=demo-tv -d scope=reports:read ${origin}/oauth2/device_authorization)
curl -s -o /dev/null -d user_code=$(echo "$DEVICE" | ${member('user_code')}) -d username=ada -d password=lovelace ${origin}/oauth2/device
curl -sw '\\n' -d grant_type=urn:ietf:params:oauth:grant-type:device_code -d client_id=demo-tv -d device_code=$(echo "$DEVICE" | ${member('device_code')}) ${origin}/oauth2/token

# What the server tells about itself
curl -sw '\\n' ${origin}/.well-known/openid-configuration${path}
curl -sw '\\n' ${origin}/oauth2/keys
`;
};
