import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OAuth2Error } from '../../lib';
import {
    findRefreshToken, proveRefreshToken, refreshRecord, refreshToken, type RefreshBinding, type RefreshProof, type RefreshRequest
} from '../../lib/grant-types/refresh-token';
import { Form } from '../../lib/protocol/form';
import { openUnder, sealUnder } from '../../lib/protocol/seal';
import { newGrantId, newTokenValue } from '../../lib/protocol/token-value';
import { grantRecord } from '../../lib/stores/grant';
import type { FoundToken } from '../../lib/stores/store';
import { epoch } from '../fixture/clock';
import { aliceGrant, grantBench, many, nothingStaged, placeOf } from '../fixture/grants';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('The grant type refresh_token', () => {

    it('reads the refresh token', () => {

        expect(refreshToken.type).to.equal('refresh_token');
        expect(refreshToken.read(Form.from({ refresh_token: 'r', other: 'x' }))).to.equal({ refreshToken: 'r' });
    });

    it('needs its refresh_token, once', () => {

        for (const form of [{}, { refresh_token: '' }, { refresh_token: ['a', 'b'] }]) {
            expect(() => refreshToken.read(Form.from(form))).to.throw(OAuth2Error, /^The parameter 'refresh_token'/);
        }
    });
});

const graceMs = 10_000;
const day = 86_400_000;
const publicKey = { jkt: 'key-1' };

/** A refresh token of alice, and what its client does with it. */
const issueRefreshToken = async (changes: Partial<RefreshBinding> = {}, expiresAt = epoch + day) => {

    const bench = grantBench();
    const { store, request } = bench;
    const id = newGrantId();
    const value = newTokenValue('refresh_token', id);
    const binding = { issuedAt: epoch, absoluteExpiresAt: epoch + 90 * day, method: 'client_secret_basic', confirmation: null, data: { own: 1 }, ...changes };
    const record = refreshRecord(placeOf(value), binding, expiresAt);
    await store.openGrant(grantRecord(aliceGrant(id), epoch + day), [record]);
    await store.openGrant(grantRecord(aliceGrant('other'), epoch + day), []);

    const prove = async (wish: Partial<RefreshRequest> = {}, token = value) =>
        await proveRefreshToken({ refreshToken: token }, { ...request(wish), found: await findRefreshToken(store, token), graceMs, idleMs: day, rotation: 'always', ...wish });

    /** What a token endpoint does, with a new pair of tokens; answers the reply, or `null` to the loser of a race. */
    const refresh = async (wish: Partial<RefreshRequest> = {}, token = value) => {

        const proof = await prove(wish, token);
        if ('repeat' in proof) {
            return proof.repeat;
        }

        const successor = proof.lineage?.successor?.value ?? newTokenValue('refresh_token', id);
        const tokens = proof.lineage?.successor ? [] : [refreshRecord(placeOf(successor), { ...binding, method: wish.method ?? binding.method }, epoch + 2 * day)];
        const reply = { access_token: newTokenValue('access_token', id), expires_in: 3600, refresh_token: successor };
        return await proof.settle({ tokens, expiresAt: epoch + 2 * day, reply }) ? reply : null;
    };

    const lives = async () => await store.findGrant(id) !== null && await store.findGrant('other') !== null;
    const reused = { event: 'reused', what: 'refresh_token', grant_id: id, client_id: 'app', subject: 'alice' };
    return { ...bench, id, value, record, prove, refresh, lives, reused };
};

const asProof = (proof: RefreshProof) => {

    if ('repeat' in proof) {
        throw new Error('This is a repetition');
    }

    return proof;
};

/** What a store answers, changed on its way. */
const altered = (found: FoundToken | null, value: Readonly<Record<string, unknown>>): FoundToken | null => (found === null ? null : { ...found, value: { ...found.value, ...value } });

const narrower = () => ({ audience: ['https://api.example.com'], scopes: ['read'] });

describe('refreshRecord()', () => {

    it('expires when it was idle for too long, and does not hold the token', async () => {

        const { record, id, value } = await issueRefreshToken();
        expect(record).to.equal({
            kind: 'refresh_token', grantId: id, key: placeOf(value).key, expiresAt: epoch + day,
            value: { issuedAt: epoch, absoluteExpiresAt: epoch + 90 * day, method: 'client_secret_basic', confirmation: null, data: { own: 1 } }
        });
        expect(JSON.stringify(record)).to.not.include(value);
    });
});

