import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { attempting, uncounted, type Attempt } from '../../lib/protocol/attempt';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const recorded = (told: string[]): Attempt => ({
    begin: async () => {

        told.push('begin');
    },
    failed: async () => {

        told.push('failed');
    },
    succeeded: async () => {

        told.push('succeeded');
    }
});

describe('attempting()', () => {

    it('begins before it tries, and says how it ended', async () => {

        const told: string[] = [];
        expect(await attempting(recorded(told), async () => {

            told.push('tried');
            return 'user';
        })).to.equal('user');
        expect(told.splice(0)).to.equal(['begin', 'tried', 'succeeded']);
        expect(await attempting(recorded(told), async () => null)).to.be.null();
        expect(told).to.equal(['begin', 'failed']);
    });

    it('counts what is thrown only if it is a failure', async () => {

        const told: string[] = [];
        const wrong = async () => {

            throw new Error('wrong');
        };

        await expect(attempting(recorded(told), wrong)).to.reject('wrong');
        expect(told.splice(0)).to.equal(['begin']);
        await expect(attempting(recorded(told), wrong, (err) => err instanceof TypeError)).to.reject('wrong');
        expect(told.splice(0)).to.equal(['begin']);
        await expect(attempting(recorded(told), wrong, (err) => err instanceof Error && err.message === 'wrong')).to.reject('wrong');
        expect(told).to.equal(['begin', 'failed']);
    });

    it('tries nothing that may not begin, and answers nothing that came too late', async () => {

        const told: string[] = [];
        const tooMany = async () => {

            throw new Error('too many');
        };

        const run = async () => {

            told.push('tried');
            return 'user';
        };

        await expect(attempting({ ...uncounted, begin: tooMany }, run)).to.reject('too many');
        expect(told).to.equal([]);
        await expect(attempting({ ...uncounted, succeeded: tooMany }, run)).to.reject('too many');
        await expect(attempting({ ...uncounted, failed: tooMany }, async () => null)).to.reject('too many');
    });

    it('may be counted by nobody', async () => {

        expect(await attempting(uncounted, async () => 'user')).to.equal('user');
        expect(await attempting(uncounted, async () => null)).to.be.null();
    });
});
