import type { AuthorizationServer } from '../authorization-server/authorization-server';
import { FlowError } from './flow-error';
import { postedForm, type HtmlForm } from './html-form';
import { submission, type InjectedBrowser, type InjectedPage } from './injected-browser';

/** Who sits at the browser. */
export interface TestPerson {
    /** What is entered where a page asks for a name and a password. */
    readonly username?: string | undefined;
    readonly password?: string | undefined;
    /** Which of several accounts is chosen, by its subject; the first when left out. */
    readonly account?: string | undefined;
    /** What is answered where a page asks: `allow` when left out. */
    readonly decision?: 'allow' | 'deny' | undefined;
    /** Fills in pages of your own: answers the fields, or `undefined` for a page that needs nothing special. */
    readonly answer?: ((page: InjectedPage) => Readonly<Record<string, string>> | undefined) | undefined;
}

/** What a person does with the pages of one flow. */
export interface Visit {
    readonly hub: AuthorizationServer;
    readonly browser: InjectedBrowser;
    readonly person: TestPerson;
    /** What the device shows. */
    readonly userCode?: string | undefined;
    /** Whether a URL is the client's: the browser is not sent there. */
    readonly isClients: (url: string) => boolean;
}

/** Where a visit ended: at the client, or on a page without a form. */
export interface VisitEnd {
    readonly page: InjectedPage;
    /** What the client is told; `null` if the browser was not sent to it. */
    readonly callback: URLSearchParams | null;
}

const mostPages = 20;

/** Goes on from a page, as the person at the browser: signs in, chooses, agrees. Rejects with a `FlowError` where it goes no further. */
export const visit = async (first: InjectedPage, { hub, browser, person, userCode, isClients }: Visit): Promise<VisitEnd> => {

    let page = first;
    for (let i = 0; i < mostPages; ++i) {
        const next = page.statusCode >= 300 && page.statusCode < 400 ? new URL(page.location, new URL(page.url, hub.issuer())) : null;
        const form = next === null ? postedForm(page.payload) : undefined;
        if (next !== null && isClients(next.href)) {
            return { page, callback: next.hash === '' ? next.searchParams : new URLSearchParams(next.hash.slice(1)) };
        }

        if (form !== undefined && isClients(form.action)) {     // response_mode=form_post
            return { page, callback: new URLSearchParams(form.inputs.map(({ name, value }): [string, string] => [name, value])) };
        }

        if (page.statusCode >= 400 || (next !== null && next.origin !== new URL(hub.issuer()).origin)) {
            throw stuck(page, next === null ? 'shows an error' : `leads to ${next.href}`);
        }

        if (next === null && form === undefined) {
            return { page, callback: null };
        }

        page = await browser.send(form === undefined ? { url: `${String(next?.pathname)}${String(next?.search)}` } : submission(page, person.answer?.(page) ?? answerTo(form, page, person, userCode)));
    }

    throw stuck(page, `is page number ${mostPages}, and none was the last`);
};

/** What a person does with a form of the server's own, or with one that looks like it. */
const answerTo = ({ inputs, buttons }: HtmlForm, page: InjectedPage, { username, password, account, decision = 'allow' }: TestPerson, userCode: string | undefined): Readonly<Record<string, string>> => {

    const secret = inputs.find(({ type }) => type === 'password');
    const visible = inputs.filter(({ type, name }) => !['hidden', 'password', 'checkbox', 'radio'].includes(type) && name !== 'user_code');
    const name = visible.find(({ autocomplete }) => autocomplete === 'username') ?? visible[0];
    if (secret !== undefined && (username === undefined || password === undefined)) {
        throw stuck(page, 'asks who is there: give username and password');
    }

    const code = userCode !== undefined && inputs.some((input) => input.name === 'user_code') ? { user_code: userCode } : {};
    const choices = buttons.filter((one) => one.name === 'account' || one.name === 'decision');
    const button = choices.length === 0 ? buttons[0] : choices.find((one) => (one.name === 'decision' ? one.value === decision : account === undefined || one.value === account));
    if (choices.length > 0 && button === undefined) {
        throw stuck(page, `offers only ${choices.map(({ value }) => `'${value}'`).join(', ')}`);
    }

    return {
        ...code,
        ...secret === undefined || name === undefined ? {} : { [name.name]: String(username) },
        ...secret === undefined ? {} : { [secret.name]: String(password) },
        ...button === undefined || button.name === '' ? {} : { [button.name]: button.value }
    };
};

const stuck = ({ url, statusCode, payload }: InjectedPage, what: string): FlowError =>
    new FlowError(`${url} ${what}: ${statusCode} ${textIn(payload)}`, { step: 'page', statusCode, payload });

/** What a person reads on a page. */
const textIn = (html: string): string => html.replace(/<(style|script)[\s\S]*?<\/\1>/gi, '').replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').trim();
