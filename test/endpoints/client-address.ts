import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { TrustedProxies, countedAddress, type TrustedProxyOptions } from '../../lib/endpoints/client-address';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

/** The address of a request that comes straight from `peer`. */
const addressOf = (proxies: readonly string[], peer: string | undefined, headers: Readonly<Record<string, unknown>> = {}, options?: TrustedProxyOptions) =>
    new TrustedProxies(proxies, options).addressOf({ info: { remoteAddress: peer }, headers });

const forwardedFor = (value: unknown) => ({ 'x-forwarded-for': value });

describe('The address of a client', () => {

    it('is the socket\'s, whatever a header says, unless the socket is a trusted proxy\'s', () => {

        const headers = { 'x-forwarded-for': '203.0.113.9', forwarded: 'for=203.0.113.9', 'x-real-ip': '203.0.113.9' };
        expect(addressOf([], '192.0.2.1', headers)).to.equal('192.0.2.1');
        expect(addressOf(['10.0.0.0/8', '2001:db8::/32'], '192.0.2.1', headers)).to.equal('192.0.2.1');
        expect(addressOf(['10.0.0.0/8'], '11.0.0.1', headers)).to.equal('11.0.0.1');
        expect(addressOf(['10.0.0.0/8'], '10.0.0.1')).to.equal('10.0.0.1');
        expect(addressOf(['10.0.0.0/8'], '10.0.0.1', { forwarded: 'for=203.0.113.9', 'x-real-ip': '203.0.113.9' })).to.equal('10.0.0.1');
    });

    it('is the rightmost that no trusted proxy has: what stands left of it anybody may have written', () => {

        const proxies = ['10.0.0.0/8', '192.0.2.7', '2001:db8:1::/48'];
        for (const [header, expected] of [
            ['203.0.113.9', '203.0.113.9'],
            ['1.1.1.1, 203.0.113.9', '203.0.113.9'],
            ['10.0.0.1, 127.0.0.1, 203.0.113.9', '203.0.113.9'],
            ['203.0.113.9, 10.1.2.3', '203.0.113.9'],
            ['1.1.1.1,203.0.113.9,2001:db8:1::7,192.0.2.7', '203.0.113.9'],
            ['1.1.1.1 ,\t203.0.113.9\t', '203.0.113.9'],
            ['10.9.9.9, 10.1.1.1', '10.9.9.9'],                  // Nobody but proxies: the first of them
            ['garbage, 203.0.113.9', '203.0.113.9'],
            [['1.1.1.1', '203.0.113.9, 10.0.0.2'], '203.0.113.9']
        ] as const) {
            expect(addressOf(proxies, '10.0.0.1', forwardedFor(header)), String(header)).to.equal(expected);
        }
    });

    it('is read with a port, and in brackets', () => {

        for (const [header, expected] of [
            ['203.0.113.9:4711', '203.0.113.9'],
            ['[2001:DB8::9]:4711', '2001:db8:0:0:0:0:0:9'],
            ['[2001:db8::9]', '2001:db8:0:0:0:0:0:9'],
            ['2001:0db8:0::0009', '2001:db8:0:0:0:0:0:9'],
            ['::ffff:203.0.113.9', '203.0.113.9'],
            ['[::ffff:cb00:7109]:1', '203.0.113.9'],
            ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
            ['::', '0:0:0:0:0:0:0:0'],
            ['1::', '1:0:0:0:0:0:0:0']
        ] as const) {
            expect(addressOf(['10.0.0.1'], '10.0.0.1', forwardedFor(header)), header).to.equal(expected);
        }
    });

    it('is that of the last trusted proxy where something else stands', () => {

        for (const hop of [
            '', ' ', 'unknown', '_hidden', 'localhost', '203.0.113', '203.0.113.9.1', '0203.0.113.9', '0xcb007109', '3405803785', '203.0.113.256', '203.0.113.9:', '203.0.113.9:123456', '203.0.113.9 1.1.1.1',
            '[203.0.113.9]', '[203.0.113.9]:80', '[2001:db8::9', '2001:db8::9]', '[2001:db8::9]x', '[[2001:db8::9]]', '2001:db8::9::1', 'fe80::1%eth0', '"203.0.113.9"', 'for=203.0.113.9', '203.0.113.9/32', '203.0.113.9\0', '-', ']'
        ]) {
            expect(addressOf(['10.0.0.0/8'], '10.0.0.1', forwardedFor(`203.0.113.8, ${hop}`)), hop).to.equal('10.0.0.1');
            expect(addressOf(['10.0.0.0/8'], '10.0.0.1', forwardedFor(`203.0.113.8, ${hop}, 10.0.0.2`)), hop).to.equal('10.0.0.2');
        }

        expect(addressOf(['10.0.0.0/8'], '10.0.0.1', forwardedFor(','))).to.equal('10.0.0.1');
        expect(addressOf(['10.0.0.0/8'], '10.0.0.1', forwardedFor(',203.0.113.9'))).to.equal('203.0.113.9');
        expect(addressOf(['10.0.0.0/8'], '10.0.0.1', forwardedFor(7))).to.equal('10.0.0.1');
    });

    it('is found at the end of however many entries', () => {

        const spoofed = Array.from({ length: 10_000 }, (_value, i) => `203.0.${i >> 8}.${i & 255}`).join(', ');
        expect(addressOf(['10.0.0.0/8'], '10.0.0.1', forwardedFor(`${spoofed}, 198.51.100.1`))).to.equal('198.51.100.1');
        const ours = Array.from({ length: 10_000 }, (_value, i) => `10.0.${i >> 8}.${i & 255}`).join(', ');
        expect(addressOf(['10.0.0.0/8'], '10.0.0.1', forwardedFor(`198.51.100.1, ${ours}`))).to.equal('198.51.100.1');
        expect(addressOf(['10.0.0.0/8'], '10.0.0.1', forwardedFor(','.repeat(10_000)))).to.equal('10.0.0.1');
    });

    it('is one of IPv4 also where a socket writes it as one of IPv6', () => {

        const headers = forwardedFor('203.0.113.9');
        expect(addressOf([], '::ffff:192.0.2.1')).to.equal('192.0.2.1');
        for (const proxies of [['10.0.0.1'], ['10.0.0.0/8'], ['::ffff:10.0.0.1'], ['::ffff:10.0.0.0/104'], ['::ffff:a00:1/128']]) {
            expect(addressOf(proxies, '::ffff:10.0.0.1', headers), String(proxies)).to.equal('203.0.113.9');
            expect(addressOf(proxies, '10.0.0.1', headers), String(proxies)).to.equal('203.0.113.9');
            expect(addressOf(proxies, '::ffff:11.0.0.1', headers), String(proxies)).to.equal('11.0.0.1');
        }
    });

    it('knows the ranges of IPv6 in each spelling', () => {

        const headers = forwardedFor('203.0.113.9');
        expect(addressOf(['2001:db8::/32'], '2001:0DB8:ffff::1', headers)).to.equal('203.0.113.9');
        expect(addressOf(['2001:db8::/32'], '2001:db9::1', headers)).to.equal('2001:db9:0:0:0:0:0:1');
        expect(addressOf(['::1'], '0:0:0:0:0:0:0:1', headers)).to.equal('203.0.113.9');
        expect(addressOf(['fe80::/10'], 'fe80::1%eth0', headers)).to.equal('203.0.113.9');
        expect(addressOf(['10.0.0.0/8'], 'a00::1', headers)).to.equal('a00:0:0:0:0:0:0:1');
    });

    it('is nobody\'s where the socket has none', () => {

        for (const peer of [undefined, '', '/tmp/socket']) {
            expect(addressOf(['10.0.0.0/8'], peer, forwardedFor('203.0.113.9'))).to.equal('unknown');
        }
    });
});

