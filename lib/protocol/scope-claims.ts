/** Which claims each scope of OpenID Connect gives (Core §5.4). */
const standard: ReadonlyMap<string, readonly string[]> = new Map(Object.entries({
    profile: [
        'name', 'family_name', 'given_name', 'middle_name', 'nickname', 'preferred_username', 'profile', 'picture', 'website', 'gender', 'birthdate', 'zoneinfo', 'locale', 'updated_at'
    ],
    email: ['email', 'email_verified'],
    address: ['address'],
    phone: ['phone_number', 'phone_number_verified']
}));

/** A claim's name without the language tag that may be behind it (OpenID Connect Core §5.2). */
export const withoutLanguage = (name: string): string => name.split('#', 1).join('');

/** Which scope opens which claims of a user: OpenID's own, and those that a server adds. A claim of no scope is given to nobody. */
export class ScopeClaims {

    readonly #byScope: ReadonlyMap<string, readonly string[]>;

    /** With claims of the server's own, by their scopes; a standard scope gives them beside its standard claims. */
    constructor(own: Readonly<Record<string, readonly string[]>> = {}) {

        const added = Object.entries(own).map(([scope, names]) => [scope, [...new Set([...standard.get(scope) ?? [], ...names])]] as const);
        this.#byScope = new Map([...standard, ...added]);
    }

    /** The claims that these scopes give. */
    claimsOf(scopes: readonly string[]): readonly string[] {

        return [...new Set(scopes.flatMap((scope) => this.#byScope.get(scope) ?? []))];
    }

    /**
     * Whether a claim that was asked for by name goes with these scopes: one of a scope that was granted goes only with such a scope, one of no granted
     * scope was agreed to by its name alone (OpenID Connect Core §5.5).
     */
    goesWith(scopes: readonly string[], claim: string, granted: readonly string[]): boolean {

        const opening = this.scopesOf(claim);
        return opening.some((scope) => scopes.includes(scope)) || !opening.some((scope) => granted.includes(scope));
    }

    /** The scopes of which each alone gives this claim; none where nobody has declared it. */
    scopesOf(claim: string): readonly string[] {

        return [...this.#byScope.keys()].filter((scope) => this.#byScope.get(scope)?.includes(withoutLanguage(claim)));
    }
}
