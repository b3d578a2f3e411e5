import type { Server } from '@hapi/hapi';

import type { Answer, Call } from './flow';
import { walkHeader } from './event-log';

/** The most that is shown of a page that somebody else would look at. */
const mostText = 600;

/** Where to reach the server from this process: however it is known outside, this needs no proxy. */
const localOrigin = ({ info: { protocol, address = 'localhost', port } }: Server): string => {

    const everywhere: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
    const host = everywhere[address] ?? address;
    return `${protocol}://${host.includes(':') ? `[${host}]` : host}:${port}`;
};

const jsonOf = (body: string): Readonly<Record<string, unknown>> => {

    try {
        const value: unknown = JSON.parse(body);
        return typeof value === 'object' && value !== null ? { ...value } : {};
    }
    catch {
        return {};
    }
};

/** What a page says, without how it looks. */
const textOfPage = (html: string): string => {

    const [, main = html] = /<main[^>]*>([\s\S]*)<\/main>/.exec(html) ?? [];
    return main.replace(/<[^>]+>/g, '\n').replace(/\s*\n\s*/g, '\n').trim().slice(0, mostText);
};

/** The address of a request: parameters of a GET are in it. */
export const addressOf = ({ method, url, parameters }: Call): string =>
    (method === 'GET' && parameters !== undefined ? `${url}?${new URLSearchParams(parameters).toString()}` : url);

/** Sends a request over HTTP, as a client does, and follows nothing. */
export const send = async (server: Server, call: Call, walkId: string): Promise<Answer> => {

    const { method, headers = {}, parameters = {} } = call;
    const { pathname, search } = new URL(addressOf(call));
    const response = await fetch(`${localOrigin(server)}${pathname}${search}`, {
        method,
        redirect: 'manual',
        headers: { accept: 'application/json', ...headers, [walkHeader]: walkId },
        ...method === 'POST' ? { body: new URLSearchParams(parameters) } : {}
    });
    const body = await response.text();
    const isPage = response.headers.get('content-type')?.startsWith('text/html') === true;
    return { status: response.status, headers: [...response.headers], body: isPage ? textOfPage(body) : body, values: jsonOf(body) };
};
