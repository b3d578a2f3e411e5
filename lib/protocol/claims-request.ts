import { OAuth2Error } from '../error';

/** One claim that a client asks for by its name (OpenID Connect Core §5.5.1). */
export interface RequestedClaim {
    /** Such as `email`, or with a language tag `name#de`. */
    readonly name: string;
    /** Whether the client cannot do well without it. */
    readonly essential: boolean;
    /** The values that the client has use for, the preferred one first; none: any. */
    readonly values: readonly (string | number | boolean)[];
}

/** The claims that an authorization request asks for one by one, by where they are to be found (OpenID Connect Core §5.5). */
export interface ClaimsRequest {
    readonly userinfo: readonly RequestedClaim[];
    readonly id_token: readonly RequestedClaim[];
}

/** Characters: more than any client needs, and little enough for a grant. */
const longest = 4096;

/** Names in one member. */
const mostClaims = 100;

/**
 * The `claims` parameter; throws `invalid_request` for one that cannot be read. Members that nobody knows are ignored.
 *
 * Names become values of a list, never members of an object: a name such as `__proto__` is a name like any other.
 */
export const parseClaimsRequest = (text: string): ClaimsRequest => {

    if (text.length > longest) {
        throw unusable('is too long');
    }

    const members = membersOf(parsed(text));
    return { userinfo: requestedClaims(members.get('userinfo')), id_token: requestedClaims(members.get('id_token')) };
};

/** The claims request of a stored record: `null` where there is none, as in older records; throws for anything that was not written as one. */
export const storedClaimsRequest = (value: unknown): ClaimsRequest | null => {

    if (value === undefined || value === null) {
        return null;
    }

    if (!isClaimsRequest(value)) {
        throw new Error('The store answered a grant whose claims is not what was written');
    }

    return { userinfo: value.userinfo, id_token: value.id_token };
};

const parsed = (text: string): unknown => {

    try {
        return JSON.parse(text);
    }
    catch (err) {
        throw unusable('is not JSON', err);
    }
};

const requestedClaims = (member: unknown): readonly RequestedClaim[] => {

    const entries = member === undefined || member === null ? [] : [...membersOf(member)];
    if (entries.length > mostClaims) {
        throw unusable(`names more than ${mostClaims} claims`);
    }

    return entries.map(([name, wish]) => {

        const members = wish === null ? new Map<string, unknown>() : membersOf(wish);
        const essential = members.get('essential') ?? false;
        const values = members.get('values') ?? (members.has('value') ? [members.get('value')] : []);
        if (typeof essential !== 'boolean' || !Array.isArray(values) || !values.every(isScalar)) {
            throw unusable('asks for a claim in a way that nobody knows');
        }

        return { name, essential, values };
    });
};

/** A map, not the object: what every object inherits is no part of a request. */
const membersOf = (value: unknown): ReadonlyMap<string, unknown> => {

    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        throw unusable('holds something that is no object');
    }

    return new Map(Object.entries(value));
};

const unusable = (what: string, cause?: unknown): OAuth2Error => new OAuth2Error('invalid_request', `The parameter 'claims' ${what}`, { reason: 'claims_unusable', cause });

const isScalar = (value: unknown): value is string | number | boolean => ['string', 'number', 'boolean'].includes(typeof value);

const isClaimsRequest = (value: NonNullable<unknown>): value is ClaimsRequest =>
    typeof value === 'object' && 'userinfo' in value && isList(value.userinfo) && 'id_token' in value && isList(value.id_token);

const isList = (value: unknown): boolean => Array.isArray(value) && value.every((claim: unknown) =>
    typeof claim === 'object' && claim !== null && 'name' in claim && typeof claim.name === 'string' && 'essential' in claim && typeof claim.essential === 'boolean' &&
    'values' in claim && Array.isArray(claim.values) && claim.values.every(isScalar));
