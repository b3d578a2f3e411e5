import type { Server } from '@hapi/hapi';

import { requireAuthenticateUser } from '../endpoints/authenticate-user';
import { signInWithin } from '../endpoints/sign-in-limit';
import { invalidGrant, type Proof } from '../grant-types/proof';
import { password, type PasswordParameters } from '../grant-types/password';
import type { Presented } from '../stores/grant';
import type { Contribution } from './contribution';
import type { Issuance } from './issuance';
import { openedGrant } from './opened-grant';
import { presentedProof, userOf } from './presented-proof';
import type { PresentedProof, RefreshTokenIssuance } from './proven-context';
import { provenHandler, type ProvenGrantType } from './proven-handler';
import { RefreshableFlow } from './refreshable-flow';
import type { FlowRuntime } from './runtime';
import { wantedTarget } from './wanted-target';

/** A proof for which the client presented the name and the password of a user. */
export interface PasswordProof extends RefreshTokenIssuance {
    readonly grantType: 'password';
    readonly presented: null;
    readonly subject: string;
}

/**
 * The password grant: a client that has asked the user for the password itself (RFC 6749 §4.3).
 *
 * Only for clients that cannot be changed yet: it must not be used (RFC 9700 §2.4), and says so when the server starts. The client sees the
 * password, and there is no second factor, no consent and no single sign-on.
 *
 * @example
 * const legacy = OAuth2PasswordBuilder.create().authenticateUser(({ username, password }) => users.check(username, password));
 * await server.register([AuthorizationServerBuilder.create().setClients(clients), legacy]);
 */
export class OAuth2PasswordBuilder extends RefreshableFlow<PasswordParameters, PasswordProof, PresentedProof<'refresh_token'>> {

    #hasWarned = false;

    /** A flow with every default. */
    static create(): OAuth2PasswordBuilder {

        return new OAuth2PasswordBuilder({
            name: 'oauth2-password',
            grantType: password,
            defaultMethods: ['client_secret_basic', 'client_secret_post', 'none'],
            confidentialOnly: false,
            openid: false,
            prove: (runtime, issueTokens) => provenHandler(runtime, passwordGrant(runtime), issueTokens)
        });
    }

    /** @internal */
    protected override contribute(runtime: FlowRuntime): Contribution {

        return { ...super.contribute(runtime), atStart: (server) => this.#warn(server) };
    }

    /** @internal */
    protected override contributeProven(runtime: FlowRuntime): Contribution {

        return {
            ...super.contributeProven(runtime),
            atStart: (server) => {

                if (runtime.shared.interaction.authenticateUser === undefined) {        // Not before: a flow that comes later may say it
                    throw new Error(`${this.owner} cannot verify passwords, since this server does not know its users: call authenticateUser(({ username, password }) => ...) on the AuthorizationServerBuilder`);
                }

                this.#warn(server);
            }
        };
    }

    /** @internal */
    protected override refreshContext(proof: Proof<Presented<'refresh_token'>>, issuance: Issuance): PresentedProof<'refresh_token'> {

        return presentedProof(proof, issuance);
    }

    #warn(server: Server): void {

        if (this.#hasWarned) {
            return;
        }

        this.#hasWarned = true;
        const warning = `${this.owner} serves the password grant, which must not be used (RFC 9700 §2.4): clients see their users' passwords. Move them to the authorization code or the device flow`;
        process.emitWarning(warning, { code: 'HAPI_OAUTH2_PASSWORD' });
        server.log(['oauth', 'password'], warning);
    }
}

/** The user, by name and password; a name that does not exist and a wrong password are one and the same answer. */
const passwordGrant = (runtime: FlowRuntime): ProvenGrantType<PasswordParameters, null, PasswordProof> => {

    const { shared } = runtime;
    return {
        grantType: password,
        prove: async (credentials, proven, request, h) => {

            const target = wantedTarget(runtime, proven.client, proven.form);
            const user = await signInWithin(shared.limits, requireAuthenticateUser(shared.interaction.authenticateUser), { ...credentials, acrValues: [], parameters: {} }, request, h);
            if (user === null) {
                throw invalidGrant('wrong_password');
            }

            return openedGrant(runtime, proven, target, { ...user, authTime: Math.floor(shared.clock() / 1000), data: {} });
        },
        context: ({ presented, grant }, { refreshTokens }) => ({ ...refreshTokens, grantType: password.type, presented, subject: userOf(grant) })
    };
};
