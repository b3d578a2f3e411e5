import { withoutLanguage } from './scope-claims';

/** A postal address; all of it text (OpenID Connect Core §5.1.1). */
export interface AddressClaim {
    readonly formatted?: string | null | undefined;
    readonly street_address?: string | null | undefined;
    readonly locality?: string | null | undefined;
    readonly region?: string | null | undefined;
    readonly postal_code?: string | null | undefined;
    readonly country?: string | null | undefined;
}

/** The standard claims (OpenID Connect Core §5.1). */
export interface StandardClaims {
    readonly name?: string | null | undefined;
    readonly given_name?: string | null | undefined;
    readonly family_name?: string | null | undefined;
    readonly middle_name?: string | null | undefined;
    readonly nickname?: string | null | undefined;
    readonly preferred_username?: string | null | undefined;
    /** The address of a page about the user. */
    readonly profile?: string | null | undefined;
    /** The address of a picture of the user. */
    readonly picture?: string | null | undefined;
    readonly website?: string | null | undefined;
    readonly gender?: string | null | undefined;
    /** `YYYY-MM-DD`, with the year `0000` where it is nobody's business, or `YYYY`. */
    readonly birthdate?: string | null | undefined;
    /** Such as `Europe/Berlin`. */
    readonly zoneinfo?: string | null | undefined;
    /** Such as `de-DE`. */
    readonly locale?: string | null | undefined;
    /** Seconds since the epoch. */
    readonly updated_at?: number | null | undefined;
    readonly email?: string | null | undefined;
    readonly email_verified?: boolean | null | undefined;
    readonly phone_number?: string | null | undefined;
    readonly phone_number_verified?: boolean | null | undefined;
    readonly address?: AddressClaim | null | undefined;
}

/** What is known of a user: standard claims, and any of your own. `null`, `undefined`, `''` and `'null'` say that a claim is not known. */
export type UserClaims = StandardClaims & object & {
    /** A promise of claims is none: else it would pass for an object of which nothing standard is known. */
    readonly then?: never;
};

/** Claims that may be sent, and the names of those that are not what they have to be. */
export interface ChosenClaims {
    readonly claims: Readonly<Record<string, unknown>>;
    readonly unusable: readonly string[];
}

/** Of what is known of a user the claims that are wanted, with or without a language tag; what is not known is left out, and so is what is of a wrong kind. */
export const chooseClaims = (known: UserClaims, wanted: readonly string[]): ChosenClaims => {

    const names = new Set(wanted);
    const chosen = knownIn(known).filter(([name]) => names.has(name) || names.has(withoutLanguage(name)));
    const read = chosen.map(([name, value]) => [name, usable(withoutLanguage(name), value)] as const);
    return {
        claims: Object.fromEntries(read.filter(([, value]) => value !== undefined && value !== null)),
        unusable: read.filter(([, value]) => value === undefined).map(([name]) => name)
    };
};

const knownIn = (members: object): readonly (readonly [string, NonNullable<unknown>])[] =>
    Object.entries(members).flatMap(([name, value]: [string, unknown]) => (value === undefined || value === null || value === '' || value === 'null' ? [] : [[name, value] as const]));          // 'null' is what a careless conversion leaves

type Reader = (value: NonNullable<unknown>) => unknown;

const text: Reader = (value) => (typeof value === 'string' ? value : undefined);
const flag: Reader = (value) => (typeof value === 'boolean' ? value : undefined);
const seconds: Reader = (value) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined);
const date: Reader = (value) => (typeof value === 'string' && /^\d{4}(?:-\d\d-\d\d)?$/.test(value) ? value : undefined);

/** Members that nobody knows are not told; `null` for an address of which nothing is known. */
const address: Reader = (value) => {

    if (typeof value !== 'object' || Array.isArray(value)) {
        return undefined;
    }

    const known = knownIn(value).filter(([name]) => addressMembers.includes(name));
    if (!known.every(([, line]) => typeof line === 'string')) {
        return undefined;
    }

    return known.length === 0 ? null : Object.fromEntries(known);
};

const addressMembers = ['formatted', 'street_address', 'locality', 'region', 'postal_code', 'country'];

/** A claim of the server's own: whatever JSON can hold, as JSON holds it. */
const json: Reader = (value) => {

    try {
        const written: string | undefined = JSON.stringify(value);
        return written === undefined ? undefined : JSON.parse(written);
    }
    catch {
        return undefined;
    }
};

const readers = new Map<string, Reader>([
    ...['name', 'given_name', 'family_name', 'middle_name', 'nickname', 'preferred_username', 'profile', 'picture', 'website', 'gender', 'zoneinfo', 'locale', 'email', 'phone_number'].map((name) => [name, text] as const),
    ['email_verified', flag], ['phone_number_verified', flag], ['updated_at', seconds], ['birthdate', date], ['address', address]
]);

/** The value as it is sent; `undefined` if it is not of the claim's kind. */
const usable = (name: string, value: NonNullable<unknown>): unknown => (readers.get(name) ?? json)(value);
