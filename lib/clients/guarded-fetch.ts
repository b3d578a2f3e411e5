import { lookup } from 'node:dns/promises';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';

import { processTimer, type Timer } from '../stores/timer';
import { isPublicAddress } from './public-address';

/** What is asked of a client's server. */
export interface OutboundRequest {
    /** `GET` unless said otherwise. */
    readonly method?: 'GET' | 'POST' | undefined;
    /** Never credentials of this server. */
    readonly headers?: Readonly<Record<string, string>> | undefined;
    readonly body?: string | undefined;
    /** The largest reply in octets; 65536 unless said otherwise. */
    readonly maxBytes?: number | undefined;
}

/** What a client's server answered; a redirect is answered as it is, and never followed. */
export interface OutboundResponse {
    readonly status: number;
    readonly contentType: string | undefined;
    readonly body: Buffer;
}

/** Asks a client's server; rejects when there is no whole reply in time, or when the address must not be asked. */
export type OutboundFetch = (url: string, request?: OutboundRequest) => Promise<OutboundResponse>;

/** The one way to the servers of clients. */
export interface Outbound {
    readonly fetch: OutboundFetch;
    /** Rejects if {@link Outbound.fetch} would not ask this URL; asks nothing but the name service. */
    readonly check: (url: string) => Promise<void>;
}

/** Why there is no reply: the first two are the client's doing, the others may pass. */
export type OutboundProblem = 'url_refused' | 'address_refused' | 'unreachable' | 'timeout' | 'too_large';

/** What a guarded fetch rejects with. */
export class OutboundError extends Error {

    override readonly name = 'OutboundError';
    readonly problem: OutboundProblem;

    constructor(problem: OutboundProblem, cause?: unknown) {

        super(`A client's server was not asked, or gave no answer: ${problem}`, { cause });
        this.problem = problem;
    }
}

interface Address {
    readonly address: string;
    readonly family: number;
}

/** Where the parts come from that reach out of the process: Node's own unless said otherwise. */
export interface GuardedFetchOptions {
    /** Addresses that may be asked although they are not public. */
    readonly isAllowed?: ((address: string) => boolean) | undefined;
    readonly resolve?: ((hostname: string) => Promise<readonly Address[]>) | undefined;
    readonly request?: ((options: RequestOptions, onResponse: (response: IncomingMessage) => void) => ReturnType<typeof httpsRequest>) | undefined;
    readonly timer?: Timer | undefined;
    /** Milliseconds for all of it; 5000 unless said otherwise. */
    readonly timeoutMs?: number | undefined;
}

/**
 * A fetch for URLs that clients give, who may mean harm (RFC 9700 §4.11, OWASP's server-side request forgery).
 *
 * Only https, only public addresses. The name is looked up once, every address it has is checked, and the connection goes to one of these: what the
 * name means a moment later does not matter. No redirect is followed, nothing of this server's is sent along, and time and size are bounded.
 */
export const guardedFetch = ({ isAllowed = () => false, resolve = systemResolve, request = httpsRequest, timer = processTimer, timeoutMs = 5000 }: GuardedFetchOptions = {}): Outbound => {

    const addressesOf = async ({ hostname }: URL): Promise<readonly Address[]> => {

        const host = hostname.replace(/^\[|\]$/g, '');
        const addresses = isIP(host) === 0 ? await reached(() => resolve(host)) : [{ address: host, family: isIP(host) }];
        if (addresses.length === 0) {
            throw new OutboundError('unreachable');
        }

        if (!addresses.every(({ address }) => isPublicAddress(address) || isAllowed(address))) {
            throw new OutboundError('address_refused');
        }

        return addresses;
    };

    const exchange = async (url: URL, { method = 'GET', headers = {}, body, maxBytes = 65_536 }: OutboundRequest, signal: AbortSignal): Promise<OutboundResponse> => {

        const addresses = await addressesOf(url);
        signal.throwIfAborted();
        return await reached(async () => {

            const response = await new Promise<IncomingMessage>((answer, reject) => {

                request({
                    method, headers: { ...headers, 'user-agent': 'hapi-oauth2-flows' },
                    protocol: url.protocol, hostname: url.hostname.replace(/^\[|\]$/g, ''), port: url.port, path: `${url.pathname}${url.search}`,
                    agent: false, lookup: pinned(addresses), signal
                }, answer).on('error', reject).end(body);
            });
            return { status: Number(response.statusCode), contentType: response.headers['content-type'], body: await bodyOf(response, maxBytes) };
        });
    };

    const within = async <T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> => {

        const controller = new AbortController();
        let cancel = () => {};
        const late = new Promise<never>((_resolve, reject) => {

            cancel = timer(() => {

                reject(new OutboundError('timeout'));
                controller.abort();
            }, timeoutMs);
        });
        try {
            return await Promise.race([run(controller.signal), late]);
        }
        finally {
            cancel();
        }
    };

    return {
        fetch: async (url, asked = {}) => {

            const target = targetOf(url);
            return await within((signal) => exchange(target, asked, signal));
        },
        check: async (url) => {

            const target = targetOf(url);
            await within(() => addressesOf(target));
        }
    };
};

/** A fetch of the project's own, which sees to all guards but one: https only. */
export const unguardedFetch = (fetch: OutboundFetch): Outbound => ({
    fetch: async (url, asked) => {

        targetOf(url);
        return await reached(() => fetch(url, asked));
    },
    check: async (url) => {

        await reached(() => Promise.resolve(targetOf(url)));
    }
});

const targetOf = (url: string): URL => {

    const target = URL.canParse(url) ? new URL(url) : null;
    if (target?.protocol !== 'https:' || target.username !== '' || target.password !== '') {
        throw new OutboundError('url_refused');
    }

    return target;
};

const systemResolve = (hostname: string): Promise<readonly Address[]> => lookup(hostname, { all: true });

/** Answers what was checked, whatever is asked for: Node asks for one address or, to try them side by side, for all. */
const pinned = (addresses: readonly Address[]): LookupFunction => (_hostname, { all }, answer) => {

    const [{ address, family } = { address: '', family: 4 }] = addresses;
    if (all === true) {
        answer(null, [...addresses]);
    }
    else {
        answer(null, address, family);
    }
};

const bodyOf = async (response: IncomingMessage, maxBytes: number): Promise<Buffer> => {

    const parts: AsyncIterable<Buffer> = response;
    const read: Buffer[] = [];
    let size = 0;
    for await (const part of parts) {
        size += part.length;
        if (size > maxBytes) {
            throw new OutboundError('too_large');               // Leaving the loop ends the connection
        }

        read.push(part);
    }

    return Buffer.concat(read);
};

const reached = async <T>(run: () => Promise<T>): Promise<T> => {

    try {
        return await run();
    }
    catch (err) {
        throw err instanceof OutboundError ? err : new OutboundError('unreachable', err);
    }
};

/** The value of a JSON reply; rejects for any other (RFC 9110 §15.3.1). */
export const jsonOf = ({ status, body }: OutboundResponse): unknown => {

    if (status !== 200) {
        throw new OutboundError('unreachable', new Error(`The status was ${status}`));
    }

    try {
        return JSON.parse(body.toString('utf8'));
    }
    catch (err) {
        throw new OutboundError('unreachable', err);
    }
};
