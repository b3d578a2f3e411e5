import { mayUse } from '../clients/record';
import { secretVerifier } from '../clients/secret-verifier';
import { deviceAuthorizationEndpoint } from '../endpoints/device-authorization';
import { deviceVerificationPage } from '../endpoints/device-verification';
import { provenDeviceAuthorizationEndpoint } from '../endpoints/proven-device-authorization';
import { provenDeviceVerificationPage } from '../endpoints/proven-device-verification';
import type { RoutePath } from '../endpoints/place';
import { deviceCode, proveDeviceCode, type DeviceCodeParameters } from '../grant-types/device-code';
import type { Proof } from '../grant-types/proof';
import type { Presented } from '../stores/grant';
import { publicUrl } from '../protocol/issuer';
import { DeviceAuthorizationRoute } from './device-authorization-route';
import type { Contribution } from './contribution';
import { level1, type RouteHandlers } from './level';
import type { PresentedProof } from './proven-context';
import type { Issuance } from './issuance';
import { provenHandler } from './proven-handler';
import { presentedProof } from './presented-proof';
import { provenDeviceCode } from './proven-device-code';
import { RefreshableFlow } from './refreshable-flow';
import { authenticateFor, authenticateKnown, requestedScope, type FlowRuntime } from './runtime';
import { assertUsersCanSignIn } from './signing-in';
import { wantedTarget } from './wanted-target';

/**
 * The device authorization flow: a device without a browser shows a code that its user enters elsewhere (RFC 8628).
 *
 * @example
 * const device = OAuth2DeviceAuthorizationBuilder.create()
 *     .addClientAuthenticationMethod('none')
 *     .authorizationRoute((route) => route.generateCode(makeCodes).verifyUserCode(approve))
 *     .tokenRoute((route) => route.generateToken(poll));
 * await server.register(device);
 */
export class OAuth2DeviceAuthorizationBuilder extends RefreshableFlow<DeviceCodeParameters, PresentedProof<'device_code'>, PresentedProof<'refresh_token'>> {

    #authorizationRoute: DeviceAuthorizationRoute | undefined;
    readonly #guardRoute = (setter: string) => this.guard(setter);

    /** A flow with every default. */
    static create(): OAuth2DeviceAuthorizationBuilder {

        return new OAuth2DeviceAuthorizationBuilder({
            name: 'oauth2-device-authorization',
            grantType: deviceCode,
            defaultMethods: ['client_secret_basic', 'client_secret_post', 'none'],
            confidentialOnly: false,
            openid: false,
            prove: (runtime, issueTokens) => provenHandler(runtime, { grantType: deviceCode, prove: proveDeviceCode, context: presentedProof }, issueTokens)
        });
    }

    /** Serves the device authorization endpoint, at `/oauth2/device_authorization` unless it has another path, and the verification page. */
    authorizationRoute(configure: (route: DeviceAuthorizationRoute) => unknown): this {

        this.guard('authorizationRoute');
        this.#authorizationRoute ??= new DeviceAuthorizationRoute(this.#guardRoute);
        configure(this.#authorizationRoute);
        return this;
    }

    /** @internal */
    protected override contribute(runtime: FlowRuntime): Contribution {

        const contribution = super.contribute(runtime);
        const route = this.#authorizationRoute;
        if (route === undefined) {
            return contribution;
        }

        const { handlers: { generateCode: generate, issueCode: issue, verifyUserCode }, options, verificationPath } = route;
        const path: RoutePath = route.path ?? '/oauth2/device_authorization';
        const issuer = () => runtime.shared.issuer();
        const endpoint = deviceAuthorizationEndpoint({
            path, options,
            cors: runtime.shared.cors,
            authenticate: (form, request) => authenticateFor(runtime, deviceCode.type, form, request),
            verifyClientSecret: secretVerifier,
            scope: (form) => requestedScope(runtime, form),
            verificationUri: () => (verifyUserCode === undefined ? undefined : publicUrl(issuer(), runtime.whole(verificationPath))),
            generateCode: level1({ generate, issue }, { owner: this.owner, route: 'authorizationRoute', generate: 'generateCode', issue: 'issueCode' })
        });
        const page = verifyUserCode === undefined ? [] : deviceVerificationPage({ ...route.pages, pages: runtime.shared.pages, path: verificationPath, options: {}, issuer, verifyUserCode });
        return {
            ...contribution,
            routes: [
                ...contribution.routes,
                { path, setter: 'setPath()', routes: endpoint },
                ...page.length > 0 ? [{ path: verificationPath, setter: 'setVerificationPath()', routes: page } as const] : []
            ],
            metadata: { ...contribution.metadata, deviceAuthorizationPath: path, verificationPath: page.length > 0 ? verificationPath : undefined }
        };
    }

    /** @internal */
    protected override refreshContext(proof: Proof<Presented<'refresh_token'>>, issuance: Issuance): PresentedProof<'refresh_token'> {

        return presentedProof(proof, issuance);
    }

    /** @internal */
    protected override handlers(): readonly RouteHandlers[] {

        const { generateCode, verifyUserCode, issueCode: issue } = this.#authorizationRoute?.handlers ?? {};
        return this.#authorizationRoute === undefined ? super.handlers() : [...super.handlers(), { generate: generateCode ?? verifyUserCode, issue, names: { owner: this.owner, route: 'authorizationRoute', generate: 'generateCode', issue: 'issueCode' } }];
    }

    /** @internal */
    protected override contributeProven(runtime: FlowRuntime): Contribution {

        const contribution = super.contributeProven(runtime);
        const { shared, name: flow } = runtime;
        const route = this.#authorizationRoute ?? new DeviceAuthorizationRoute(this.#guardRoute);
        const { options, verificationPath, handlers: { issueCode } } = route;
        const path: RoutePath = route.path ?? '/oauth2/device_authorization';
        const both = { clock: shared.clock, limits: shared.limits, store: shared.store, digestUserCode: (userCode: string) => shared.secrets.digests('user-code', userCode) };
        const endpoint = provenDeviceAuthorizationEndpoint({
            ...both, path, options, flow,
            cors: shared.cors,
            authenticate: async (form, request) => (await authenticateKnown(runtime, form, request)).client,
            target: (client, form) => wantedTarget(runtime, client, form, { offline: mayUse(client, 'refresh_token') }),           // Its user is always asked
            verificationUri: () => publicUrl(shared.issuer(), runtime.whole(verificationPath)),
            issueCode: issueCode && provenDeviceCode(runtime, issueCode)
        });
        const page = provenDeviceVerificationPage({
            ...both, ...route.pages,
            pages: shared.pages,
            path: verificationPath,
            options: {},
            issuer: () => shared.issuer(),
            secrets: shared.secrets,
            findClient: async (clientId) => await shared.findClient(clientId),
            scopeText: (scope) => this.scopes[scope] ?? shared.resources.descriptionOf(scope),
            resourceName: (uri) => shared.resources.nameOf(uri),
            browsers: shared.signIn.browsers,
            interactions: shared.signIn.interactions,
            ownSignIn: () => shared.interaction.own,
            authenticateUser: () => shared.interaction.authenticateUser
        });
        return {
            ...contribution,
            atStart: () => assertUsersCanSignIn(this.owner, shared),
            routes: [
                ...contribution.routes,
                { path, setter: 'setPath()', routes: endpoint },
                { path: verificationPath, setter: 'setVerificationPath()', routes: page }
            ],
            metadata: { ...contribution.metadata, deviceAuthorizationPath: path, verificationPath }
        };
    }
}
