import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { addressTest, isPublicAddress } from '../../lib/clients/public-address';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('isPublicAddress()', () => {

    const reserved = {
        'this machine': ['127.0.0.1', '127.255.255.254', '0.0.0.0', '0.1.2.3', '::1', '::'],
        'a private network': ['10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1', 'fc00::1', 'fdff::1', 'fec0::1'],
        'a network behind a provider\'s address': ['100.64.0.1', '100.127.255.255'],
        'the neighbourhood': ['169.254.0.1', 'fe80::1', 'fe80::1%eth0', 'febf::1'],
        'the metadata of a cloud': ['169.254.169.254', '169.254.170.2', 'fd00:ec2::254', '100.100.100.200', '192.0.0.192', '168.63.129.16'],
        'many machines': ['224.0.0.1', '239.255.255.255', '255.255.255.255', 'ff02::1'],
        'nobody': ['192.0.2.1', '198.51.100.1', '203.0.113.1', '198.18.0.1', '198.19.255.255', '192.0.0.1', '192.88.99.1', '240.0.0.1', '2001:db8::1', '3fff::1', '100::1', '5f00::1'],
        'an IPv4 address in another spelling': ['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:8.8.8.8', '::127.0.0.1', '64:ff9b::7f00:1', '64:ff9b:1::1', '2002:7f00:1::1', '2001::1']
    };

    for (const [name, addresses] of Object.entries(reserved)) {
        it(`is not ${name}`, () => {

            for (const address of addresses) {
                expect(isPublicAddress(address), address).to.be.false();
            }
        });
    }

    it('is a machine on the internet', () => {

        for (const address of ['1.1.1.1', '8.8.8.8', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255', '128.0.0.0', '169.253.255.255', '172.15.255.255', '172.32.0.0', '192.167.255.255', '223.255.255.255', '2606:4700:4700::1111', '2a00:1450:4001::1', '2001:4860:4860::8888']) {
            expect(isPublicAddress(address), address).to.be.true();
        }
    });
});

describe('addressTest()', () => {

    it('takes what is listed, and nothing beside it', () => {

        const allowed = addressTest(['127.0.0.1', '10.1.0.0/16', '::1', 'fd00::/8']);
        for (const address of ['127.0.0.1', '10.1.0.0', '10.1.255.255', '::1', 'fd12::1']) {
            expect(allowed(address), address).to.be.true();
        }

        for (const address of ['127.0.0.2', '10.2.0.0', '10.0.255.255', '::2', 'fc00::1', '1.1.1.1']) {
            expect(allowed(address), address).to.be.false();
        }

        expect(addressTest([])('127.0.0.1')).to.be.false();
    });

    it('refuses what is none', () => {

        for (const text of ['localhost', '10.1.0.0/33', '::1/129', '10.1.0.0/', '10.1.0.0/x', '10.1/16', '', '10.1.0.0/-1']) {
            expect(() => addressTest([text]), text).to.throw(`allowPrivateAddresses() takes addresses and networks such as '127.0.0.1' and '10.1.0.0/16', not '${text}'`);
        }
    });
});
