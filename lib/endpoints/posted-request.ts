import type { Lifecycle, Request, ResponseToolkit } from '@hapi/hapi';

import { sha256 } from '../protocol/digest';
import { Form } from '../protocol/form';
import { randomValue } from '../protocol/random';
import { withParameters } from '../protocol/redirect-uri';
import { openUnder, sealUnder } from '../protocol/seal';
import type { Store } from '../stores/store';
import { Stored } from '../stores/stored';
import { assertMayWait } from './begin-interaction';
import { Browser, type BrowserContext } from './browser';
import { interrupt } from './interrupted';
import type { Pages } from './pages';
import type { RateLimits } from './rate-limit';

/** What posted requests are kept with. */
export interface PostedRequests {
    readonly store: Pick<Store, 'get' | 'put' | 'replace'>;
    /** Milliseconds since the epoch. */
    readonly clock: () => number;
    readonly browsers: BrowserContext;
    readonly limits: Pick<RateLimits, 'interaction'>;
    readonly pages: Pages;
}

/** Answers a request; `search` is the same request as a query with its question mark. */
type Answer = (form: Form, search: string, request: Request, h: ResponseToolkit) => Promise<Lifecycle.ReturnValue>;

/** Names a request that was posted a moment ago. */
const postedName = 'posted_request';

/** How long it is kept. */
const postedMs = 60_000;

const kind = 'posted_request';

/**
 * The handlers of a page that takes the requests of other sites by GET and by POST.
 *
 * What another site posted comes without our cookie (`SameSite=Lax`), so it is kept for a moment and taken up again where the browser sends the cookie along.
 */
export const takingPostedRequests = ({ store, clock, browsers, limits, pages }: PostedRequests, answer: Answer): { readonly get: Lifecycle.Method; readonly post: Lifecycle.Method } => {

    const keep = async (form: Form, browser: Browser, request: Request, h: ResponseToolkit): Promise<Lifecycle.ReturnValue> => {

        await assertMayWait({ limits }, browser, form.search, request);
        const ref = randomValue();
        await store.put({ kind, key: keyOf(request, ref), value: { search: sealUnder(ref, kind, form.search) }, expiresAt: clock() + postedMs });
        return h.redirect(withParameters(request.path, { [postedName]: ref }));
    };

    /** Once, so that who finds the address in a history finds nothing behind it. */
    const takeUp = async (ref: string, request: Request, h: ResponseToolkit): Promise<Lifecycle.ReturnValue> => {

        const key = keyOf(request, ref);
        const found = await store.get(kind, key);
        const sealed = found === null ? null : new Stored(kind, found.value).textOrNull('search');
        const search = sealed === null ? null : openUnder(ref, kind, sealed);
        if (found === null || search === null || !await store.replace({ kind, key, value: { search: null }, expiresAt: found.expiresAt }, found.version)) {
            return await interrupt(pages, { refused: 'posted_request_gone', reason: 'shown-once', restart: undefined }, request, h);
        }

        const form = Form.fromSearch(search);
        pages.speak(request, form.first('ui_locales'));
        return await answer(form, search, request, h);
    };

    return {
        get: async (request, h) => {

            const query = Form.from(request.query);
            const ref = query.get(postedName);
            return ref === undefined ? await answer(query, request.url.search, request, h) : await takeUp(ref, request, h);
        },
        post: async (request, h) => {

            const form = Form.from(request.payload);
            const browser = new Browser(browsers, request, h);
            return browser.hasCookie ? await answer(form, form.search, request, h) : await keep(form, browser, request, h);
        }
    };
};

/** Whether the address of a request does not show the same again: what was posted is not in it, and what was kept is taken up once. A page for such a request has to have an address of its own. */
export const isShownOnce = ({ method, query }: Request): boolean => method === 'post' || Form.from(query).has(postedName);

/** What was posted to one page is of no use at another one. */
const keyOf = ({ path }: Request, ref: string): string => sha256(`${path} ${ref}`);
