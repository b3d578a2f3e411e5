import type { Request, Server } from '@hapi/hapi';

import type { Client } from '../clients/client';
import { sectorOf } from '../clients/sector';
import type { OpenidMetadata } from '../endpoints/metadata';
import { placeOf } from '../endpoints/place';
import { userinfoEndpoint } from '../endpoints/userinfo';
import { OAuth2Error, answerOf } from '../error';
import type { ClaimsRequest, RequestedClaim } from '../protocol/claims-request';
import { pairwiseSubject } from '../protocol/pairwise';
import { parseScope } from '../protocol/scope';
import { ScopeClaims } from '../protocol/scope-claims';
import { signingAlgorithms } from '../protocol/signing-algorithm';
import { chooseClaims, type UserClaims } from '../protocol/user-claims';
import type { Grant } from '../stores/grant';
import { verifiedAccessToken, type VerifiedAccessToken } from '../tokens/resolve';
import type { AuthorizationServer } from './authorization-server';
import type { JoiningFlow } from './joining-flow';
import { assertPlaces, providerPath, providerPlaces, type ProviderPlace } from './provider-places';
import { mountAccount, mountLogout } from './provider-routes';
import { resolveContext } from './resolve-context';
import type { SharedSettings } from './settings';

/** What a sign-in at the built-in form is worth of which nobody says more: somebody knew a password. */
const acrOfPasswords = 'urn:hapi-oauth2:acr:password';

/** Claims of every ID token, beside those of the user. */
const alwaysThere = ['sub', 'iss', 'aud', 'exp', 'iat', 'auth_time', 'nonce', 'acr', 'amr'];

/** Who a claims request is about, and what may be said to whom. */
export interface ClaimsDecision {
    readonly client: Client;
    /** The scopes that are granted. */
    readonly scopes: readonly string[];
    /** The scopes that the flow knows; `null`: all. */
    readonly known: ReadonlySet<string> | null;
}

/** What the server says of its users, and to whom: their subjects, their claims, and how they signed in (OpenID Connect Core). */
export class OpenId {

    readonly #shared: AuthorizationServer;
    readonly #settings: () => SharedSettings;
    #served: SharedSettings | undefined;
    #idTokenAlg = 'RS256';

    constructor(shared: AuthorizationServer, settings: () => SharedSettings) {

        this.#shared = shared;
        this.#settings = settings;
    }

    /** `acr` of a sign-in at the built-in form of which `authenticateUser()` says nothing. */
    get formAcr(): string {

        const [first = acrOfPasswords] = this.#acrValues;
        return first;
    }

    /** The algorithm of what is signed for a client about its users: its own, or that of the first OpenID flow. */
    idTokenAlgOf({ metadata }: Client): string {

        return metadata.id_token_signed_response_alg ?? this.#idTokenAlg;
    }

    /** The subject by which a client knows a user: everybody's, or that of its sector (OpenID Connect Core §8). */
    subjectOf({ id, metadata }: Client, subject: string): string {

        if (metadata.subject_type !== 'pairwise') {
            return subject;
        }

        const { setPairwiseSalt: salt } = this.#settings();
        const sector = sectorOf(metadata);
        if (salt === undefined || sector === null) {
            throw new Error(`The client '${id}' knows users by pairwise subjects: ${needsSalt}`);
        }

        return pairwiseSubject(salt, sector, subject);
    }