describe('findRefreshToken()', () => {

    it('finds a refresh token, and nothing for any other text', async () => {

        const { store, value, id } = await issueRefreshToken();
        const code = newTokenValue('authorization_code', id);
        await store.addTokens(id, [{ ...placeOf(code), value: {}, expiresAt: epoch + day }]);
        expect(await findRefreshToken(store, value)).to.include({ used: false, version: 1 });
        for (const text of ['', 'r', code, newTokenValue('refresh_token', id), `c${value.slice(1)}`]) {
            expect(await findRefreshToken(store, text)).to.be.null();
        }
    });
});

describe('proveRefreshToken() of a live token', () => {

    it('answers the grant, what was presented and what the request is for', async () => {

        const { prove, id, value, lives } = await issueRefreshToken({ issuedAt: epoch + 999 }, epoch + day + 999);
        const { settle: _settle, abandon, ...proof } = asProof(await prove({ narrow: narrower }));
        const grant = aliceGrant(id);
        expect(proof).to.equal({
            grant, target: narrower(), nonce: null, lineage: { absoluteExpiresAt: epoch + 90 * day, isKept: false, successor: null },
            presented: { type: 'refresh_token', value, grant, subject: 'alice', active: true, issuedAt: epoch / 1000, expiresAt: (epoch + day) / 1000 }
        });
        await abandon();
        expect(await lives()).to.be.true();
    });

    it('refuses what was never issued, has expired, or hangs on a dead grant', async () => {

        const { prove, value, store, id, clock } = await issueRefreshToken();
        const unknown = { code: 'invalid_grant', reason: 'refresh_token_unknown' };
        expect(await refusal(() => prove({}, newTokenValue('refresh_token', id)))).to.equal(unknown);
        const found = await findRefreshToken(store, value);
        expect(await refusal(() => prove({ found }, 'no token'))).to.equal(unknown);
        expect(await refusal(() => prove({ found: found && { ...found, grant: null } }))).to.equal(unknown);
        clock.advance(day / 1000);
        expect(await refusal(() => prove())).to.equal(unknown);

        const other = await issueRefreshToken();
        await other.store.revokeGrant(other.id);
        expect(await refusal(() => other.prove())).to.equal(unknown);
    });

    it('refuses another client and another flow, and leaves the grant alone', async () => {

        const { prove, refresh, lives, reports } = await issueRefreshToken();
        for (const wish of [{ clientId: 'evil' }, { flow: 'other' }]) {
            expect(await refusal(() => prove(wish))).to.equal({ code: 'invalid_grant', reason: 'refresh_token_of_another_client' });
        }

        expect(await lives()).to.be.true();
        expect(reports).to.equal([]);
        expect(await refresh()).to.not.be.null();
    });

    it('binds the token of a public client to the key that it proved (RFC 9449 §5)', async () => {

        const { prove, lives } = await issueRefreshToken({ method: 'none', confirmation: publicKey });
        for (const confirmation of [undefined, {}, { jkt: 'key-2' }, { ...publicKey, more: 1 }]) {
            expect(await refusal(() => prove({ method: 'none', confirmation }))).to.equal({ code: 'invalid_grant', reason: 'refresh_token_of_another_key' });
        }

        expect(await lives()).to.be.true();
        expect(await refusal(() => prove({ method: 'none', confirmation: { ...publicKey, 'x5t#S256': undefined } }))).to.be.null();
    });

    it('attack: is no use without authentication once it was issued to a client that authenticated', async () => {

        const { prove, lives, reports } = await issueRefreshToken();
        expect(await refusal(() => prove({ method: 'none' }))).to.equal({ code: 'invalid_grant', reason: 'refresh_token_of_another_method' });
        expect(await lives()).to.be.true();
        expect(reports).to.equal([]);
        const bound = await issueRefreshToken({ method: 'none' });
        expect(await refusal(() => bound.prove({ method: 'none' }))).to.be.null();
        expect(await refusal(() => bound.prove())).to.be.null();
    });

    it('is kept only where it was issued to be, and its client proved itself then and does so now', async () => {

        const isKept = async (binding: Partial<RefreshBinding>, wish: Partial<RefreshRequest>) => asProof(await (await issueRefreshToken({ absoluteExpiresAt: epoch + day, ...binding })).prove({ rotation: 'public', ...wish })).lineage?.isKept;
        expect(await isKept({}, {})).to.be.true();
        expect(await isKept({}, { method: 'private_key_jwt' })).to.be.true();
        expect(await isKept({}, { rotation: 'always' })).to.be.false();
        expect(await isKept({ method: 'none' }, {})).to.be.false();
        expect(await isKept({ method: 'none' }, { method: 'none' })).to.be.false();
        expect(await isKept({ absoluteExpiresAt: epoch + day + 1 }, {})).to.be.false();
    });

    it('tells the store when it was used, replaced or kept, and answered anew with another wish', async () => {

        const { prove, refresh, store, id, clock } = await issueRefreshToken();
        const usedAt = async () => (await store.findGrant(id))?.usedAt;
        expect(await usedAt()).to.be.undefined();
        clock.advance(1);
        await asProof(await prove()).settle(nothingStaged);
        expect(await usedAt()).to.equal(epoch + 1000);
        clock.advance(1);
        await refresh();
        expect(await usedAt()).to.equal(epoch + 2000);
        clock.advance(1);
        await refresh();
        expect(await usedAt()).to.equal(epoch + 2000);
        await refresh({ narrow: narrower });
        expect(await usedAt()).to.equal(epoch + 3000);
    });

    it('says that it was replaced, once', async () => {

        const { refresh, rotations, id, clock } = await issueRefreshToken();
        await Promise.all([refresh(), refresh(), refresh()]);
        await refresh();
        expect(rotations).to.equal([{ event: 'rotated', what: 'refresh_token', grant_id: id, client_id: 'app', subject: 'alice' }]);
        clock.advance(10);
        await refusal(() => refresh());
        expect(rotations).to.have.length(1);
    });

    it('ends with its grant, if that is earlier', async () => {

        const { prove } = await issueRefreshToken({}, epoch + 2 * day);
        expect(asProof(await prove()).presented.expiresAt).to.equal((epoch + day) / 1000);
    });

    it('lets a client that authenticates use another key, and another method', async () => {

        const { prove } = await issueRefreshToken({ confirmation: publicKey });
        expect(await refusal(() => prove({ confirmation: { jkt: 'key-2' } }))).to.be.null();
        expect(await refusal(() => prove({ method: 'private_key_jwt' }))).to.be.null();
    });

    it('is not used up by a request for what was not granted', async () => {

        const { prove, refresh } = await issueRefreshToken();
        const narrow = () => {

            throw new OAuth2Error('invalid_scope', 'Too much', { reason: 'too much' });
        };

        expect(await refusal(() => prove({ narrow }))).to.equal({ code: 'invalid_scope', reason: 'too much' });
        expect(await refresh()).to.not.be.null();
        expect(await refusal(() => prove({ narrow }))).to.equal({ code: 'invalid_scope', reason: 'too much' });
        expect(await refresh()).to.not.be.null();
    });

    it('is good as long as nothing replaces it', async () => {

        const { prove, store, id } = await issueRefreshToken();
        const { settle } = asProof(await prove());
        const token = { kind: 'access_token', grantId: id, key: 'k', value: {}, expiresAt: epoch + 3 * day };
        expect(await settle({ tokens: [token], expiresAt: epoch + 3 * day, reply: {} })).to.be.true();
        expect(await store.findToken(token)).to.not.be.null();
        expect(await store.findGrant(id)).to.include({ expiresAt: epoch + 3 * day });
        expect(await refusal(() => prove())).to.be.null();
        await store.revokeGrant(id);
        expect(await refusal(() => settle(nothingStaged))).to.equal({ code: 'invalid_grant', reason: 'grant_revoked' });
    });

    it('is replaced in the version that was read, and lets its grant live as long as what was issued', async () => {

        const { prove, refresh, store, value, id } = await issueRefreshToken();
        const found = await findRefreshToken(store, value);
        expect(await refresh({ found: found && { ...found, version: 7 } })).to.be.null();
        expect(await refusal(() => prove())).to.be.null();
        expect(await refresh()).to.not.be.null();
        expect((await store.findGrant(id))?.expiresAt).to.equal(epoch + 2 * day);
    });

    it('is not replaced under a grant that was revoked meanwhile', async () => {

        const { prove, store, id } = await issueRefreshToken();
        const { settle } = asProof(await prove());
        await store.revokeGrant(id);
        const value = newTokenValue('refresh_token', id);
        const token = { ...placeOf(value), value: {}, expiresAt: epoch + day };
        expect(await settle({ tokens: [token], expiresAt: epoch + day, reply: { refresh_token: value } })).to.be.false();
        expect(await store.findToken(token)).to.be.null();
    });

    it('throws for nonsense from the store', async () => {

        const { prove, store, value } = await issueRefreshToken();
        const found = await findRefreshToken(store, value);
        for (const name of ['issuedAt', 'absoluteExpiresAt', 'method', 'confirmation', 'data']) {
            await expect(prove({ found: altered(found, { [name]: ['nonsense'] }) })).to.reject(Error, `The store answered a refresh token whose ${name} is not what was written`);
        }

        await expect(prove({ found: found && { ...found, used: true } })).to.reject(Error, 'The store answered a refresh token whose rotatedAt is not what was written');
    });
});

