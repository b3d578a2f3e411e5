import { authorizationCode, proveAuthorizationCode } from '../grant-types/authorization-code';
import type { Proof } from '../grant-types/proof';
import type { Presented } from '../stores/grant';
import { AuthorizationCodeFlow } from './authorization-code-flow';
import type { IdTokenIssuance, PresentedProof } from './proven-context';
import type { Issuance } from './issuance';
import { provenHandler } from './proven-handler';
import { presentedProof } from './presented-proof';

/**
 * The authorization code flow of OpenID Connect: the client also learns who the user is (OpenID Connect Core §3.1).
 *
 * @example
 * const login = OIDCAuthorizationCodeBuilder.create()
 *     .setScopes({ openid: 'Who you are', email: 'Your e-mail address' })
 *     .authorizationRoute((route) => route.generateCode(makeCode))
 *     .tokenRoute((route) => route.generateToken(redeemCode));
 * await server.register(login);
 */
export class OIDCAuthorizationCodeBuilder extends AuthorizationCodeFlow<PresentedProof<'authorization_code'> & IdTokenIssuance, PresentedProof<'refresh_token'> & IdTokenIssuance> {

    /** A flow with every default. */
    static create(): OIDCAuthorizationCodeBuilder {

        return new OIDCAuthorizationCodeBuilder({
            name: 'oidc-authorization-code',
            grantType: authorizationCode,
            defaultMethods: ['client_secret_basic', 'client_secret_post', 'none'],
            confidentialOnly: false,
            openid: true,
            prove: (runtime, issueTokens) => provenHandler(runtime, { grantType: authorizationCode, prove: proveAuthorizationCode, context: (proof, issuance) => ({ ...presentedProof(proof, issuance), ...issuance.idTokens }) }, issueTokens)
        });
    }

    /** Adds members to the metadata that only the app knows, such as `claims_supported`: a setting of the server (RFC 8414 §2). */
    additionalConfiguration(members: Readonly<Record<string, unknown>>): this {

        return this.shareConfiguration(members);
    }

    /** @internal */
    protected override get dropsUnknownScopes(): boolean {

        return true;
    }

    /** @internal `offline_access` asks for a refresh token (OpenID Connect Core §11). */
    protected override impliedScopes(hasClients: boolean): readonly string[] {

        return this.isRefreshable(hasClients) ? ['openid', 'offline_access'] : ['openid'];
    }

    /** @internal */
    protected override refreshContext(proof: Proof<Presented<'refresh_token'>>, issuance: Issuance): PresentedProof<'refresh_token'> & IdTokenIssuance {

        return { ...presentedProof(proof, issuance), ...issuance.idTokens };
    }
}
