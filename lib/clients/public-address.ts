import { BlockList, isIPv6 } from 'node:net';

type Subnet = readonly [network: string, prefix: number];

/** What of IPv4 is nobody's on the internet (RFC 6890 and the IANA registry), and the address under which Azure's machines reach their host. */
const closedV4: readonly Subnet[] = [
    ['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12], ['192.0.0.0', 24], ['192.0.2.0', 24], ['192.88.99.0', 24],
    ['192.168.0.0', 16], ['198.18.0.0', 15], ['198.51.100.0', 24], ['203.0.113.0', 24], ['224.0.0.0', 4], ['240.0.0.0', 4], ['168.63.129.16', 32]
];

/** All that was ever given out of IPv6 to machines on the internet: loopback, mapped, translated, unique-local, link-local and multicast addresses are outside. */
const openV6: Subnet = ['2000::', 3];

/** What inside it is none: Teredo and others of the IETF, documentation, and 6to4, which hides an IPv4 address. */
const closedV6: readonly Subnet[] = [['2001::', 23], ['2001:db8::', 32], ['2002::', 16], ['3fff::', 20]];

const listOf = (type: 'ipv4' | 'ipv6', subnets: readonly Subnet[]): BlockList => {

    const list = new BlockList();
    for (const [network, prefix] of subnets) {
        list.addSubnet(network, prefix, type);
    }

    return list;
};

const lists = { closedV4: listOf('ipv4', closedV4), openV6: listOf('ipv6', [openV6]), closedV6: listOf('ipv6', closedV6) };

/** Whether an IP address is a machine on the internet, and not one of this machine, of its network or of its host. */
export const isPublicAddress = (address: string): boolean =>
    (isIPv6(address) ? lists.openV6.check(address, 'ipv6') && !lists.closedV6.check(address, 'ipv6') : !lists.closedV4.check(address, 'ipv4'));

/** A test for some addresses and networks such as `127.0.0.1` and `10.1.0.0/16`; throws a sentence for what is none. */
export const addressTest = (networks: readonly string[]): ((address: string) => boolean) => {

    const list = new BlockList();
    for (const text of networks) {
        const [network = '', prefix] = text.split('/');
        const type = isIPv6(network) ? 'ipv6' : 'ipv4';
        try {
            list.addSubnet(network, prefix === undefined ? { ipv4: 32, ipv6: 128 }[type] : wholeNumber(prefix), type);
        }
        catch (err) {
            throw new Error(`allowPrivateAddresses() takes addresses and networks such as '127.0.0.1' and '10.1.0.0/16', not '${text}'`, { cause: err });
        }
    }

    return (address) => list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
};

const wholeNumber = (text: string): number => (/^\d+$/.test(text) ? Number(text) : NaN);