describe('The address of a client in Forwarded', () => {

    const read = (value: unknown, peer = '10.0.0.1') => addressOf(['10.0.0.0/8', '2001:db8:1::/48'], peer, { forwarded: value, 'x-forwarded-for': '6.6.6.6' }, { header: 'forwarded' });

    it('is read where the proxies write that header, and from there alone', () => {

        for (const value of [
            'for=203.0.113.9', 'For="203.0.113.9"', 'for="203.0.113.9:4711"', 'for=203.0.113.9:80', 'for=203.0.113.9;proto=https;by=10.0.0.1', 'host=example.com; for=203.0.113.9 ', 'for=1.1.1.1, for=203.0.113.9',
            'for=203.0.113.9, for="[2001:db8:1::2]:80";proto=http', 'for=203.0.113.9,for=10.2.2.2', 'for="1.1.1.1, for=203.0.113.9', ['for=1.1.1.1', 'for=203.0.113.9']
        ]) {
            expect(read(value), String(value)).to.equal('203.0.113.9');
            expect(read(value, '192.0.2.1'), String(value)).to.equal('192.0.2.1');
        }

        expect(read('for="[2001:db8::9]"')).to.equal('2001:db8:0:0:0:0:0:9');
        expect(read(undefined)).to.equal('10.0.0.1');
    });

    it('is not read from what is no element, or a piece of one', () => {

        for (const value of [
            'for=unknown', 'for=_secret', 'for=', 'for', 'proto=https', '203.0.113.9', 'for=203.0.113.9;for=1.1.1.1', 'for="203.0.113.9', 'for=203.0.113.9"', 'for=203.0.113.9;', 'for=[2001:db8::9]x', 'for="203.0.113.9\\"',
            'for=203.0.113.9;host="x,for=6.6.6.6"', 'for=203.0.113.9;host="x,for=6.6.6.6;a="', 'for=203.0.113.9;host="x,for=6.6.6.6;a=\\"b"', 'for = 203.0.113.9', 'for=203.0.113.9 x'
        ]) {
            expect(read(`for=203.0.113.8, ${value}`), value).to.equal('10.0.0.1');
        }
    });
});

