import { createHash, randomBytes } from 'node:crypto';

import type { Lifecycle, Request, ResponseToolkit, ServerRoute } from '@hapi/hapi';

import { OAuth2Error } from '../error';
import { Form } from '../protocol/form';
import { withParameters } from '../protocol/redirect-uri';
import { openUnder, sealUnder } from '../protocol/seal';
import type { Store } from '../stores/store';
import { Stored } from '../stores/stored';
import type { AuthorizationSteps, AuthorizationStepsOptions } from './authorization-steps';
import { Browser } from './browser';
import type { EndpointOptions } from './options';
import { pageEndpoint } from './page';

/** What an authorization endpoint is made from whose clients are registered. */
export interface ProvenAuthorizeEndpoint extends Pick<AuthorizationStepsOptions, 'clock' | 'browsers' | 'pages'> {
    readonly path: string;
    readonly options: EndpointOptions;
    readonly store: Pick<Store, 'get' | 'put' | 'delete'>;
}

/** Names a request that was posted a moment ago. */
const postedName = 'posted_request';

/** How long it is kept. */
const postedMs = 60_000;

const kind = 'posted_request';

/**
 * The authorization endpoint of a flow whose clients are registered (RFC 6749 §3.1, OpenID Connect Core §3.1.2).
 *
 * Its path only ever carries authorization requests; the forms of its pages post to a path of their own. A request that another site posted
 * comes without our cookie, so it is kept for a moment and taken up again where the browser sends the cookie along.
 */
export const provenAuthorizeEndpoint = ({ path, options, pages, store, clock, browsers }: ProvenAuthorizeEndpoint, steps: AuthorizationSteps): ServerRoute[] => {

    const answer = async (form: Form, search: string, request: Request, h: ResponseToolkit): Promise<Lifecycle.ReturnValue> =>
        await steps.advance({ form, search, path: request.path, interaction: null, browser: new Browser(browsers, request, h), request, h });

    const keep = async (form: Form, request: Request, h: ResponseToolkit): Promise<Lifecycle.ReturnValue> => {

        const ref = randomBytes(32).toString('base64url');
        await store.put({ kind, key: keyOf(ref), value: { search: sealUnder(ref, kind, form.search) }, expiresAt: clock() + postedMs });
        return h.redirect(withParameters(request.path, { [postedName]: ref }));
    };

    /** Once, so that who finds the address in a history finds nothing behind it. */
    const takeUp = async (ref: string, request: Request, h: ResponseToolkit): Promise<Lifecycle.ReturnValue> => {

        const found = await store.get(kind, keyOf(ref));
        if (found === null) {
            throw new OAuth2Error('invalid_request', 'This request was open for too long: start again in the application you came from', { reason: 'posted_request_gone' });
        }

        await store.delete(kind, keyOf(ref));
        const search = openUnder(ref, kind, new Stored(kind, found.value).text('search')) ?? '';       // Of nothing but what we sealed under it
        return await answer(Form.fromSearch(search), search, request, h);
    };

    return pageEndpoint({ path, options, pages, description: 'OAuth 2.0 authorization endpoint' },
        async (request, h) => {

            const query = Form.from(request.query);
            const ref = query.get(postedName);
            return ref === undefined ? await answer(query, request.url.search, request, h) : await takeUp(ref, request, h);
        },
        async (request, h) => {

            const form = Form.from(request.payload);
            return new Browser(browsers, request, h).hasCookie ? await answer(form, form.search, request, h) : await keep(form, request, h);
        });
};

const keyOf = (ref: string): string => createHash('sha256').update(ref).digest('base64url');
