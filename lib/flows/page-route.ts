import type { Render } from '../endpoints/form-page';
import { SubRoute } from '../endpoints/sub-route';

/** Settings of a route that shows a form: `C` is what its pages are rendered from, `F` what ends a step. */
export abstract class PageRoute<C, F> extends SubRoute {

    #usernameField = 'username';
    #passwordField = 'password';
    #renderGet: Render<C> | undefined;
    #renderPostError: Render<C> | undefined;
    #finalize: Render<F> | undefined;

    /** @internal */
    get pages() {

        return { usernameField: this.#usernameField, passwordField: this.#passwordField, renderGet: this.#renderGet, renderPostError: this.#renderPostError, finalize: this.#finalize };
    }

    /** The name of the form's field for the user's name, `username` when left out. */
    setUsernameField(name: string): this {

        this.guard('setUsernameField');
        this.#usernameField = name;
        return this;
    }

    /** The name of the form's field for the password, `password` when left out. */
    setPasswordField(name: string): this {

        this.guard('setPasswordField');
        this.#passwordField = name;
        return this;
    }

    /** Renders the page in the app's own way; its form has to post to `ctx.action`. `h.continue` shows the built-in page. */
    setGETResponseRenderer(render: Render<C>): this {

        this.guard('setGETResponseRenderer');
        this.#renderGet = render;
        return this;
    }

    /** Renders the page after a wrong entry; `setGETResponseRenderer`'s page when left out. */
    setPOSTErrorRenderer(render: Render<C>): this {

        this.guard('setPOSTErrorRenderer');
        this.#renderPostError = render;
        return this;
    }

    /** Ends a step in the app's own way, such as showing its consent page after `{ type: 'continue' }`. */
    finalizeAuthorization(finalize: Render<F>): this {

        this.guard('finalizeAuthorization');
        this.#finalize = finalize;
        return this;
    }
}
