import type { ServerRoute } from '@hapi/hapi';

import type { AuthorizationSteps, AuthorizationStepsOptions } from './authorization-steps';
import { Browser } from './browser';
import type { EndpointOptions } from './options';
import { pageEndpoint } from './page';
import { takingPostedRequests, type PostedRequests } from './posted-request';

/** What an authorization endpoint is made from whose clients are registered. */
export interface ProvenAuthorizeEndpoint extends PostedRequests, Pick<AuthorizationStepsOptions, 'clock' | 'browsers' | 'pages'> {
    readonly path: string;
    readonly options: EndpointOptions;
}

/**
 * The authorization endpoint of a flow whose clients are registered (RFC 6749 §3.1, OpenID Connect Core §3.1.2).
 *
 * Its path only ever carries authorization requests; the forms of its pages post to a path of their own.
 */
export const provenAuthorizeEndpoint = (endpoint: ProvenAuthorizeEndpoint, steps: AuthorizationSteps): ServerRoute[] => {

    const { get, post } = takingPostedRequests(endpoint, async (form, search, request, h) =>
        await steps.advance({ form, search, path: request.path, interaction: null, browser: new Browser(endpoint.browsers, request, h), request, h }));
    return pageEndpoint({ path: endpoint.path, options: endpoint.options, pages: endpoint.pages, description: 'OAuth 2.0 authorization endpoint' }, get, post);
};
