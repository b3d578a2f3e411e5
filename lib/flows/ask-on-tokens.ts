import type { Request } from '@hapi/hapi';

import type { AuthorizationServer } from '../authorization-server/authorization-server';
import { handlerUtilities } from '../authorization-server/handler-utilities';
import type { Client } from '../clients/client';
import { OAuth2Error, answerOf, refusalIn } from '../error';
import type { Proof } from '../grant-types/proof';
import { assertScopeLeft } from '../protocol/scope';
import type { Presented } from '../stores/grant';

/** What the hook is asked about. */
export interface OnTokensQuestion {
    readonly grantType: string;
    readonly client: Client;
    readonly proof: Proof<Presented | null>;
}

/** What `onTokens` makes of a request that was proven: fewer scopes, claims of its own, or its end. What it returns is a refusal or nothing: a `false` must not pass for a yes. */
export const askOnTokens = async ({ onTokens, clock }: Pick<AuthorizationServer, 'onTokens' | 'clock'>, { grantType, client, proof }: OnTokensQuestion, request: Request) => {

    let { scopes } = proof.target;
    const accessToken = { claims: {} };
    const idToken = { claims: {} };
    if (onTokens === undefined) {
        return { scopes, accessTokenClaims: accessToken.claims, idTokenClaims: idToken.claims };
    }

    const answer: unknown = await answerOf(() => onTokens({
        ...handlerUtilities(request, clock), grantType, client, accessToken, idToken,
        grant: proof.grant,
        subject: proof.grant.subject,
        scopes: [...proof.target.scopes],                   // A copy: what the hook does to it widens nothing
        resources: [...proof.target.audience],
        narrowScope: (names) => {

            scopes = scopes.filter((name) => names.includes(name));
        },
        deny: (description = 'The request was denied') => {

            throw new OAuth2Error('access_denied', description, { reason: 'denied_by_on_tokens' });
        }
    }, request));
    if (answer !== undefined) {
        throw refusalIn(answer) ?? new OAuth2Error('server_error', undefined, {
            reason: 'handler_returned_nonsense',
            cause: new Error('onTokens() returned what is no refusal: return { error, error_description? }, call deny(), or return nothing to let the tokens be issued')
        });
    }

    assertScopeLeft(scopes, proof.target.scopes);
    return { scopes, accessTokenClaims: accessToken.claims, idTokenClaims: idToken.claims };
};
