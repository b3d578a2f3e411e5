/** A user of the demo, with every standard claim (OpenID Connect Core §5.1). */
const ada = {
    sub: 'ada',
    name: 'Ada Lovelace',
    given_name: 'Ada',
    family_name: 'Lovelace',
    middle_name: 'King',
    nickname: 'Ada',
    preferred_username: 'ada',
    profile: 'https://example.com/ada',
    picture: 'https://example.com/ada.png',
    website: 'https://example.com/',
    email: 'ada@example.com',
    email_verified: true,
    gender: 'female',
    birthdate: '1815-12-10',
    zoneinfo: 'Europe/London',
    locale: 'en-GB',
    phone_number: '+44 20 7946 0000',
    phone_number_verified: true,
    address: {
        formatted: '12 St James\'s Square\nLondon SW1Y 4JH\nUnited Kingdom',
        street_address: '12 St James\'s Square',
        locality: 'London',
        region: 'England',
        postal_code: 'SW1Y 4JH',
        country: 'United Kingdom'
    },
    updated_at: 1767225600
};

/** The claims of a user; `undefined` for one that does not exist. */
export const claimsOf = (subject: string): typeof ada | undefined => (subject === ada.sub ? ada : undefined);

/** The user that a name and a password belong to. A real server keeps a slow hash instead. */
export const checkPassword = (username: string | undefined, password: string | undefined): string | null =>
    (username === 'ada' && password === 'lovelace' ? ada.sub : null);
