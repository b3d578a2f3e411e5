import { randomBytes } from 'node:crypto';

import { OAuth2Error } from '../error';
import { equalDigests } from '../protocol/compare';
import { sha256 } from '../protocol/digest';
import { randomValue } from '../protocol/random';
import { contended } from '../stores/contended';
import type { StoredValue } from '../stores/store';
import type { Client, ClientMetadata } from './client';
import type { Outbound } from './guarded-fetch';
import { checkLimits, checkRemotes, checkedRegistration, readRegistration, refusedMetadata, withDefaults, type RegistrationLimits, type RegistrationMetadata, type ServedToStrangers } from './registration-metadata';
import { keptSecret, withoutSecret, type FoundClient, type StoredClients } from './stored-clients';

/** What a policy makes of a registration. */
export interface RegistrationDecision {
    /** What is registered instead of what was asked for. */
    readonly metadata?: RegistrationMetadata | undefined;
    /** Grant types and scopes that this client may have beyond those that every client may register for. */
    readonly allow?: RegistrationLimits | undefined;
    /** Vouches for the client: it is not shown as unverified, and not deleted when nobody uses it. */
    readonly verified?: boolean | undefined;
}

/** Decides about a registration that is in order. */
export type DecideRegistration = (asked: RegistrationMetadata) => Promise<RegistrationDecision>;

/** A registered client as it is told of itself. */
export interface RegisteredClient {
    readonly client: Client;
    /** Seconds since the epoch. */
    readonly issuedAt: number;
    /** Told once, when it is made. */
    readonly secret?: string | undefined;
    readonly token: string;
}

/** What registrations work with. */
export interface RegistrationsOptions {
    readonly stored: StoredClients;
    /** Whether any client has this id. */
    readonly exists: (clientId: string) => Promise<boolean>;
    readonly outbound: Outbound;
    readonly served: () => ServedToStrangers;
    /** Private-use schemes that redirect URIs may have although they are without a dot. */
    readonly redirectSchemes?: ReadonlySet<string> | undefined;
    /** Milliseconds since the epoch. */
    readonly clock: () => number;
    /** Where ids come from: random unless said otherwise. */
    readonly newClientId?: (() => string) | undefined;
}

/** A name that says what it is, so that no user's subject looks like it (RFC 9700 §4.15). */
const randomClientId = (): string => `client-${randomBytes(16).toString('base64url')}`;

const secretMethods: readonly string[] = ['client_secret_basic', 'client_secret_post', 'client_secret_jwt'];

/** What the server says of a client, and no client of itself (RFC 7592 §2.2). */
const serversOwn = ['registration_access_token', 'registration_client_uri', 'client_secret_expires_at', 'client_id_issued_at'];

/** Registers clients and changes what they registered (RFC 7591, RFC 7592): all that is not about HTTP. */
export class Registrations {

    readonly #options: RegistrationsOptions;

    constructor(options: RegistrationsOptions) {

        this.#options = options;
    }

