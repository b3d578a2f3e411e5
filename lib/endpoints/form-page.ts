import type { Lifecycle, Request, ResponseToolkit } from '@hapi/hapi';

import type { Pages } from './pages';

/** Renders a page, or ends a step, in the app's own way; a page renderer may answer `h.continue` for the built-in page. */
export type Render<C> = (ctx: C, request: Request, h: ResponseToolkit) => Lifecycle.ReturnValue;

/** How a page with a form for the user is set up: `C` is what it is rendered from, `F` what ends a step. */
export interface FormPage<C, F> {
    /** The pages of the server, where the route has none of its own. */
    readonly pages: Pages;
    readonly usernameField: string;
    readonly passwordField: string;
    readonly renderGet: Render<C> | undefined;
    readonly renderPostError: Render<C> | undefined;
    readonly finalize: Render<F> | undefined;
}

/** Shows the route's page, or the server's where the route has none or leaves it to us. `errorMessage` is there after a wrong entry. */
export const showForm = async <C extends { readonly errorMessage: string | undefined }>({ renderGet, renderPostError }: FormPage<C, never>, page: C, builtIn: () => Promise<Lifecycle.ReturnValue>, request: Request, h: ResponseToolkit): Promise<Lifecycle.ReturnValue> => {

    const render = page.errorMessage === undefined ? renderGet : renderPostError ?? renderGet;
    const answer = render === undefined ? h.continue : await render(page, request, h);
    return answer === h.continue ? await builtIn() : answer;
};
