import type { Server } from '@hapi/hapi';

/** A path as an app writes it. */
export type RoutePath = `/${string}`;

/** Where a route of a plugin ends up: behind its prefix, on its virtual host. */
export interface Place {
    /** The whole path. */
    readonly path: string;
    /** The same for two routes that hapi would hold to be one. */
    readonly key: string;
    readonly vhost: string | undefined;
}

/** Where a path lands when this server adds it. */
export const placeOf = (server: Server, path: string): Place => {

    const modifiers: { readonly prefix?: string; readonly vhost?: string | readonly string[] } = server.realm.modifiers.route;
    const [vhost] = [modifiers.vhost].flat();
    const whole = `${modifiers.prefix ?? ''}${path}`;
    return { path: whole, key: `${String(modifiers.vhost ?? '*')} ${whole}`, vhost };
};

/** Refuses, before anything was added, a route whose place the app has taken; hapi's own words would not say what to change. */
export const assertFree = (server: Server, method: 'get' | 'post', path: string, owner: string): void => {

    const place = placeOf(server, path);
    const taken = server.match(method, place.path, place.vhost);
    if (taken?.path === place.path && (taken.vhost === undefined) === (place.vhost === undefined)) {
        throw new Error(`${owner} cannot serve ${method.toUpperCase()} ${place.path}: the app has a route there. Choose another path with setPath(), or move that route`);
    }
};
