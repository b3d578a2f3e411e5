import type { Request, RouteOptions } from '@hapi/hapi';

import type { EndpointOptions } from './options';

/**
 * What plugins of others are told of each endpoint. `@hapi/crumb` would refuse every form that lacks its token: programs have no cookie to show it for,
 * and our pages have a protection of their own. An app that wants it all the same sets `plugins: { crumb: true }`.
 */
export const pluginOptions = ({ plugins }: EndpointOptions): NonNullable<RouteOptions['plugins']> => ({ crumb: false, ...plugins });

/** Keeps `@hapi/crumb` from a new cookie where it is off: it makes one for each request that it has not looked at, and the forms that the app shows meanwhile would be good for nothing. */
export const keepCrumb = ({ plugins }: Request): void => {

    Object.assign(plugins, { crumb: 'of no use here' });
};
