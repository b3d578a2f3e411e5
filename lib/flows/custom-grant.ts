import { CustomGrantType, type CustomGrantParameters } from '../grant-types/custom';
import type { Proof } from '../grant-types/proof';
import type { Presented } from '../stores/grant';
import type { Contribution } from './contribution';
import { customGrantProblem } from './custom-grant-check';
import { askPolicy, type CustomGrantPolicy } from './custom-grant-policy';
import type { Issuance } from './issuance';
import { presentedProof } from './presented-proof';
import type { PresentedProof, RefreshTokenIssuance } from './proven-context';
import { provenHandler } from './proven-handler';
import { RefreshableFlow } from './refreshable-flow';
import type { FlowRuntime } from './runtime';

/** What a policy has approved. */
export interface CustomGrantProof<N extends string = string> extends RefreshTokenIssuance {
    readonly grantType: N;
    readonly presented: null;
    /** The user; `null` where the client acts for itself. */
    readonly subject: string | null;
}

/** What a custom grant type is made of. */
interface CustomGrant<P extends object, N extends string> {
    readonly grantType: CustomGrantType<P, N>;
    policy: CustomGrantPolicy<P, N> | undefined;
    isDeclared: boolean;
}

/**
 * A grant type of the project's own (RFC 6749 §4.5): the framework authenticates the client, your policy says who is granted what.
 *
 * @example
 * const magicLink = OAuth2CustomGrantBuilder.create('urn:example:grant-type:magic-link')
 *     .setParameters(['link'], { optional: ['device_name'] })
 *     .setPolicy(async ({ parameters: { link } }) => {
 *
 *         const user = await links.use(link);
 *         return user === null ? null : { subject: user.id, amr: ['link'], refreshToken: true };
 *     });
 * await server.register([AuthorizationServerBuilder.create().setClients(clients), magicLink]);
 */
export class OAuth2CustomGrantBuilder<P extends object = CustomGrantParameters<never, never>, N extends string = string> extends RefreshableFlow<{ readonly parameters: P }, CustomGrantProof<N>, PresentedProof<'refresh_token'>> {

    readonly #custom: CustomGrant<P, N>;

    private constructor(custom: CustomGrant<P, N>) {

        super({
            name: 'oauth2-custom-grant',
            grantType: custom.grantType,
            defaultMethods: ['client_secret_basic', 'client_secret_post'],
            get confidentialOnly() {

                return custom.policy !== undefined;         // At level 1 the project knows its clients, and whom to believe
            },
            openid: false,
            prove: (runtime, issueTokens) => provenHandler(runtime, {
                grantType: custom.grantType,
                prove: async ({ parameters }, proven, request) => await askPolicy(runtime, custom.policy, parameters, custom.grantType.type, proven, request),
                context: ({ presented, grant: { subject } }, { refreshTokens }) => ({ ...refreshTokens, grantType: custom.grantType.type, presented, subject })
            }, issueTokens)
        });
        this.#custom = custom;
    }

    /** A flow for this `grant_type`, an absolute URI such as a URN. Registration is refused for any other text, and for those that the framework serves itself. */
    static create<const N extends string>(grantType: N): OAuth2CustomGrantBuilder<CustomGrantParameters<never, never>, N> {

        return new OAuth2CustomGrantBuilder({ grantType: new CustomGrantType(grantType), policy: undefined, isDeclared: false });
    }

    /**
     * Declares the parameters of the token request: handlers find them in `ctx.parameters`, as strings; an optional one may be `undefined`.
     *
     * A required one that is missing, and one that is sent twice, is `invalid_request` before any handler runs; what is not declared is ignored.
     * Once for a flow: a second call throws.
     */
    setParameters<const R extends string, const O extends string = never>(required: readonly R[], others?: { readonly optional?: readonly O[] | undefined }): OAuth2CustomGrantBuilder<CustomGrantParameters<R, O>, N>;
    setParameters(required: readonly string[], { optional = [] }: { readonly optional?: readonly string[] | undefined } = {}): unknown {

        this.guard('setParameters');
        if (this.#custom.isDeclared) {                      // Handlers know by their types what the first call declared
            throw new Error(`${this.owner} has setParameters() twice: declare all parameters in one call`);
        }

        this.#custom.isDeclared = true;
        this.#custom.grantType.declare([required].flat(), [optional].flat());
        return this;                                        // The same builder: that its type has changed is what the overload says
    }

    /** Level 2: decides who is granted what, once the client is authenticated and may use the grant type. Needed where clients are registered. */
    setPolicy(policy: CustomGrantPolicy<P, N>): this {

        this.guard('setPolicy');
        this.#custom.policy = policy;
        return this;
    }

    /** @internal */
    protected override contribute(runtime: FlowRuntime): Contribution {

        this.#check(runtime, 1);
        return super.contribute(runtime);
    }

    /** @internal */
    protected override contributeProven(runtime: FlowRuntime): Contribution {

        this.#check(runtime, 2);
        return super.contributeProven(runtime);
    }

    /** @internal */
    protected override refreshContext(proof: Proof<Presented<'refresh_token'>>, issuance: Issuance): PresentedProof<'refresh_token'> {

        return presentedProof(proof, issuance);
    }

    #check({ shared: { clients }, accepted: methods }: FlowRuntime, level: 1 | 2): void {

        const { grantType: { type, names: parameters }, policy } = this.#custom;
        const problem = customGrantProblem({ type, parameters, policy, level, clients, methods });
        if (problem !== undefined) {
            throw new Error(`${this.owner} ${problem}`);
        }
    }
}
