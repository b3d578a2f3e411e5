/** The cookies of a browser, by their names. */
export type CookieJar = Map<string, string>;

/** What a browser sends along. */
export const cookieHeader = (jar: ReadonlyMap<string, string>): Readonly<Record<string, string>> => (jar.size === 0 ? {} : { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') });

/** Keeps what a response sets, and forgets what it ends. */
export const keepCookies = (jar: CookieJar, cookies: readonly string[]): void => {

    for (const cookie of cookies) {
        const [, name = '', value = ''] = /^([^=;]+)=([^;]*)/.exec(cookie) ?? [];
        if (/max-age=0\b/i.test(cookie) || name === '') {
            jar.delete(name);
        }
        else {
            jar.set(name, value);
        }
    }
};
