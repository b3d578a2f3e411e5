import type { Grant } from './grant';
import type { FoundToken, GrantRecord, Store, StoredValue, TokenRecord } from './store';
import { Stored } from './stored';

/**
 * What one token exchange gave a client of somebody else's grant (RFC 8693): the tokens hang on that grant, and on this record, so that they die
 * with the grant and can be ended without it.
 */
export interface Exchange {
    readonly id: string;
    /** The client that exchanged: its tokens are not those of the grant's own client. */
    readonly clientId: string;
    /** The flow that served it. */
    readonly flow: string;
    readonly scopes: readonly string[];
    readonly resources: readonly string[];
    /** Who acts for the subject: the claim `act`; `null` where nobody does (RFC 8693 §4.1). */
    readonly act: StoredValue | null;
    /** Who alone may act next: the claim `may_act`; `null` where nobody said (RFC 8693 §4.4). */
    readonly mayAct: StoredValue | null;
    /** The exchanges that its subject token came from, the first of them first: when one of them was ended, this one is dead too. */
    readonly ancestors: readonly string[];
    /** When nothing that comes of it, exchanged further or not, lives any more, in milliseconds since the epoch: so long it is remembered that it was ended. */
    readonly lastsUntil: number;
}

const kind = 'exchange';

/** What an exchange takes from the one that its subject token came from, if it came from one; `lastsUntil` is for the first of them. */
export const descentFrom = (parent: Exchange | null, lastsUntil: number): Pick<Exchange, 'ancestors' | 'lastsUntil'> =>
    (parent === null ? { ancestors: [], lastsUntil } : { ancestors: [...parent.ancestors, parent.id], lastsUntil: parent.lastsUntil });

/** The stored form of an exchange: it has to outlive its tokens. */
export const exchangeRecord = (grantId: string, exchange: Exchange, expiresAt: number): TokenRecord =>
    ({ kind, grantId, key: exchange.id, value: { ...exchange }, expiresAt: Math.min(expiresAt, exchange.lastsUntil) });

const exchangeOf = (value: StoredValue): Exchange => {

    const stored = new Stored('exchange', value);
    return {
        id: stored.text('id'),
        clientId: stored.text('clientId'),
        flow: stored.text('flow'),
        scopes: stored.texts('scopes'),
        resources: stored.texts('resources'),
        act: stored.objectOrNull('act'),
        mayAct: stored.objectOrNull('mayAct'),
        ancestors: stored.texts('ancestors'),
        lastsUntil: stored.number('lastsUntil')
    };
};

/** The client of an exchange; `null` for a record that is none. */
export const exchangerIn = (address: Pick<TokenRecord, 'kind'>, value: StoredValue): string | null => (address.kind === kind ? exchangeOf(value).clientId : null);

/** The exchange that a token came from, as the token's own record keeps it; `null` for a token of the grant's own client. */
export const exchangeIn = (value: StoredValue): Exchange | null => {

    const exchange = new Stored('token', value).objectOrNull('exchange');
    return exchange === null ? null : exchangeOf(exchange);
};

type Finder = Pick<Store, 'findToken'>;

const look = async (store: Finder, grantId: string, id: string): Promise<{ readonly grant: GrantRecord; readonly exchange: Exchange } | null> => {

    const found = await store.findToken({ kind, grantId, key: id });
    return found === null || found.used || found.grant === null ? null : { grant: found.grant, exchange: exchangeOf(found.value) };
};

/** Whether none of an exchange's ancestors was ended. One that is not there has expired, which ends nothing: who was ended is remembered for as long as that counts. */
const spared = async (store: Finder, grantId: string, ancestors: readonly string[]): Promise<boolean> => {

    const found = await Promise.all(ancestors.map((key) => store.findToken({ kind, grantId, key })));
    return found.every((ancestor) => ancestor === null || (!ancestor.used && ancestor.grant !== null));
};

/** An exchange that lives, and its grant; `null` once either was ended, or an exchange that it came from. */
export const findExchange = async (store: Finder, grantId: string, id: string): ReturnType<typeof look> => {

    const found = await look(store, grantId, id);
    return found !== null && await spared(store, grantId, found.exchange.ancestors) ? found : null;
};

/** The same of an exchange that a token's own record has told of, which takes one look at all of them together. */
export const exchangeLives = async (store: Finder, grantId: string, { id, ancestors }: Exchange): Promise<boolean> => {

    const [found, isSpared] = await Promise.all([look(store, grantId, id), spared(store, grantId, ancestors)]);
    return found !== null && isSpared;
};

/** Ends the tokens of an exchange, and of those that came of it, and spares its grant; answers whether they lived. */
export const endExchange = async (store: Pick<Store, 'findToken' | 'rotate'>, grantId: string, id: string): Promise<boolean> => {

    const token = { kind, grantId, key: id };
    const found = await store.findToken(token);
    if (found === null || found.used) {
        return false;
    }

    const { lastsUntil } = exchangeOf(found.value);             // Longer than it would have lived itself: those that came of it may outlive it
    return await store.rotate({ token, version: found.version, value: found.value, expiresAt: lastsUntil, tokens: [] }) === 'ok';
};

/** A grant as the client of one of its tokens holds it: whoever exchanged holds no more of it than what the exchange gave. */
export const heldGrant = (grant: Grant, exchange: Exchange | null): Grant => {

    const { clientId, flow, scopes, resources } = exchange ?? grant;
    return { ...grant, clientId, flow, scopes, resources };
};

/** The flow that a token belongs to. */
export const flowOf = (found: FoundToken | null): unknown => (found === null ? undefined : exchangeIn(found.value)?.flow ?? found.grant?.value.flow);
