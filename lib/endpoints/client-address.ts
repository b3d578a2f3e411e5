import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** What proxies write the address of their client into: one header, since a proxy passes on whatever else a client sends. */
export type ProxyHeader = 'x-forwarded-for' | 'forwarded';

/** How the proxies in front of the server say who their client is. */
export interface TrustedProxyOptions {
    /** The header that each of them appends to: `x-forwarded-for` when left out, or `forwarded` (RFC 7239). */
    readonly header?: ProxyHeader | undefined;
}

/** What tells where a request comes from. */
export interface AddressedRequest {
    /** The address of the socket's other end. */
    readonly info: { readonly remoteAddress?: string | undefined };
    readonly headers: Readonly<Record<string, unknown>>;
}

const takes = 'setTrustedProxies() takes a list of addresses such as \'10.0.0.7\' and ranges such as \'10.0.0.0/8\' or \'2001:db8::/32\'';

/**
 * The proxies whose word counts on where a request comes from.
 *
 * Anybody can send a header: it is read only from a trusted proxy, from its end, and only as far as trusted proxies have written it.
 */
export class TrustedProxies {

    readonly #list = new BlockList();
    readonly #header: ProxyHeader;

    /** Throws a sentence for an entry that is no address and no range, or that trusts everybody. */
    constructor(entries: readonly string[], { header = 'x-forwarded-for' }: TrustedProxyOptions = {}) {

        if (!Array.isArray(entries)) {
            throw new Error(takes);
        }

        if (!Object.hasOwn(readers, header)) {
            throw new Error('setTrustedProxies() takes { header: \'x-forwarded-for\' } or { header: \'forwarded\' }: the header that your proxies append to');
        }

        this.#header = header;
        for (const entry of entries) {
            this.#add(entry);
        }
    }

    /** The address of the client: the socket's, or what the trusted proxies say; `unknown` for a socket that has none. */
    addressOf({ info: { remoteAddress = '' }, headers }: AddressedRequest): string {

        let address = readAddress(remoteAddress);
        if (address === undefined) {
            return 'unknown';                                   // A Unix socket: everybody is behind it
        }

        const written = headers[this.#header];
        const hops = Array.isArray(written) ? written.join(',') : typeof written === 'string' ? written : '';
        let end = hops.length;
        while (end > 0 && this.#trusts(address)) {              // From the right, and no further than it has to be read
            const comma = hops.lastIndexOf(',', end - 1);
            const hop = readers[this.#header](hops.slice(comma + 1, end).trim());
            if (hop === undefined) {
                break;
            }

            address = hop;
            end = comma;
        }

        return address;
    }

    #add(entry: unknown): void {

        const [, text = '', bits] = typeof entry === 'string' ? /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? [] : [];
        const address = readAddress(text);
        if (address === undefined) {
            throw new Error(`${takes}: ${typeof entry === 'string' ? `'${entry.slice(0, 100)}'` : typeof entry} is neither`);
        }

        const given = isIPv4(text) ? 32 : 128;
        const mapped = given === 128 && isIPv4(address) ? 96 : 0;
        const prefix = Number(bits ?? given) - mapped;
        if (prefix > given - mapped || prefix < 0) {
            throw new Error(`${takes}: '${String(entry)}' has a prefix of too ${prefix < 0 ? 'few' : 'many'} bits`);
        }

        if (prefix === 0) {
            throw new Error(`setTrustedProxies(): '${String(entry)}' trusts everybody, and whoever is trusted may name any address. List the addresses of your proxies`);
        }

        this.#list.addSubnet(address, prefix, isIPv4(address) ? 'ipv4' : 'ipv6');
    }

    #trusts(address: string): boolean {

        return this.#list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
    }
}

/** What an address is counted as: one network of IPv6 belongs to one customer, who may use each of its 2^64 addresses. */
export const countedAddress = (address: string): string => {

    if (!isIPv6(address)) {
        return address;
    }

    const groups = groupsOf(address);
    return groups.slice(0, 6).join() === '100,65435,0,0,0,0' ? dotted(groups) : `${groups.slice(0, 4).map((group) => group.toString(16)).join(':')}::/64`;      // Behind NAT64 all of IPv4 is in one network (RFC 6052 §2.1)
};

/** An address in its one spelling; an IPv4 address that is written as one of IPv6 is one of IPv4 (RFC 4291 §2.5.5.2). */
const readAddress = (text: string): string | undefined => {

    const [address = ''] = text.split('%');                     // The zone of a link-local address is this machine's name for its interface
    if (!isIPv6(address)) {
        return isIPv4(address) ? address : undefined;
    }

    const groups = groupsOf(address);
    return groups.slice(0, 6).join() === '0,0,0,0,0,65535' ? dotted(groups) : groups.map((group) => group.toString(16)).join(':');
};

/** The 8 numbers of an IPv6 address. */
const groupsOf = (address: string): readonly number[] => {

    const [head = '', tail = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');         // All hexadecimal, at most one `::`
    const [before, after] = [numbersOf(head), numbersOf(tail)];
    return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
};

const numbersOf = (part: string): readonly number[] => (part === '' ? [] : part.split(':').map((group) => parseInt(group, 16)));

const dotted = (groups: readonly number[]): string => groups.slice(6).flatMap((group) => [group >> 8, group & 255]).join('.');

/** An address as a proxy writes it: alone, with a port, in brackets. */
const readNode = (text: string): string | undefined => {

    const [, bracketed, plain] = /^(?:\[([^[\]]+)\](?::\d{1,5})?|([\d.]+):\d{1,5})$/.exec(text) ?? [];
    const address = bracketed ?? plain ?? text;
    return (bracketed === undefined || isIPv6(bracketed)) && !address.includes('%') ? readAddress(address) : undefined;
};

/** `for=192.0.2.1;proto=https` (RFC 7239 §4). An element that is not wholly of this form may be a part of another one. */
const readElement = (element: string): string | undefined => {

    const pairs = element.split(';').map((pair) => /^\s*([\w-]+)=("[^"\\]*"|[^\s"\\,;=]+)\s*$/.exec(pair));
    const nodes = pairs.flatMap((pair) => {

        const [, name = '', value = ''] = pair ?? [];
        return name.toLowerCase() === 'for' ? [value.replace(/^"|"$/g, '')] : [];
    });
    const [node] = nodes;
    return pairs.includes(null) || node === undefined || nodes.length > 1 ? undefined : readNode(node);
};

const readers: Readonly<Record<ProxyHeader, (hop: string) => string | undefined>> = { 'x-forwarded-for': readNode, forwarded: readElement };
