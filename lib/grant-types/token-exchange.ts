import { deepEqual } from '@hapi/hoek';

import { OAuth2Error } from '../error';
import type { StoredValue } from '../stores/store';
import type { GrantType } from './grant-type';

/** What a client sends to exchange a token (RFC 8693 §2.1). */
export interface TokenExchangeParameters {
    /** The token of the one for whom the new token is. */
    readonly subjectToken: string;
    readonly subjectTokenType: string;
    /** The token of the one who acts; always together with its type. */
    readonly actorToken: string | undefined;
    readonly actorTokenType: string | undefined;
    readonly requestedTokenType: string | undefined;
    /** The names of the services the token is for: beside `resource`. */
    readonly audience: readonly string[];
}

export const tokenExchange: GrantType<TokenExchangeParameters, 'urn:ietf:params:oauth:grant-type:token-exchange'> = {
    type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    read: (form) => {

        const actorToken = form.get('actor_token');
        const actorTokenType = form.get('actor_token_type');
        if ((actorToken === undefined) !== (actorTokenType === undefined)) {
            throw new OAuth2Error('invalid_request', 'The parameters actor_token and actor_token_type belong together', { reason: 'actor_token_without_type' });
        }

        return {
            subjectToken: form.require('subject_token'),
            subjectTokenType: form.require('subject_token_type'),
            actorToken, actorTokenType,
            requestedTokenType: form.get('requested_token_type'),
            audience: form.all('audience')
        };
    }
};

/** The token types that can be exchanged and asked for: an access token of any format, and one that is a JWT (RFC 8693 §3). */
export type ExchangeTokenType = 'urn:ietf:params:oauth:token-type:access_token' | 'urn:ietf:params:oauth:token-type:jwt';

/** The type of an access token that is a JWT. */
export const jwtType: ExchangeTokenType = 'urn:ietf:params:oauth:token-type:jwt';

const accessTokenType: ExchangeTokenType = 'urn:ietf:params:oauth:token-type:access_token';

/** A token type that can be exchanged and asked for: an access token when left out. Throws `invalid_request` for any other (RFC 8693 §2.2.2). */
export const exchangeTokenType = (parameter: string, type: string = accessTokenType): ExchangeTokenType => {

    if (type !== accessTokenType && type !== jwtType) {
        throw new OAuth2Error('invalid_request', `The ${parameter} is not supported: only access_token and jwt are`, { reason: 'unsupported_token_type' });
    }

    return type;
};

/** The one refusal of a token that cannot be exchanged, whatever was wrong with it: only the log knows the reason (RFC 8693 §2.2.2). */
export const invalidToken = (parameter: 'subject_token' | 'actor_token', reason: string): OAuth2Error =>
    new OAuth2Error('invalid_request', `The ${parameter} is not valid`, { reason });

type Claims = Readonly<Record<string, unknown>>;

/**
 * Whether a subject token lets somebody act, given the claims of who does (RFC 8693 §4.4): each member of `may_act` has to be theirs. A token
 * without the claim leaves it to the policy; one with a claim that names nobody lets nobody act.
 */
export const mayAct = (subject: Claims, actor: Claims): boolean => {

    const { may_act: allowed } = subject;
    if (allowed === undefined) {
        return true;
    }

    return isObject(allowed) && (allowed.sub !== undefined || allowed.client_id !== undefined) && Object.entries(allowed).every(([name, value]) => deepEqual(value, actor[name]));
};

/** So many may have acted one for the other: more is a circle. */
const mostActors = 10;

/**
 * The claim `act` of a new token: who acts now, and within it who acted before (RFC 8693 §4.1). Where nobody new acts those before stay, so that
 * an exchange never hides them. Throws `invalid_request` for more than 10.
 */
export const actChain = (subject: Claims, actor: Claims | null): StoredValue | null => {

    const before = isObject(subject.act) ? subject.act : null;
    if (actor === null) {
        return before;
    }

    if (depthOf(before) >= mostActors) {
        throw new OAuth2Error('invalid_request', `At most ${mostActors} may act one for the other`, { reason: 'too_many_actors' });
    }

    const { sub, client_id: clientId } = actor;
    return { sub, client_id: clientId, ...before === null ? {} : { act: before } };
};

/** Who may act next: whom the subject token names, unless the policy has said (RFC 8693 §4.4). A restriction must not vanish by an exchange. */
export const nextMayAct = ({ may_act: allowed }: Claims, decided: StoredValue | null | undefined): StoredValue | null =>
    (decided === undefined ? isObject(allowed) ? allowed : null : decided);

/** So many exchanges may follow one another: whoever looks whether the last of them lives looks at all. */
const mostExchanges = 10;

/** Throws `invalid_request` for an exchange that would follow more than 9 others. */
export const checkDescent = (ancestors: readonly string[]): void => {

    if (ancestors.length >= mostExchanges) {
        throw new OAuth2Error('invalid_request', `At most ${mostExchanges} exchanges may follow one another`, { reason: 'too_many_exchanges' });
    }
};

const depthOf = (act: unknown): number => (isObject(act) ? 1 + depthOf(act.act) : 0);

const isObject = (value: unknown): value is StoredValue => typeof value === 'object' && value !== null && !Array.isArray(value);
