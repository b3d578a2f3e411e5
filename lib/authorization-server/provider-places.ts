import { logoutConfirmationPath } from '../endpoints/end-session';
import type { RoutePath } from '../endpoints/place';
import type { SharedSettings } from './settings';

type RouteSetting = 'userinfoRoute' | 'logoutRoute' | 'accountRoute';

/** A route of the server that comes with its first OpenID flow. */
export interface ProviderPlace {
    readonly path: string;
    /** What is there, in a sentence. */
    readonly what: string;
    /** The call that moves it. */
    readonly setter: RouteSetting;
}

const routes: Readonly<Record<RouteSetting, { readonly path: RoutePath; readonly what: string }>> = {
    userinfoRoute: { path: '/oauth2/userinfo', what: 'UserInfo' },
    logoutRoute: { path: '/oauth2/logout', what: 'Logout' },
    accountRoute: { path: '/oauth2/account', what: 'The account page' }
};

/** Where a route is. */
export const providerPath = (settings: SharedSettings, setter: RouteSetting): RoutePath => settings[setter]?.path ?? routes[setter].path;

/** The routes that come with the first OpenID flow which keeps grants. */
export const providerPlaces = (settings: SharedSettings): readonly ProviderPlace[] => (['userinfoRoute', 'logoutRoute', 'accountRoute'] as const).flatMap((setter) => {

    const path = providerPath(settings, setter);
    const { what } = routes[setter];
    return [{ path, what, setter }, ...setter === 'logoutRoute' ? [{ path: logoutConfirmationPath(path), what, setter }] : []];
});

/** Throws a sentence if one of the routes, which are served already, would have to move. */
export const assertPlaces = (served: SharedSettings, wanted: SharedSettings): void => {

    for (const setter of ['userinfoRoute', 'logoutRoute', 'accountRoute'] as const) {
        const path = providerPath(served, setter);
        if (wanted[setter]?.path !== undefined && wanted[setter].path !== path) {
            throw new Error(`${routes[setter].what} is served at ${path} already: call ${setter}() on the AuthorizationServerBuilder`);
        }
    }
};