describe('Trusted proxies', () => {

    it('are refused when they are none, saying what is taken', () => {

        const takes = 'setTrustedProxies() takes a list of addresses such as \'10.0.0.7\' and ranges such as \'10.0.0.0/8\' or \'2001:db8::/32\'';
        for (const entry of ['', 'localhost', 'loopback', 'proxy.example.com', '10.0.0', '10.0.0.1/', '/8', '10.0.0.1/8/8', '10.0.0.1/-1', '10.0.0.1/a', ' 10.0.0.1', '10.0.0.1:80', '[::1]', 'fe80::1%eth0', '*', '10.0.0.*', '10.0.0.1-10.0.0.9', '010.0.0.1', 'x'.repeat(1000)]) {
            expect(() => new TrustedProxies(['10.0.0.1', entry]), entry).to.throw(`${takes}: '${entry.slice(0, 100)}' is neither`);
        }

        for (const entry of [7, null, undefined, true, ['10.0.0.1']]) {
            expect(() => Reflect.construct(TrustedProxies, [[entry]])).to.throw(`${takes}: ${typeof entry} is neither`);
        }

        for (const list of ['10.0.0.1', null, 7, true, { 0: '10.0.0.1' }]) {
            expect(() => Reflect.construct(TrustedProxies, [list])).to.throw(takes);
        }

        for (const entry of ['10.0.0.1/33', '::1/129', '::ffff:10.0.0.1/129']) {
            expect(() => new TrustedProxies([entry])).to.throw(`${takes}: '${entry}' has a prefix of too many bits`);
        }

        expect(() => new TrustedProxies(['::ffff:10.0.0.1/8'])).to.throw(`${takes}: '::ffff:10.0.0.1/8' has a prefix of too few bits`);
    });

    it('are never everybody', () => {

        for (const entry of ['0.0.0.0/0', '10.0.0.1/0', '::/0', '::ffff:0.0.0.0/96']) {
            expect(() => new TrustedProxies([entry])).to.throw(`setTrustedProxies(): '${entry}' trusts everybody, and whoever is trusted may name any address. List the addresses of your proxies`);
        }
    });

    it('write one of two headers', () => {

        for (const header of ['x-real-ip', '', null, 'X-Forwarded-For', 'constructor']) {
            expect(() => Reflect.construct(TrustedProxies, [[], { header }])).to.throw('setTrustedProxies() takes { header: \'x-forwarded-for\' } or { header: \'forwarded\' }: the header that your proxies append to');
        }
    });
});

describe('What is counted as one address', () => {

    it('is an address of IPv4, and a network of IPv6', () => {

        expect(countedAddress('192.0.2.1')).to.equal('192.0.2.1');
        expect(countedAddress('2001:db8:1:2:3:4:5:6')).to.equal('2001:db8:1:2::/64');
        expect(countedAddress('2001:db8:1:2:ffff:ffff:ffff:ffff')).to.equal('2001:db8:1:2::/64');
        expect(countedAddress('2001:db8:1:3:0:0:0:0')).to.equal('2001:db8:1:3::/64');
        expect(countedAddress('unknown')).to.equal('unknown');
    });

    it('is the address of IPv4 behind NAT64, where all of them share a network', () => {

        expect(countedAddress('64:ff9b:0:0:0:0:c000:201')).to.equal('192.0.2.1');
        expect(countedAddress('64:ff9b:1:0:0:0:c000:201')).to.equal('64:ff9b:1:0::/64');
    });
});
