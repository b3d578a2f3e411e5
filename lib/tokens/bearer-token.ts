import { OAuth2Error } from '../error';
import type { TokenType, TokenTypeRequest, TypedAccessToken } from './token-type';

/** The default token type: whoever holds the token may use it (RFC 6750). */
export class BearerToken implements TokenType {

    readonly name = 'Bearer';

    /** Binds to nothing. */
    bind(): undefined {

        return undefined;
    }

    /** A token that was bound to a key is no bearer token, whoever presents it (RFC 9449 §7.2). */
    verify(_request: TokenTypeRequest, { confirmation }: TypedAccessToken): void {

        if (confirmation !== undefined) {
            throw new OAuth2Error('invalid_token', 'The access token is bound to a key', { reason: 'bound_token_as_bearer' });
        }
    }
}
