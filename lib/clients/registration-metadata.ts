import { OAuth2Error } from '../error';
import { openidScopes } from '../protocol/scope';
import { checkedClient } from './check';
import type { ClientMetadata } from './client';
import { OutboundError, jsonOf, type Outbound } from './guarded-fetch';
import { grantTypesOf } from './record';

/** What is registered of a client, without what the server makes (RFC 7591 §2). */
export type RegistrationMetadata = Omit<ClientMetadata, 'client_id' | 'client_secret' | 'client_secret_sha256'>;

/**
 * What a client may say of itself (RFC 7591 §2, OpenID Connect Registration §2). All else is ignored (RFC 7591 §2): what is unknown, and what only the operator
 * says of a client, such as `consent`, `resources` and `legacy_assertion_audience`. How each member has to look is in the schema of client records.
 */
const registrable: readonly string[] = [
    'redirect_uris', 'token_endpoint_auth_method', 'token_endpoint_auth_signing_alg', 'grant_types', 'response_types', 'client_name', 'client_uri', 'logo_uri',
    'scope', 'contacts', 'tos_uri', 'policy_uri', 'jwks_uri', 'jwks', 'application_type', 'sector_identifier_uri', 'default_max_age', 'initiate_login_uri',
    'subject_type', 'id_token_signed_response_alg', 'userinfo_signed_response_alg', 'post_logout_redirect_uris', 'backchannel_logout_uri', 'backchannel_logout_session_required'
];

/** What a client may have that nobody has allowed more: grant types in which a user decides. */
const userGrantTypes: readonly string[] = ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'];

/** What a client that registers itself may have at most. */
export interface RegistrationLimits {
    readonly grantTypes?: readonly string[] | undefined;
    readonly scopes?: readonly string[] | undefined;
}

/** What a server has for clients that register themselves. */
export interface ServedToStrangers {
    /** The scopes that every client may register for. */
    readonly openScopes: readonly string[];
    /** How users may be named to clients (OpenID Connect Core §8). */
    readonly subjectTypes: readonly string[];
}

/** A refusal that names its field (RFC 7591 §3.2.2). */
export const refusedMetadata = (problem: string): OAuth2Error => {

    const code = problem.startsWith('redirect_uris') ? 'invalid_redirect_uri' : 'invalid_client_metadata';
    return new OAuth2Error(code, problem.replaceAll('§', 'section '), { reason: 'registration_metadata_refused' });          // No § may be in a description (RFC 6749 §5.2)
};

/** What a client says of itself, with the defaults of what it leaves out; throws `invalid_client_metadata` for what is no JSON object (RFC 7591 §2, §3.1). */
export const readRegistration = (payload: unknown, openScopes: readonly string[]): Readonly<Record<string, unknown>> => {

    if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
        throw refusedMetadata('The metadata has to be a JSON object');
    }

    const said = Object.fromEntries(Object.entries(payload).filter(([name, value]) => registrable.includes(name) && value !== null && value !== ''));          // null says as little as nothing (RFC 7592 §2.2)
    return withDefaults(said, openScopes);
};

/** What is registered where nothing is said (RFC 7591 §2): a record without a scope could have them all. */
export const withDefaults = (metadata: Readonly<Record<string, unknown>>, openScopes: readonly string[]): Readonly<Record<string, unknown>> => {

    const said = Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined));
    const { grant_types: grantTypes = ['authorization_code'] } = said;
    return {
        token_endpoint_auth_method: 'client_secret_basic',
        response_types: Array.isArray(grantTypes) && grantTypes.includes('authorization_code') ? ['code'] : [],
        scope: openScopes.join(' '),
        ...said,
        grant_types: grantTypes
    };
};

/** Letters, symbols and spaces, up to 100; of characters that nobody sees only the two by which scripts and pictures join. */
const shown = /^(?:[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u2800\u3164\uffa0]|[\u200c\u200d]){1,100}$/u;

/** Whether a stranger's name fits on a page, and leaves what the page says beside it where it is: no line breaks, no change of the direction of writing, and something to see. */
const isShownName = (name: string): boolean => shown.test(name) && /[\p{L}\p{N}\p{P}\p{S}]/u.test(name);

/** The record of a client that registers itself; throws `invalid_client_metadata` or `invalid_redirect_uri`, naming the field. `redirectSchemes` are private-use schemes that may be without a dot. */
export const checkedRegistration = (record: unknown, redirectSchemes?: ReadonlySet<string>): ClientMetadata => {

    const { metadata, problem } = checkedClient(record, redirectSchemes);
    if (metadata === undefined) {
        throw refusedMetadata(problem);
    }

    if (metadata.client_name !== undefined && !isShownName(metadata.client_name)) {
        throw refusedMetadata('client_name is longer than 100 characters, or holds one that cannot be seen');
    }

    const grantTypes = grantTypesOf({ metadata });
    if (grantTypes.includes('authorization_code') !== (metadata.response_types ?? []).includes('code')) {
        throw refusedMetadata('response_types and grant_types do not agree: code comes with authorization_code and goes with it (RFC 7591 §2.1)');
    }

    return metadata;
};

/** Throws `invalid_client_metadata` if a client wants more than it may have: the scopes that are open, the grant types in which users decide, and what was allowed it beyond. */
export const checkLimits = ({ grant_types: grantTypes = [], scope = '', subject_type: subjectType }: ClientMetadata, { openScopes, subjectTypes }: ServedToStrangers, allowed: RegistrationLimits): void => {

    if (subjectType !== undefined && !subjectTypes.includes(subjectType)) {
        throw refusedMetadata(`subject_type is none of those that this server has: ${subjectTypes.join(', ')}`);
    }

    const mayGrant = new Set([...userGrantTypes, ...allowed.grantTypes ?? []]);
    if (!grantTypes.every((name) => mayGrant.has(name))) {
        throw refusedMetadata('grant_types holds one that a client which registers itself may not have');
    }

    const maySee = new Set([...openScopes, ...openidScopes, ...allowed.scopes ?? []]);
    if (!scope.split(' ').every((name) => name === '' || maySee.has(name))) {
        throw refusedMetadata('scope holds one that a client which registers itself may not have');
    }
};

/** Throws `invalid_client_metadata` for a URL of the metadata that this server must not ask, or that does not answer what it has to. */
export const checkRemotes = async (metadata: ClientMetadata, outbound: Outbound): Promise<void> => {

    for (const name of ['jwks_uri', 'backchannel_logout_uri'] as const) {
        const { [name]: uri } = metadata;
        if (uri !== undefined) {
            await answered(name, () => outbound.check(uri));
        }
    }

    const { sector_identifier_uri: sector, redirect_uris: redirectUris = [] } = metadata;
    if (sector !== undefined) {
        const listed = await answered('sector_identifier_uri', async () => jsonOf(await outbound.fetch(sector, { headers: { accept: 'application/json' } })));
        if (!Array.isArray(listed) || !redirectUris.every((uri) => listed.includes(uri))) {
            throw refusedMetadata('sector_identifier_uri does not list every one of the redirect_uris (OpenID Connect Registration §5)');
        }
    }
};

/** One sentence for all reasons: it must not tell which names and machines there are behind this server. */
const answered = async <T>(name: string, ask: () => Promise<T>): Promise<T> => {

    try {
        return await ask();
    }
    catch (err) {
        if (err instanceof OutboundError) {
            throw new OAuth2Error('invalid_client_metadata', `${name} cannot be fetched from here`, { reason: 'registration_uri_unusable', cause: err });
        }

        throw err;
    }
};
