import type { Server } from '@hapi/hapi';

/** A path as an app writes it. */
export type RoutePath = `/${string}`;

/** Where a route of a plugin ends up: behind its prefix, on its virtual host. */
export interface Place {
    /** The whole path. */
    readonly path: string;
    /** The same for two routes that hapi would hold to be one. */
    readonly key: string;
    readonly vhosts: readonly (string | undefined)[];
}

/** A path that an endpoint is to have for itself, and what its owner can do if that is not possible. */
export interface Claim {
    readonly path: string;
    /** How the owner calls itself in a sentence. */
    readonly owner: string;
    /** The call that moves the route. */
    readonly setter: string;
}

/** What hapi matches as it is written. */
const literal = /^(?:\/(?:[\w!$&'()*+,;=:@\-.~]|%[A-F0-9]{2})*)+$/;

/** Where a path lands when this server adds it. */
export const placeOf = (server: Server, path: string): Place => {

    const modifiers: { readonly prefix?: string; readonly vhost?: string | readonly string[] } = server.realm.modifiers.route;
    const { prefix = '', vhost } = modifiers;
    const whole = prefix !== '' && path === '/' ? prefix : `${prefix}${path}`;
    return { path: whole, key: `${String(vhost ?? '*')} ${spelling(server, whole)}`, vhosts: [vhost].flat() };
};

/** Refuses, before anything was added, an endpoint that cannot be there: hapi's own words would not say what to change. */
export const assertFree = (server: Server, { path, owner, setter }: Claim): void => {

    const { path: whole, vhosts } = placeOf(server, path);
    if (!literal.test(whole)) {
        throw new Error(`${owner} cannot serve ${whole}: an endpoint has one URL, which its metadata advertises. Give ${setter} a path that begins with / and has no parameters`);
    }

    for (const method of ['get', 'post'] as const) {
        for (const vhost of vhosts) {
            const taken = server.match(method, whole, vhost);
            if (taken !== null && spelling(server, taken.path) === spelling(server, whole) && (taken.vhost === undefined) === (vhost === undefined)) {
                const holder: string | undefined = taken.realm.plugin;
                throw new Error(`${owner} cannot serve ${method.toUpperCase()} ${whole}: ${holder === undefined ? 'the app' : `the plugin '${holder}'`} has a route there. Choose another path with ${setter}, or move that route`);
            }
        }
    }
};

const spelling = ({ settings }: Server, path: string): string => (settings.router?.isCaseSensitive === false ? path.toLowerCase() : path);