    /** Throws a sentence if a client of the server needs what nobody has set, or if a route would have to move. */
    check(settings: SharedSettings): void {

        const { setPairwiseSalt: salt } = settings;
        const pairwise = salt === undefined ? this.#shared.clients?.records?.find(({ subject_type: type }) => type === 'pairwise') : undefined;
        if (pairwise !== undefined) {
            throw new Error(`The client '${pairwise.client_id}' knows users by pairwise subjects: ${needsSalt}`);
        }

        if (this.#served !== undefined) {
            assertPlaces(this.#served, settings);
        }
    }

    /** The routes that come with a flow: all with the first one that issues ID tokens and keeps grants. */
    due(flow: JoiningFlow, joined: readonly JoiningFlow[]): readonly ProviderPlace[] {

        return isOpenid(flow) && !joined.some(isOpenid) ? providerPlaces({ ...this.#settings(), ...flow.settings }) : [];
    }

    /** What a client may have of the claims that it asks for: those of scopes that were granted, or that it could have been granted. */
    allowed(claims: ClaimsRequest | undefined, decision: ClaimsDecision): ClaimsRequest | null {

        if (claims === undefined) {
            return null;
        }

        const isAllowed = ({ name }: RequestedClaim): boolean => this.#grantableScope(name, decision) !== undefined;
        return { userinfo: claims.userinfo.filter(isAllowed), id_token: claims.id_token.filter(isAllowed) };
    }

    /** What is left of the claims that were allowed when fewer scopes are granted than were agreed to. */
    narrowed(claims: ClaimsRequest | null, scopes: readonly string[], agreed: readonly string[]): ClaimsRequest | null {

        const stays = ({ name }: RequestedClaim): boolean => this.#scopeClaims.goesWith(scopes, name, agreed);
        return claims && { userinfo: claims.userinfo.filter(stays), id_token: claims.id_token.filter(stays) };
    }

    /** The scopes whose claims a client asks for by name without having been granted them: the user has to be told. */
    scopesAskedByClaims(claims: ClaimsRequest | undefined, decision: ClaimsDecision): readonly string[] {

        const asked = [...claims?.userinfo ?? [], ...claims?.id_token ?? []].flatMap(({ name }) => this.#grantableScope(name, decision) ?? []);
        return [...new Set(asked)].filter((scope) => !decision.scopes.includes(scope));
    }

    /** Throws if a request names another user than the one who signed in, or a way of signing in that was essential and did not happen (OpenID Connect Core §5.5.1). */
    assertMet(claims: ClaimsRequest | undefined, { client, subject, acr }: { readonly client: Client; readonly subject: string; readonly acr: string | null }): void {

        const { userinfo, id_token: idToken } = claims ?? { userinfo: [], id_token: [] };
        const sub = this.subjectOf(client, subject);
        if ([...userinfo, ...idToken].some(({ name, values }) => name === 'sub' && values.length > 0 && !values.includes(sub))) {
            throw new OAuth2Error('login_required', 'Another user is asked for', { reason: 'claims_ask_for_another_subject' });
        }

        if (idToken.some(({ name, essential, values }) => name === 'acr' && essential && values.length > 0 && (acr === null || !values.includes(acr)))) {
            throw new OAuth2Error('unmet_authentication_requirements', 'The user did not sign in in a way that was asked for', { reason: 'claims_ask_for_another_acr' });
        }
    }

    /** The user's claims that were asked for in ID tokens; those of scopes are told by UserInfo, since an access token is issued (OpenID Connect Core §5.4). */
    async idTokenClaims({ subject, scopes, claims, clientId }: Grant, request: Request): Promise<Readonly<Record<string, unknown>>> {

        const wanted = claims?.id_token.map(({ name }) => name) ?? [];
        if (wanted.length === 0 || subject === null || !scopes.includes('openid')) {
            return {};
        }

        return this.#choose(await this.#known(subject, scopes, request) ?? {}, wanted, { request, clientId });
    }

    /** Serves UserInfo, logout and the account page, which come with this flow. */
    mount(server: Server, { metadata: { idTokenAlg = this.#idTokenAlg } }: JoiningFlow): void {

        const shared = this.#shared;
        this.#served = this.#settings();
        this.#idTokenAlg = idTokenAlg;
        this.#useKeys();
        mountLogout(server, shared, this.#settings);
        mountAccount(server, shared, this.#settings);
        server.route(userinfoEndpoint({
            path: providerPath(this.#served, 'userinfoRoute'),
            cors: shared.cors,
            options: this.#served.userinfoRoute?.options ?? {},
            issuer: () => shared.issuer(),
            clock: shared.clock,
            store: shared.store,
            flows: () => shared.flows().filter(({ keepsGrants }) => keepsGrants),
            resolve: async (token) => await verifiedAccessToken(token, resolveContext(shared)),
            describe: async (token, request) => await this.#describe(token, request)
        }));
    }

    /** Declares the keys for what clients want signed. */
    #useKeys(): void {

        for (const { id_token_signed_response_alg: idToken, userinfo_signed_response_alg: userinfo } of this.#shared.clients?.records ?? []) {
            for (const alg of [idToken, userinfo]) {
                if (alg !== undefined) {
                    this.#shared.keys.use('id_token', alg);
                }
            }
        }
    }

    /** What the metadata says of it; `undefined` where no flow issues ID tokens on grants. */
    metadata(server: Server, flows: readonly JoiningFlow[]): OpenidMetadata | undefined {

        if (!flows.some(isOpenid)) {
            return undefined;
        }

        const clients = this.#shared.clients?.records;          // Of clients that cannot be listed each may want another algorithm
        const scopes = flows.flatMap(({ metadata }) => metadata.scopes);
        return {
            userinfoPath: placeOf(server, providerPath(this.#settings(), 'userinfoRoute')).path,
            endSessionPath: placeOf(server, providerPath(this.#settings(), 'logoutRoute')).path,
            claims: [...alwaysThere, ...this.#settings().setClaims === undefined ? [] : this.#scopeClaims.claimsOf(scopes)],
            acrValues: this.#acrValues,
            subjectTypes: this.subjectTypes,
            idTokenAlgs: clients?.flatMap(({ id_token_signed_response_alg: alg }) => alg ?? []) ?? signingAlgorithms,
            userinfoAlgs: clients?.flatMap(({ userinfo_signed_response_alg: alg }) => alg ?? []) ?? signingAlgorithms
        };
    }

    /** How users may be named to clients (OpenID Connect Core §8). */
    get subjectTypes(): readonly string[] {

        return this.#settings().setPairwiseSalt === undefined ? ['public'] : ['public', 'pairwise'];
    }

    get #acrValues(): readonly string[] {

        return this.#settings().setAcrValues ?? [acrOfPasswords];
    }

    get #scopeClaims(): ScopeClaims {

        return new ScopeClaims(this.#settings().setScopeClaims);
    }

    #grantableScope(claim: string, { client: { metadata: { scope: registered } }, scopes, known }: ClaimsDecision): string | undefined {

        const own = registered === undefined ? null : parseScope(registered);
        const candidates = this.#scopeClaims.scopesOf(claim);
        return candidates.find((scope) => scopes.includes(scope)) ??
            candidates.find((scope) => (own === null || own.includes(scope)) && (known === null || known.has(scope)));
    }

    async #known(subject: string, scopes: readonly string[], request: Request): Promise<UserClaims | null> {

        const { setClaims } = this.#settings();
        const known: unknown = setClaims === undefined ? {} : await answerOf(() => setClaims(subject, [...scopes], request));
        if (typeof known !== 'object' || Array.isArray(known)) {
            throw new OAuth2Error('server_error', undefined, { reason: 'handler_returned_nonsense', cause: new Error('setClaims() answered neither an object of claims nor null') });
        }

        return known;
    }

    /** A wrong value is the developer's mistake and must not break the client's sign-in: it is left out, and the log names the claim. */
    #choose(known: UserClaims, wanted: readonly string[], { request, clientId }: { readonly request: Request; readonly clientId: string }): Readonly<Record<string, unknown>> {

        const { claims, unusable } = chooseClaims(known, wanted);
        if (unusable.length > 0) {
            request.log(['oauth', 'claims'], { unusable, client_id: clientId });
        }

        return claims;
    }

    async #describe({ grant, payload, exchange }: VerifiedAccessToken, request: Request): Promise<Readonly<Record<string, unknown>> | string | null> {

        const client = await this.#shared.findClient(payload.client_id);
        const scopes = parseScope(payload.scope);
        const known = client === null || grant.subject === null ? null : await this.#known(grant.subject, scopes, request);
        if (client === null || grant.subject === null || known === null) {
            return null;
        }

        const wishes = exchange === null ? this.narrowed(grant.claims, scopes, grant.scopes) : null;         // An exchanged token is for its own scopes: the wishes are those of the grant's client
        const wanted = [...this.#scopeClaims.claimsOf(scopes), ...wishes?.userinfo.map(({ name }) => name) ?? []];
        const claims = { ...this.#choose(known, wanted, { request, clientId: client.id }), sub: this.subjectOf(client, grant.subject) };
        const alg = client.metadata.userinfo_signed_response_alg;
        if (alg === undefined) {
            return claims;
        }

        // Neither exp nor iat: it must not pass for an ID token, which has both
        const { keys } = this.#shared;
        keys.use('id_token', alg);
        return (await keys.sign('id_token', alg, 'JWT', { ...claims, iss: this.#shared.issuer(), aud: client.id })).token;
    }
}

const needsSalt = 'call setPairwiseSalt() on the AuthorizationServerBuilder with 32 random characters or more, and never change them';

const isOpenid = ({ metadata: { idTokenAlg }, tokens: { keepsGrants } }: JoiningFlow): boolean => idTokenAlg !== undefined && keepsGrants;
