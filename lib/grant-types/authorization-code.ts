import { verifyCodeVerifier } from '../protocol/pkce';
import { readTokenValue } from '../protocol/token-value';
import { grantOf, type Presented } from '../stores/grant';
import type { StoredValue, TokenRecord } from '../stores/store';
import { Stored } from '../stores/stored';
import type { GrantType } from './grant-type';
import { invalidGrant, type Proof, type ProofRequest } from './proof';

/** What a client sends to redeem a code (RFC 6749 §4.1.3, RFC 7636 §4.5). */
export interface AuthorizationCodeParameters {
    readonly code: string;
    readonly codeVerifier: string | undefined;
    /** Has to equal the one of the authorization request, if it is there. */
    readonly redirectUri: string | undefined;
    /** Whether a verifier belongs to the challenge kept with the code (S256, RFC 7636 §4.6); false when either is missing. */
    readonly verifyCodeVerifier: (codeVerifier?: string, codeChallenge?: string) => boolean;
}

export const authorizationCode: GrantType<AuthorizationCodeParameters, 'authorization_code'> = {
    type: 'authorization_code',
    read: (form) => ({ code: form.require('code'), codeVerifier: form.get('code_verifier'), redirectUri: form.get('redirect_uri'), verifyCodeVerifier }),
    once: ({ code, codeVerifier, redirectUri }) => [code, codeVerifier, redirectUri]
};

const kind = 'authorization_code';

/** How long a code is remembered after its life: a second use is recognised, and ends what the first one got. */
const traceMs = 10 * 60 * 1000;

/** What a code is bound to. Times are milliseconds since the epoch. */
export interface CodeBinding {
    readonly issuedAt: number;
    readonly expiresAt: number;
    /** Where the code was sent. */
    readonly redirectUri: string;
    /** Whether the authorization request named it, or left it to the client's registration. */
    readonly redirectUriNamed: boolean;
    readonly codeChallenge: string | null;
    readonly nonce: string | null;
    /** What a handler of the project has put there. */
    readonly data: StoredValue;
}

/** The stored form of a code (RFC 6749 §4.1.2). */
export const codeRecord = ({ grantId, key }: { readonly grantId: string; readonly key: string }, binding: CodeBinding): TokenRecord =>
    ({ kind, grantId, key, value: { ...binding }, expiresAt: binding.expiresAt + traceMs });

/**
 * Proves a code and uses it up (RFC 6749 §4.1.3, RFC 7636 §4.6, OAuth 2.1 §4.1.3).
 *
 * Using it up comes last, so that a failed attempt does not burn an honest client's code; and only a request that passes everything else
 * counts as a second use, or a code found in a log would log people out.
 */
export const proveAuthorizationCode = async ({ code, codeVerifier, redirectUri }: AuthorizationCodeParameters, request: ProofRequest): Promise<Proof<Presented<'authorization_code'>>> => {

    const { store, now, report } = request;
    const address = readTokenValue(code);
    const found = address?.kind === kind ? await store.findToken(address) : null;
    if (address === null || found === null || found.grant === null) {
        throw invalidGrant('code_unknown');
    }

    const grant = grantOf(found.grant);
    const binding = bindingOf(found.value);
    if (grant.clientId !== request.clientId || grant.flow !== request.flow || grant.subject === null) {
        throw invalidGrant('code_of_another_client');
    }

    checkBinding(binding, redirectUri, codeVerifier);
    const target = request.narrow(grant);
    const use = found.used ? 'used' : now < binding.expiresAt ? await store.consume(address) : 'missing';
    if (use === 'used') {
        await store.revokeGrant(grant.id);
        report('reused', { what: 'authorization_code', grant_id: grant.id, client_id: grant.clientId, subject: grant.subject });
    }

    if (use !== 'ok') {
        throw invalidGrant(use === 'used' ? 'code_reused' : 'code_expired');
    }

    const seconds = { issuedAt: Math.floor(binding.issuedAt / 1000), expiresAt: Math.floor(binding.expiresAt / 1000) };
    return {
        grant,
        presented: { type: kind, value: code, grant, subject: grant.subject, ...seconds, active: true },
        target,
        nonce: binding.nonce,
        lineage: null,
        settle: async ({ tokens, expiresAt }) => {

            // `false` would say that a second use has ended the grant meanwhile: what the first one gets is dead already, which is all there is to say
            await store.addTokens(grant.id, tokens, expiresAt, now);
            return true;
        },
        abandon: async () => {

            await store.revokeGrant(grant.id);
        }
    };
};

const bindingOf = (value: StoredValue): CodeBinding => {

    const stored = new Stored('code', value);
    return {
        issuedAt: stored.number('issuedAt'),
        expiresAt: stored.number('expiresAt'),
        redirectUri: stored.text('redirectUri'),
        redirectUriNamed: stored.flag('redirectUriNamed'),
        codeChallenge: stored.textOrNull('codeChallenge'),
        nonce: stored.textOrNull('nonce'),
        data: stored.object('data')
    };
};

/** PKCE binds the code to the client's own request, so that the redirect URI need not be sent again (OAuth 2.1 §4.1.3). */
const checkBinding = ({ redirectUri: bound, redirectUriNamed, codeChallenge }: CodeBinding, redirectUri: string | undefined, codeVerifier: string | undefined): void => {

    if (redirectUri === undefined ? codeChallenge === null && redirectUriNamed : redirectUri !== bound) {
        throw invalidGrant('redirect_uri_differs');
    }

    if (codeChallenge === null ? codeVerifier !== undefined : !verifyCodeVerifier(codeVerifier, codeChallenge)) {
        throw invalidGrant('pkce_mismatch');
    }
};
