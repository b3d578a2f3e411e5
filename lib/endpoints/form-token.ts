import type { Request } from '@hapi/hapi';

import { equalSecrets } from '../protocol/compare';
import { Form } from '../protocol/form';
import { withParameters } from '../protocol/redirect-uri';
import type { Secrets } from '../protocol/secrets';
import type { Browser } from './browser';

/** The CSRF tokens of a page's forms: each is of use only in the browser that the form was shown in, and only at this page. */
export class FormTokens {

    readonly #secrets: Secrets;
    readonly #page: string;

    /** `page` tells the pages of the server apart. */
    constructor(secrets: Secrets, page: string) {

        this.#secrets = secrets;
        this.#page = page;
    }

    /** Where a form posts to: the token is in the URL, so that a page of the app's own need not know of it. */
    actionFor(path: string, browser: Browser): string {

        const secret = browser.newSecret();
        browser.remember(secret);
        return withParameters(path, { csrf: this.#secrets.digest('ticket', this.#context(secret)).data });
    }

    /** Whether a form that was posted is one of this page, in this browser. */
    isOwn({ query }: Request, { mark }: Browser): boolean {

        const csrf = Form.from(query).first('csrf') ?? '';
        return mark !== null && this.#secrets.digests('ticket', this.#context(mark.secret)).some(({ data }) => equalSecrets(data, csrf));
    }

    #context(secret: string): string {

        return JSON.stringify([this.#page, secret]);
    }
}
