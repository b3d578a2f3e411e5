import { authorizationCode, proveAuthorizationCode } from '../grant-types/authorization-code';
import type { Proof } from '../grant-types/proof';
import type { Presented } from '../stores/grant';
import { AuthorizationCodeFlow } from './authorization-code-flow';
import type { PresentedProof } from './proven-context';
import type { Issuance } from './issuance';
import { provenHandler } from './proven-handler';
import { presentedProof } from './presented-proof';

/**
 * The authorization code flow: a user signs in here and lets a client act for them (RFC 6749 §4.1, RFC 7636).
 *
 * @example
 * const login = OAuth2AuthorizationCodeBuilder.create()
 *     .addClientAuthenticationMethod('none')
 *     .authorizationRoute((route) => route.generateCode(makeCode))
 *     .tokenRoute((route) => route.generateToken(redeemCode));
 * await server.register(login);
 */
export class OAuth2AuthorizationCodeBuilder extends AuthorizationCodeFlow<PresentedProof<'authorization_code'>, PresentedProof<'refresh_token'>> {

    /** A flow with every default. */
    static create(): OAuth2AuthorizationCodeBuilder {

        return new OAuth2AuthorizationCodeBuilder({
            name: 'oauth2-authorization-code',
            grantType: authorizationCode,
            defaultMethods: ['client_secret_basic', 'client_secret_post', 'none'],
            confidentialOnly: false,
            openid: false,
            prove: (runtime, issueTokens) => provenHandler(runtime, { grantType: authorizationCode, prove: proveAuthorizationCode, context: presentedProof }, issueTokens)
        });
    }

    /** @internal */
    protected override refreshContext(proof: Proof<Presented<'refresh_token'>>, issuance: Issuance): PresentedProof<'refresh_token'> {

        return presentedProof(proof, issuance);
    }
}
