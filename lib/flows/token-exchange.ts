import type { Proof } from '../grant-types/proof';
import { tokenExchange, type TokenExchangeParameters } from '../grant-types/token-exchange';
import type { Presented } from '../stores/grant';
import type { Contribution } from './contribution';
import type { ExchangePolicy, ExchangeProof } from './exchange-context';
import type { Issuance } from './issuance';
import { presentedProof } from './presented-proof';
import type { PresentedProof } from './proven-context';
import { proveTokenExchange, type PresentedExchange } from './proven-exchange';
import { provenHandler } from './proven-handler';
import { RefreshableFlow } from './refreshable-flow';
import type { FlowRuntime } from './runtime';

/**
 * The token exchange flow: a client trades a user's access token for one of its own, to act for the user or as the user (RFC 8693).
 *
 * @example
 * const exchange = OAuth2TokenExchangeBuilder.create()
 *     .setPolicy(({ client, resources }) => (allowed(client.id, resources) ? { actor: 'client' } : null));
 * await server.register([hub, login, exchange]);
 */
export class OAuth2TokenExchangeBuilder extends RefreshableFlow<TokenExchangeParameters, ExchangeProof, PresentedProof<'refresh_token'>> {

    readonly #chosen: { policy: ExchangePolicy | undefined };

    private constructor() {

        const chosen: { policy: ExchangePolicy | undefined } = { policy: undefined };
        super({
            name: 'oauth2-token-exchange',
            grantType: tokenExchange,
            defaultMethods: ['client_secret_basic', 'client_secret_post'],
            confidentialOnly: true,
            openid: false,
            prove: (runtime, issueTokens) => {

                const policy = policyOf(chosen.policy, runtime.name);
                return provenHandler<TokenExchangeParameters, PresentedExchange, ExchangeProof>(runtime, {
                    grantType: tokenExchange,
                    prove: async (parameters, request, http) => await proveTokenExchange(runtime, policy, parameters, request, http),
                    context: exchangeProof
                }, issueTokens);
            }
        });
        this.#chosen = chosen;
    }

    /** A flow with every default, and no policy: level 2 needs one. */
    static create(): OAuth2TokenExchangeBuilder {

        return new OAuth2TokenExchangeBuilder();
    }

    /**
     * Decides about each exchange, once everything that can be proven is proven: what it answers narrows, and never widens. Level 2 only, where registration
     * is refused without one.
     */
    setPolicy(policy: ExchangePolicy): this {

        this.guard('setPolicy');
        this.#chosen.policy = policy;
        return this;
    }

    /** @internal */
    protected override contribute(runtime: FlowRuntime): Contribution {

        const contribution = super.contribute(runtime);
        if (this.#chosen.policy !== undefined) {
            throw new Error(`${this.owner} has a setPolicy() that would never run, because its generateToken() proves and decides: keep one of them`);
        }

        return contribution;
    }

    /** @internal */
    protected override refreshContext(proof: Proof<Presented<'refresh_token'>>, issuance: Issuance): PresentedProof<'refresh_token'> {

        return presentedProof(proof, issuance);
    }
}

const policyOf = (policy: unknown, name: string): ExchangePolicy => {

    if (policy === undefined) {
        throw new Error(`Flow '${name}' has no policy, and nobody but the app knows which client may act for its users where: call setPolicy((ctx, request) => ...)`);
    }

    if (!isPolicy(policy)) {
        throw new Error(`Flow '${name}' has a setPolicy() that is no function: give it (ctx, request) => ({ scopes, resources, actor, refreshToken })`);
    }

    return policy;
};

const isPolicy = (policy: unknown): policy is ExchangePolicy => typeof policy === 'function';

const exchangeProof = ({ presented: { actor, requestedTokenType, ...presented }, exchange }: Proof<PresentedExchange>, { refreshTokens }: Issuance): ExchangeProof => {

    const { subject } = presented;
    return { ...refreshTokens, grantType: tokenExchange.type, presented, subject, actor, act: exchange?.record.act ?? null, mayAct: exchange?.record.mayAct ?? null, requestedTokenType };
};
