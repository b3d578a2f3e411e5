import type { Request, ResponseToolkit } from '@hapi/hapi';

import { OAuth2Error, answerOf } from '../error';

/** Parameters of the app's own that an authorization request had; none of them has to be there. */
export type ExtraParameters<E extends string = string> = { readonly [N in E]?: string };

/** What a user entered, and what the client would like of the sign-in. */
export interface UserCredentials<E extends string = string> {
    readonly username: string;
    readonly password: string;
    /** The `acr_values` of the request, the dearest first: none at the device page. */
    readonly acrValues: readonly string[];
    /** The request's parameters that `setExtraParameters()` names, such as `organization`. */
    readonly parameters: ExtraParameters<E>;
}

/** Who has signed in, and how. */
export interface AuthenticatedUser {
    /** Never another user's: 1 to 255 printable ASCII characters (OpenID Connect Core §2). */
    readonly subject: string;
    /** How much the sign-in proves, such as `urn:example:acr:two-factors`. */
    readonly acr?: string | null | undefined;
    /** What the user is called on pages: what was entered, or the subject, when left out. */
    readonly name?: string | undefined;
    /** What the sign-in proved it with, such as `['pwd', 'otp']` (RFC 8176). */
    readonly amr?: readonly string[] | undefined;
}

/** Verifies a name and a password: the user's subject, alone or with how they signed in, or `null` where the two do not belong together. */
export type AuthenticateUser<E extends string = string> = (credentials: UserCredentials<E>, request: Request, h: ResponseToolkit) => string | AuthenticatedUser | null | Promise<string | AuthenticatedUser | null>;

/** A user whose password was right. */
export interface SignedIn {
    readonly subject: string;
    /** What the user is called on pages. */
    readonly name: string;
    readonly acr: string | null;
    readonly amr: readonly string[];
    /** When, in seconds since the epoch. */
    readonly authTime: number;
}

/** Who the project's handler says the user is, or `null`; throws `server_error` if it says nothing that can be understood. */
export const authenticatedUser = async (authenticate: AuthenticateUser, credentials: UserCredentials, request: Request, h: ResponseToolkit): Promise<Omit<SignedIn, 'authTime'> | null> => {

    const answer: unknown = await answerOf(() => authenticate(credentials, request, h));
    if (answer === null) {
        return null;
    }

    const user = userOf(answer, credentials.username);
    if (user === undefined) {
        throw new OAuth2Error('server_error', undefined, {
            reason: 'handler_returned_nonsense',
            cause: new Error('authenticateUser() returned no user: return a subject of 1 to 255 ASCII characters, { subject, acr?, amr? }, or null for a wrong password')
        });
    }

    return user;
};

/** The handler to ask; throws `server_error` with a sentence for the log where the project has none. */
export const requireAuthenticateUser = (authenticate: AuthenticateUser | undefined): AuthenticateUser => {

    if (authenticate === undefined) {
        throw new OAuth2Error('server_error', undefined, {
            reason: 'no_authenticate_user',
            cause: new Error('Nobody can sign in, since this server does not know its users: call authenticateUser(({ username, password }) => ...) on the hub')
        });
    }

    return authenticate;
};

/** A user as the app's own code names one; throws a sentence, which says who answered, for anything else. */
export const checkedUser = (answer: unknown, who: string): Omit<SignedIn, 'authTime'> => {

    const user = userOf(answer);
    if (user === undefined) {
        throw new Error(`${who} named no user: give a subject of 1 to 255 printable ASCII characters, acr as a text and amr as a list of texts`);
    }

    return user;
};

/** A handler in plain JavaScript may return anything. */
const userOf = (answer: unknown, entered?: string): Omit<SignedIn, 'authTime'> | undefined => {

    const { subject, acr = null, amr, name }: Readonly<Record<string, unknown>> = typeof answer === 'object' ? { ...answer } : { subject: answer };
    const methods = amr ?? [];
    return isSubject(subject) && (acr === null || isText(acr)) && Array.isArray(methods) && methods.every(isText) ? { subject, acr, amr: [...methods], name: isText(name) ? name : entered ?? subject } : undefined;
};

const isSubject = (value: unknown): value is string => typeof value === 'string' && /^[\x20-\x7e]{1,255}$/.test(value);

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
