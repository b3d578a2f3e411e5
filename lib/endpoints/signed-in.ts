import { OAuth2Error } from '../error';
import type { Account } from '../sessions/session';
import type { Identified } from '../sessions/interaction';
import type { ProvenRequest } from './proven-request';

/** What decides who a request is answered about. */
export interface SignedInRules {
    readonly request: Pick<ProvenRequest, 'prompts' | 'maxAge'>;
    /** Who has signed in at the browser, the one used last first. */
    readonly accounts: readonly Account[];
    /** Who the user turned out to be since the request came in; `null` when it has just come. */
    readonly identified: Identified | null;
    /** Whom the client expects, if it says so. */
    readonly expected: string | undefined;
    /** Milliseconds since the epoch. */
    readonly now: number;
}

/**
 * The user that a request is answered about, or what the user has to do first: sign in, or choose an account (OpenID Connect Core §3.1.2.3).
 *
 * Throws `login_required` if somebody else signed in than the one whom the client's `id_token_hint` names.
 */
export const signedInUser = ({ request: { prompts, maxAge }, accounts, identified, expected, now }: SignedInRules): Account | 'sign_in' | 'choose' => {

    if (identified === null && prompts.includes('select_account') && accounts.length > 0) {
        return 'choose';
    }

    const wanted = identified?.subject ?? expected;
    const account = wanted === undefined ? accounts[0] : accounts.find(({ subject }) => subject === wanted);
    if (account === undefined) {
        return 'sign_in';
    }

    if (expected !== undefined && account.subject !== expected) {
        throw new OAuth2Error('login_required', 'Another user signed in than the one the id_token_hint is about', { reason: 'id_token_hint_of_another_user' });
    }

    const hasJustSignedIn = identified?.signedIn === true;
    return hasJustSignedIn || !(prompts.includes('login') || isTooOld(account, maxAge, now)) ? account : 'sign_in';
};

/** A sign-in of an unknown time may be of any age. */
const isTooOld = ({ authTime }: Account, maxAge: number | undefined, now: number): boolean =>
    maxAge !== undefined && (authTime === null || now / 1000 - authTime > maxAge);

/** Throws what the client is told where the user has to be asked, unless that may be done (OpenID Connect Core §3.1.2.6). */
export const assertMayAsk = ({ prompts }: Pick<ProvenRequest, 'prompts'>, code: 'login_required' | 'account_selection_required' | 'consent_required'): void => {

    if (prompts.includes('none')) {
        throw new OAuth2Error(code, 'The user has to be asked, and the request forbids it');
    }
};
