/** The verifier of RFC 7636's appendix B: an example that everybody knows, so never one for real. */
export const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

/** What to try with a running demo: lines for a shell that has curl and node. */
export const tryIt = (issuer: string, callback = `${issuer}/callback`): string => {

    const { origin, pathname } = new URL(issuer);                           // Endpoints are at the root, whatever path the issuer has
    const path = pathname.replace(/\/$/, '');
    const authorize = `${origin}/oauth2/authorize?${new URLSearchParams({ response_type: 'code', client_id: 'demo-spa', redirect_uri: callback, scope: 'openid email reports:read', state: 'my-state', code_challenge: challenge, code_challenge_method: 'S256' }).toString()}`;
    const member = (name: string) => `node -pe 'JSON.parse(fs.readFileSync(0)).${name}'`;
    return `# A machine gets a token for itself, and uses it
TOKEN=$(curl -s -u demo-machine:demo-machine-secret -d grant_type=client_credentials -d scope=reports:read ${origin}/oauth2/token | ${member('access_token')})
curl -sw '\\n' -H "Authorization: Bearer $TOKEN" ${origin}/reports

# It is introspected, revoked, and no good any more
curl -sw '\\n' -u demo-machine:demo-machine-secret -d token=$TOKEN ${origin}/oauth2/introspect
curl -s -o /dev/null -u demo-machine:demo-machine-secret -d token=$TOKEN ${origin}/oauth2/revoke
curl -sw '\\n' -H "Authorization: Bearer $TOKEN" ${origin}/reports

# A device shows where to go. Open that in a browser, sign in as ada, password lovelace, and allow it
DEVICE=$(curl -s -d client_id=demo-tv -d scope=reports:read ${origin}/oauth2/device_authorization)
echo "$DEVICE" | ${member('verification_uri_complete')}
# Then the device gets its token; before, it hears authorization_pending
curl -sw '\\n' -d grant_type=urn:ietf:params:oauth:grant-type:device_code -d client_id=demo-tv -d device_code=$(echo "$DEVICE" | ${member('device_code')}) ${origin}/oauth2/token

# A person signs in: open this in a browser. The page that it ends on has the line that redeems the code
#   ${authorize}

# What the server tells about itself
curl -sw '\\n' ${origin}/.well-known/openid-configuration${path}
curl -sw '\\n' ${origin}/oauth2/keys
`;
};
