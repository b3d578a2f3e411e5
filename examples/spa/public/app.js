// A public client in a browser. Its tokens live in this script's memory only: a reload signs in anew, which takes no
// password while the session at the authorization server lasts. The verifier waits in sessionStorage meanwhile.

const client = { id: 'spa', redirectUri: `${location.origin}/`, scope: 'openid reports:read' };

const discover = async (issuer) => await (await fetch(`${issuer}/.well-known/oauth-authorization-server`)).json();
const server = await discover(location.origin);

const base64url = (octets) => btoa(String.fromCharCode(...octets)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));
const challengeOf = async (verifier) => base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));

const element = (id) => document.getElementById(id);
const say = (text) => {

    element('status').textContent = text;
};

/** Leaves for the authorization server, and takes care that only what comes back to this very tab will count. */
const signIn = async () => {

    const kept = { verifier: random(), state: random() };
    sessionStorage.setItem('sign-in', JSON.stringify(kept));
    location.assign(`${server.authorization_endpoint}?${new URLSearchParams({
        response_type: 'code', client_id: client.id, redirect_uri: client.redirectUri, scope: client.scope,
        state: kept.state, code_challenge: await challengeOf(kept.verifier), code_challenge_method: 'S256'
    })}`);
};

const token = async (parameters) => {

    const response = await fetch(server.token_endpoint, { method: 'POST', body: new URLSearchParams({ client_id: client.id, ...parameters }) });
    const body = await response.json();
    if (!response.ok) {
        throw new Error(body.error_description ?? body.error);
    }

    return body;
};

/** What the authorization server sent back, exchanged for tokens; `null` if nobody comes from there. */
const comeBack = async () => {

    const answer = new URLSearchParams(location.search);
    const kept = JSON.parse(sessionStorage.getItem('sign-in'));
    if (!answer.has('state')) {
        return null;
    }

    sessionStorage.removeItem('sign-in');
    history.replaceState(null, '', client.redirectUri);                 // The code is not to stay in the address bar
    if (answer.get('state') !== kept?.state || answer.get('iss') !== server.issuer) {
        throw new Error('This answer is not to a question of ours');    // RFC 9700 §4.7, RFC 9207
    }

    if (answer.has('error')) {
        throw new Error(answer.get('error_description') ?? answer.get('error'));
    }

    return await token({ grant_type: 'authorization_code', code: answer.get('code'), redirect_uri: client.redirectUri, code_verifier: kept.verifier });
};

element('sign-in').addEventListener('click', signIn);
element('start-over').addEventListener('click', () => location.assign(client.redirectUri));

try {
    const tokens = await comeBack();
    if (tokens !== null) {
        say(`You have signed in. The access token lives for ${tokens.expires_in} seconds.`);
        element('sign-in').hidden = true;
        element('read').hidden = element('start-over').hidden = false;
        element('read').addEventListener('click', async () => {

            const response = await fetch('/reports', { headers: { authorization: `Bearer ${tokens.access_token}` } });
            element('reports').textContent = JSON.stringify(await response.json(), null, 2);
        });
    }
}
catch (err) {
    say(`Signing in failed: ${err.message}`);
}
