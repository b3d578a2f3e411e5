import { storedClaimsRequest, type ClaimsRequest } from '../protocol/claims-request';
import type { GrantRecord, StoredValue } from './store';
import { Stored } from './stored';

/** The stored record of one completed authorization; every code, token and device code hangs on one. Times are in seconds since the epoch. */
export interface Grant {
    readonly id: string;
    readonly clientId: string;
    /** The user; `null` where the client acts for itself. */
    readonly subject: string | null;
    readonly scopes: readonly string[];
    readonly resources: readonly string[];
    /** When the user signed in; `null` where nobody did. */
    readonly authTime: number | null;
    /** How well the user was authenticated, and by what (OpenID Connect Core §2). */
    readonly acr: string | null;
    readonly amr: readonly string[];
    /** The claims that the client asked for one by one, of those it may have; `null` where it did not. */
    readonly claims: ClaimsRequest | null;
    /** The name of the flow that opened it. */
    readonly flow: string;
    readonly createdAt: number;
    /** The sign-in session that it came from, if it came from one. */
    readonly sessionId: string | null;
    /** What the client knows that session by (OpenID Connect Back-Channel Logout §2.1). */
    readonly sid: string | null;
    /** What a handler of the project has put there. */
    readonly data: StoredValue;
}

/** A grant as `server.oauth2.grants` answers it. */
export interface ListedGrant extends Grant {
    /** When the client last got tokens under it, in seconds since the epoch; `createdAt` until it comes again, and with a store that does not remember. */
    readonly lastUsedAt: number;
}

/** The code or token that a client presented, resolved and proven. Times are in seconds since the epoch. */
export interface Presented<T extends string = string> {
    readonly type: T;
    readonly value: string;
    readonly grant: Grant;
    /** The user; `null` where the client acts for itself. */
    readonly subject: string | null;
    readonly issuedAt: number;
    readonly expiresAt: number;
    readonly active: boolean;
}

/** A grant as the store keeps it; `expiresAt` is in milliseconds. */
export const grantRecord = ({ id, clientId, subject, sessionId, ...value }: Grant, expiresAt: number): GrantRecord =>
    ({ id, clientId, subject, sessionId, expiresAt, value });

/** A grant from its record; throws if the record is none. */
export const grantOf = ({ id, clientId, subject, sessionId, value }: GrantRecord): Grant => {

    const stored = new Stored('grant', value);
    return {
        id, clientId, subject, sessionId,
        sid: stored.textOrNull('sid'),
        scopes: stored.texts('scopes'),
        resources: stored.texts('resources'),
        authTime: stored.numberOrNull('authTime'),
        acr: stored.textOrNull('acr'),
        amr: stored.texts('amr'),
        claims: storedClaimsRequest(value.claims),
        flow: stored.text('flow'),
        createdAt: stored.number('createdAt'),
        data: stored.object('data')
    };
};

/** A grant from its record, with when it was last used; throws if the record is none. */
export const listedGrant = (record: GrantRecord): ListedGrant => {

    const grant = grantOf(record);
    return { ...grant, lastUsedAt: Math.max(grant.createdAt, Math.floor((record.usedAt ?? 0) / 1000)) };
};
