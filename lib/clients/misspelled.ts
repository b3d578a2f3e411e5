/** A name as it sounds: `redirect_uris`, `redirect_uri` and `redirectUris` are one. */
const sound = (name: string): string => name.toLowerCase().replaceAll('_', '').replace(/s$/, '');

/** Finds the member of a record that is almost one of `names`, where that one is not there itself; answers what to change, or `undefined`. */
export const misspelled = (names: readonly string[]): (record: unknown) => string | undefined => {

    const bySound = new Map(names.map((name) => [sound(name), name]));
    return (record) => {

        const members = typeof record === 'object' && record !== null ? Object.keys(record) : [];
        for (const member of members) {
            const meant = bySound.get(sound(member));
            if (meant !== undefined && !members.includes(meant)) {
                return `${member} is not read: the member is called ${meant}`;
            }
        }

        return undefined;
    };
};