    /**
     * Registers a client under a new id, whatever id it asks for. `consume` is called when nothing else can be wrong any more.
     *
     * Throws `invalid_client_metadata` or `invalid_redirect_uri`, naming the field.
     */
    async register(payload: unknown, { decide, data, consume }: { readonly decide: DecideRegistration; readonly data: StoredValue; readonly consume: () => Promise<void> }): Promise<RegisteredClient> {

        const id = await this.#freeId();
        const { metadata, verified } = await this.#decided(payload, id, decide);
        const { client_secret: secret } = metadata;
        const kept = keptSecret(metadata);
        const token = randomValue();
        const issuedAt = Math.floor(this.#options.clock() / 1000);
        const client: Client = { id, metadata: kept.metadata, ...verified ? {} : { unverified: true } };
        await consume();
        if (!await this.#options.stored.add({ client, secretDigest: kept.secretDigest, tokenDigest: sha256(token), issuedAt, verified, data })) {
            throw new Error('The id of a new client was taken in the meantime');
        }

        return { client, issuedAt, secret, token };
    }

    /** The client that a registration access token manages; throws `invalid_token`, for an unknown client as for a wrong token. */
    async find(clientId: string, token: string): Promise<FoundClient> {

        const found = await this.#options.stored.find(clientId);
        const isRight = equalDigests(sha256(token), found?.tokenDigest ?? sha256(''));          // Always, also for a client that does not exist
        if (found === null || !isRight) {
            throw new OAuth2Error('invalid_token', 'The registration access token is not one of this client', {
                reason: 'registration_access_token_wrong',
                headers: { 'www-authenticate': 'Bearer realm="registration", error="invalid_token"' }
            });
        }

        return found;
    }

    /** Puts what a client says now in place of all it said before (RFC 7592 §2.2); its secret stays, unless its method needs another sort. */
    async replace(found: FoundClient, payload: unknown, { decide, token }: { readonly decide: DecideRegistration; readonly token: string }): Promise<RegisteredClient> {

        checkOwnMembers(payload, found);
        const { id } = found.client;
        const { metadata, verified } = await this.#decided(payload, id, decide);
        const { secretDigest: digest, metadata: made } = keptSecret(metadata);
        const stays = metadata.client_secret === undefined || (digest === null ? found.client.metadata.client_secret !== undefined : found.secretDigest !== null);
        const sealed = stays && made.client_secret !== undefined ? { ...made, client_secret: found.client.metadata.client_secret } : made;
        const client: Client = { id, metadata: sealed, ...verified ? {} : { unverified: true } };
        if (!await this.#options.stored.replace(found, { ...found, client, verified, secretDigest: stays && digest !== null ? found.secretDigest : digest })) {
            throw new OAuth2Error('temporarily_unavailable', 'The client was changed at the same time', { reason: 'registration_changed_meanwhile' });
        }

        return { client, issuedAt: found.issuedAt, secret: stays ? undefined : metadata.client_secret, token };
    }

    async #freeId(): Promise<string> {

        const { exists, newClientId = randomClientId } = this.#options;
        return await contended(async () => {

            const id = newClientId();
            return await exists(id) ? null : id;
        });
    }

    /** The record of a client as it will be kept, with a new secret if its method has one. */
    async #decided(payload: unknown, id: string, decide: DecideRegistration): Promise<{ readonly metadata: ClientMetadata; readonly verified: boolean }> {

        const { outbound, redirectSchemes } = this.#options;
        const served = this.#options.served();
        const { openScopes } = served;
        const asked = checkedRegistration(withSecret({ ...readRegistration(payload, openScopes), client_id: id }), redirectSchemes);
        const { client_id: _id, ...plain } = withoutSecret(asked);
        const { metadata: decided = plain, allow = {}, verified = false } = await decide(plain);
        const metadata = checkedRegistration(withSecret({ ...withDefaults({ ...decided }, openScopes), client_id: id }), redirectSchemes);
        checkLimits(metadata, served, allow);
        await checkRemotes(metadata, outbound);
        return { metadata, verified };
    }
}

const withSecret = (record: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {

    const { client_secret: _given, client_secret_sha256: _made, ...metadata } = record;                    // Also where a policy says them
    const { token_endpoint_auth_method: method = 'client_secret_basic' } = metadata;
    const octets = method === 'client_secret_jwt' ? 48 : 32;                    // 64 characters are enough for HS512 (RFC 7518 §3.2)
    return secretMethods.includes(String(method)) ? { ...metadata, client_secret: randomBytes(octets).toString('base64url') } : metadata;
};

/** What a client sends along of what the server gave it has to be that. */
const checkOwnMembers = (payload: unknown, { client: { id, metadata }, secretDigest: digest }: FoundClient): void => {

    const said: Readonly<Record<string, unknown>> = typeof payload === 'object' ? { ...payload } : {};
    if (said.client_id !== id) {
        throw refusedMetadata('client_id is not the one of this client');
    }

    const forbidden = serversOwn.find((name) => Object.hasOwn(said, name));
    if (forbidden !== undefined) {
        throw refusedMetadata(`${forbidden} is for the server to say: leave it out (RFC 7592 §2.2)`);
    }

    const { client_secret: secret } = said;
    const kept = digest ?? (metadata.client_secret === undefined ? '' : sha256(metadata.client_secret));
    if (secret !== undefined && !equalDigests(sha256(typeof secret === 'string' ? secret : ''), kept)) {
        throw refusedMetadata('client_secret is not the one of this client');
    }
};