describe('proveRefreshToken() of a replaced token', () => {

    it('rule 10: gives the same reply again, with what is left of its time', async () => {

        const { refresh, clock, lives, reports } = await issueRefreshToken();
        const reply = await refresh();
        expect(await refresh()).to.equal(reply);
        clock.advance(1.5);
        expect(await refresh()).to.equal({ ...reply, expires_in: 3599 });
        clock.advance(8.499);
        expect(await refresh()).to.equal({ ...reply, expires_in: 3591 });
        expect(await lives()).to.be.true();
        expect(reports).to.equal([]);
    });

    it('never says that more time is left than there was, nor none', async () => {

        const { prove, value, id, refresh } = await issueRefreshToken();
        const first = asProof(await prove());
        const successor = newTokenValue('refresh_token', id);
        const tokens = [refreshRecord(placeOf(successor), { issuedAt: epoch, absoluteExpiresAt: epoch + day, method: 'client_secret_basic', confirmation: null, data: {} }, epoch + day)];
        await first.settle({ tokens, expiresAt: epoch + day, reply: { refresh_token: successor, expires_in: 3 } });
        expect(await refresh({ now: epoch - 1 }, value)).to.include({ expires_in: 3 });         // Another process, whose clock is behind
        expect(await refresh({ now: epoch + 2000 }, value)).to.include({ expires_in: 1 });
        expect(await refresh({ now: epoch + 9000 }, value)).to.include({ expires_in: 1 });
    });

    it('keeps a reply without expires_in as it was', async () => {

        const { prove, id, refresh } = await issueRefreshToken();
        const successor = newTokenValue('refresh_token', id);
        const tokens = [refreshRecord(placeOf(successor), { issuedAt: epoch, absoluteExpiresAt: epoch + day, method: 'client_secret_basic', confirmation: null, data: {} }, epoch + day)];
        await asProof(await prove()).settle({ tokens, expiresAt: epoch + day, reply: { refresh_token: successor } });
        expect(await refresh()).to.equal({ refresh_token: successor });
    });

    it('of 200 requests at once one replaces it, and the others get its reply', async () => {

        const { refresh, lives, reports } = await issueRefreshToken();
        const replies = await Promise.all(Array.from({ length: many }, () => refresh()));
        const won = replies.filter((reply) => reply !== null);
        expect(won).to.have.length(1);
        expect(await refresh()).to.equal(won[0] ?? null);
        expect(await lives()).to.be.true();
        expect(reports).to.equal([]);
    });

    it('stays known through the window, though it would have expired', async () => {

        const { refresh, clock } = await issueRefreshToken({}, epoch + 1000);
        const reply = await refresh();
        clock.advance(9.999);
        expect(await refresh()).to.equal({ ...reply, expires_in: 3591 });
    });

    it('rule 10: gets a new access token for another wish, beside the same successor', async () => {

        const { prove, refresh, store, id, lives } = await issueRefreshToken();
        const reply = await refresh();
        const found = await findRefreshToken(store, String(reply?.refresh_token));
        const { settle, ...proof } = asProof(await prove({ narrow: narrower }));
        expect(proof.target).to.equal(narrower());
        expect(proof.lineage).to.equal({ absoluteExpiresAt: epoch + 90 * day, isKept: false, successor: { value: String(reply?.refresh_token), expiresAt: found?.expiresAt ?? 0 } });

        const token = { kind: 'access_token', grantId: id, key: 'k', value: {}, expiresAt: epoch + day };
        expect(await settle({ tokens: [token], expiresAt: epoch + day, reply: {} })).to.be.true();
        expect(await store.findToken(token)).to.not.be.null();
        expect((await refresh({ narrow: narrower }))?.refresh_token).to.equal(reply?.refresh_token);
        expect(await refresh()).to.equal(reply);
        expect(await lives()).to.be.true();
        await store.revokeGrant(id);
        expect(await refusal(() => settle(nothingStaged))).to.equal({ code: 'invalid_grant', reason: 'grant_revoked' });
    });

    it('takes a wish for the same whatever its order, and for another if anything differs', async () => {

        const wish = (audience: readonly string[], scopes: readonly string[]) => ({ narrow: () => ({ audience, scopes }) });
        const { prove, refresh } = await issueRefreshToken();
        await refresh(wish(['a', 'b'], ['c', 'd']));
        expect(await prove(wish(['b', 'a'], ['d', 'c']))).to.include('repeat');
        for (const other of [wish(['a'], ['c', 'd']), wish(['a', 'b'], ['c']), wish(['c', 'd'], ['a', 'b']), wish(['a,b'], ['c', 'd']), wish(['a', 'b', 'c'], ['d'])]) {
            expect(await prove(other)).to.not.include('repeat');
        }
    });

    it('rule 10: is refused once its successor was used, which ends nothing', async () => {

        const { refresh, lives, reports } = await issueRefreshToken();
        const second = await refresh();
        const third = await refresh({}, String(second?.refresh_token));
        expect(await refusal(() => refresh())).to.equal({ code: 'invalid_grant', reason: 'successor_used' });
        expect(await refusal(() => refresh({ narrow: narrower }))).to.equal({ code: 'invalid_grant', reason: 'successor_used' });
        expect(await lives()).to.be.true();
        expect(reports).to.equal([]);
        expect(await refresh({}, String(third?.refresh_token))).to.not.be.null();
    });

    it('is refused if a store has lost its successor, or remembers the grant as dead', async () => {

        const { refresh, store, prove, value } = await issueRefreshToken();
        const reply = await refresh();
        const found = await findRefreshToken(store, value);
        const findToken = store.findToken.bind(store);
        const successor = placeOf(String(reply?.refresh_token));
        for (const answer of [null, { ...(found ?? {}), used: false, grant: null }]) {
            store.findToken = async (address) => (address.key === successor.key && address.kind === 'refresh_token' ? answer as FoundToken | null : await findToken(address));
            expect(await refusal(() => prove())).to.equal({ code: 'invalid_grant', reason: 'successor_used' });
        }
    });

    it('after the window it is reuse, which ends this grant only', async () => {

        const { refresh, clock, lives, reports, reused, store, id } = await issueRefreshToken();
        const reply = await refresh();
        clock.advance(graceMs / 1000);
        expect(await refusal(() => refresh())).to.equal({ code: 'invalid_grant', reason: 'refresh_token_reused' });
        expect(reports).to.equal([reused]);
        expect(await lives()).to.be.false();
        expect(await store.findGrant(id)).to.be.null();
        expect(await store.findGrant('other')).to.not.be.null();
        expect(await refusal(() => refresh({}, String(reply?.refresh_token)))).to.equal({ code: 'invalid_grant', reason: 'refresh_token_unknown' });
    });

    it('the window begins with the rotation and is not moved by a repetition', async () => {

        const { refresh, clock, reports } = await issueRefreshToken();
        clock.advance(3600);
        await refresh();
        clock.advance(9);
        expect(await refusal(() => refresh())).to.be.null();
        clock.advance(1);
        expect(await refusal(() => refresh())).to.equal({ code: 'invalid_grant', reason: 'refresh_token_reused' });
        expect(reports).to.have.length(1);
    });

    it('without a window every repetition is reuse', async () => {

        const { refresh, reports } = await issueRefreshToken();
        await refresh({ graceMs: 0 });
        expect(await refusal(() => refresh({ graceMs: 0 }))).to.equal({ code: 'invalid_grant', reason: 'refresh_token_reused' });
        expect(reports).to.have.length(1);
    });

    const thieves: Readonly<Record<string, Partial<RefreshRequest>>> = {
        'another client': { clientId: 'evil' },
        'another flow': { flow: 'other' },
        'another method': { method: 'none' },
        'another key': { confirmation: { jkt: 'key-2' } },
        'no key': { confirmation: undefined }
    };

    for (const [who, wish] of Object.entries(thieves)) {
        it(`rule 10: from ${who} it is reuse, in the window too`, async () => {

            const { refresh, reports, reused, store, id } = await issueRefreshToken();
            await refresh({ confirmation: publicKey });
            expect(await refresh({ confirmation: publicKey })).to.not.be.null();
            expect(await refusal(() => refresh({ confirmation: publicKey, ...wish }))).to.equal({ code: 'invalid_grant', reason: 'refresh_token_reused' });
            expect(await store.findGrant(id)).to.be.null();
            expect(reports).to.equal([reused]);
        });
    }

    it('compares with who replaced it, not with who it was issued to', async () => {

        const { refresh } = await issueRefreshToken();
        const wish = { method: 'private_key_jwt', confirmation: publicKey };
        const reply = await refresh(wish);
        expect(await refresh(wish)).to.equal(reply);
        expect(await refusal(() => refresh())).to.equal({ code: 'invalid_grant', reason: 'refresh_token_reused' });
    });

    it('rule 7: the reply is sealed, and gone with the window', async () => {

        const { refresh, prove, store, value, id, clock } = await issueRefreshToken();
        const written: string[] = [];
        const rotate = store.rotate.bind(store);
        store.rotate = async (rotation) => {

            written.push(JSON.stringify(rotation));
            return await rotate(rotation);
        };

        const reply = await refresh();
        expect(written).to.have.length(1);
        for (const secret of [value, String(reply?.access_token), String(reply?.refresh_token), '"read"']) {
            expect(written[0]).to.not.include(secret);
        }

        const address = { kind: 'refresh_reply', grantId: id, key: placeOf(value).key };
        const kept = await store.findToken(address);
        expect(Object.keys(kept?.value ?? {})).to.equal(['sealed']);
        expect(openUnder(placeOf(value).key, 'refresh_reply', String(kept?.value.sealed))).to.be.null();
        expect(openUnder(value, 'refresh_reply', String(kept?.value.sealed))).to.include(String(reply?.access_token));
        clock.advance(9.999);
        expect(await store.findToken(address)).to.not.be.null();
        clock.advance(0.001);
        expect(await store.findToken(address)).to.be.null();
        expect(await refusal(() => prove({ now: clock.now() - 1 }))).to.equal({ code: 'invalid_grant', reason: 'grace_window_over' });
        expect(await store.findGrant(id)).to.not.be.null();
    });

    it('does not open a reply that was sealed for another token, and throws for nonsense', async () => {

        const { refresh, prove, store, value, id } = await issueRefreshToken();
        await refresh();
        const findToken = store.findToken.bind(store);
        const answer = (sealed: unknown) => {

            store.findToken = async (address) => (address.kind === 'refresh_reply' ? altered(await findToken(address), { sealed }) : await findToken(address));
        };

        answer(sealUnder(newTokenValue('refresh_token', id), 'refresh_reply', '{}'));
        expect(await refusal(() => prove())).to.equal({ code: 'invalid_grant', reason: 'grace_window_over' });
        for (const sealed of [7, sealUnder(value, 'refresh_reply', '{}'), sealUnder(value, 'refresh_reply', '{"reply":{}}')]) {
            answer(sealed);
            await expect(prove()).to.reject(Error, /^The store answered a reply whose (sealed|reply|refresh_token) is not what was written$/);
        }
    });
});
