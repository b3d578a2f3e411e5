import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { ClientLogos } from '../../lib/clients/client-logos';
import type { OutboundRequest, OutboundResponse } from '../../lib/clients/guarded-fetch';
import { testClock } from '../fixture/clock';
import { pictured, pictures } from '../fixture/logos';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const uri = 'https://client.example/logo.png';

/** Logos of clients whose servers answer what they are told to. */
const bench = () => {

    const clock = testClock();
    const state: { answer: () => OutboundResponse | Promise<OutboundResponse>; readonly asked: (readonly [string, OutboundRequest | undefined])[] } = { answer: () => pictured(pictures.png), asked: [] };
    const logos = new ClientLogos({
        clock: clock.now,
        fetch: async (url, request) => {

            state.asked.push([url, request]);
            return await state.answer();
        }
    });
    return { clock, state, logos };
};

describe('The logos of clients', () => {

    it('are fetched with a bound on their size, are what their first octets say, and are kept for 10 minutes', async () => {

        const { clock, state, logos } = bench();
        expect(await logos.at(uri)).to.equal({ type: 'image/png', body: pictures.png });
        expect(state.asked).to.equal([[uri, { headers: { accept: 'image/png, image/jpeg, image/webp, image/gif' }, maxBytes: 262_144 }]]);
        state.answer = () => pictured(pictures.webp, { contentType: 'image/png' });
        clock.advance(599);
        expect((await logos.at(uri))?.type).to.equal('image/png');
        clock.advance(1);
        expect((await logos.at(uri))?.type).to.equal('image/webp');
        expect(state.asked).to.have.length(2);
    });

    it('are none where the server answers anything else, which is not asked again for a minute', async () => {

        const { clock, state, logos } = bench();
        const answers: readonly (() => OutboundResponse | Promise<OutboundResponse>)[] = [
            () => Promise.reject(new Error('unreachable')), () => {

                throw new Error('never');
            },
            () => pictured(Buffer.from('<svg/>'), { contentType: 'image/png' }), () => pictured(pictures.png, { status: 404 }), () => pictured(pictures.png, { status: 206 }), () => pictured(pictures.png, { status: 302 }),
            () => pictured(Buffer.alloc(0)), () => pictured(Buffer.concat([pictures.png, Buffer.alloc(262_144)]))
        ];
        for (const answer of answers) {
            const before = state.asked.length;
            state.answer = answer;
            expect(await logos.at(uri)).to.be.null();
            state.answer = () => pictured(pictures.png);
            clock.advance(59);
            expect(await logos.at(uri)).to.be.null();
            expect(state.asked.length - before).to.equal(1);
            clock.advance(1);
        }

        expect((await logos.at(uri))?.type).to.equal('image/png');
    });

    it('attack: asked for many times at once are fetched once, however long that takes', async () => {

        const { clock, state, logos } = bench();
        let answer: (response: OutboundResponse) => void = () => undefined;
        state.answer = () => new Promise((resolve) => {

            answer = resolve;
        });
        const all = Array.from({ length: 50 }, () => logos.at(uri));
        clock.advance(3600);
        all.push(logos.at(uri));
        answer(pictured(pictures.gif));
        expect(new Set((await Promise.all(all)).map((logo) => logo?.type))).to.equal(new Set(['image/gif']));
        expect(state.asked).to.have.length(1);
    });

    it('attack: do not fill the memory: the oldest go, of small ones after a thousand, of large ones after 16 MB', async () => {

        const { state, logos } = bench();
        const at = async (i: number) => await logos.at(`https://client.example/${i}`);
        for (let i = 0; i < 1001; ++i) {
            await at(i);
        }

        await at(1);
        expect(state.asked).to.have.length(1001);
        await at(0);
        expect(state.asked).to.have.length(1002);

        const large = bench();
        large.state.answer = () => pictured(Buffer.concat([pictures.png, Buffer.alloc(262_144 - pictures.png.length)]));
        for (let i = 0; i < 65; ++i) {
            await large.logos.at(`https://client.example/${i}`);
        }

        await large.logos.at('https://client.example/1');
        expect(large.state.asked).to.have.length(65);
        await large.logos.at('https://client.example/0');
        expect(large.state.asked).to.have.length(66);
        large.clock.advance(600);
        for (let i = 0; i < 64; ++i) {                          // Those that were replaced are not counted twice
            await large.logos.at(`https://client.example/${i}`);
        }

        const before = large.state.asked.length;
        await large.logos.at('https://client.example/63');
        expect(large.state.asked).to.have.length(before);
    });

    it('are kept by nobody who was pushed out before they came', async () => {

        const { state, logos } = bench();
        let answer: (response: OutboundResponse) => void = () => undefined;
        state.answer = () => new Promise((resolve) => {

            answer = resolve;
        });
        const slow = logos.at(uri);
        state.answer = () => pictured(pictures.png);
        for (let i = 0; i < 1001; ++i) {
            await logos.at(`https://client.example/${i}`);
        }

        answer(pictured(pictures.gif));
        expect((await slow)?.type).to.equal('image/gif');
        expect((await logos.at(uri))?.type).to.equal('image/png');
    });
});
