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
}

const kind = 'exchange';

/** The stored form of an exchange: it has to outlive its tokens. */
export const exchangeRecord = (grantId: string, exchange: Exchange, expiresAt: number): TokenRecord => ({ kind, grantId, key: exchange.id, value: { ...exchange }, expiresAt });

const exchangeOf = (value: StoredValue): Exchange => {

    const stored = new Stored('exchange', value);
    return {
        id: stored.text('id'),
        clientId: stored.text('clientId'),
        flow: stored.text('flow'),
        scopes: stored.texts('scopes'),
        resources: stored.texts('resources'),
        act: stored.objectOrNull('act')
    };
};

/** The client of an exchange; `null` for a record that is none. */
export const exchangerIn = (address: Pick<TokenRecord, 'kind'>, value: StoredValue): string | null => (address.kind === kind ? exchangeOf(value).clientId : null);

/** The exchange that a token came from, as the token's own record keeps it; `null` for a token of the grant's own client. */
export const exchangeIn = (value: StoredValue): Exchange | null => {

    const exchange = new Stored('token', value).objectOrNull('exchange');
    return exchange === null ? null : exchangeOf(exchange);
};

/** An exchange that lives, and its grant; `null` once either was ended. */
export const findExchange = async (store: Pick<Store, 'findToken'>, grantId: string, id: string): Promise<{ readonly grant: GrantRecord; readonly exchange: Exchange } | null> => {

    const found = await store.findToken({ kind, grantId, key: id });
    return found === null || found.used || found.grant === null ? null : { grant: found.grant, exchange: exchangeOf(found.value) };
};

/** Ends the tokens of an exchange and spares its grant; answers whether they lived. */
export const endExchange = async (store: Pick<Store, 'consume'>, grantId: string, id: string): Promise<boolean> => await store.consume({ kind, grantId, key: id }) === 'ok';

/** A grant as the client of one of its tokens holds it: whoever exchanged holds no more of it than what the exchange gave. */
export const heldGrant = (grant: Grant, exchange: Exchange | null): Grant => {

    const { clientId, flow, scopes, resources } = exchange ?? grant;
    return { ...grant, clientId, flow, scopes, resources };
};

/** The flow that a token belongs to. */
export const flowOf = (found: FoundToken | null): unknown => (found === null ? undefined : exchangeIn(found.value)?.flow ?? found.grant?.value.flow);
