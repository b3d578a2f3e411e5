import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OAuth2Error, OAuth2TokenResponse } from '../../lib';
import { provenTokenReply, tokenReply } from '../../lib/tokens/response';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

/** The refusal that a result of a handler becomes. */
const refusalOf = (result: unknown): OAuth2Error => {

    try {
        tokenReply(result, 'Bearer');
    }
    catch (err) {
        if (err instanceof OAuth2Error) {
            return err;
        }
    }

    throw new Error('It was not refused');
};

describe('OAuth2TokenResponse', () => {

    it('has the members it was given', () => {

        const response = new OAuth2TokenResponse({ access_token: 't', plan: 'gold' })
            .setExpiresIn(60).setTokenType('DPoP').setScope(['a', 'b']).setRefreshToken('r').setIdToken('i');
        expect(response.toJSON()).to.equal({ access_token: 't', plan: 'gold', expires_in: 60, token_type: 'DPoP', scope: 'a b', refresh_token: 'r', id_token: 'i' });
        expect(tokenReply(response, 'Bearer')).to.equal(response.toJSON());
    });

    it('takes null and undefined for what there is none of', () => {

        const response = new OAuth2TokenResponse({ access_token: 't', expires_in: 5 }).setScope(undefined).setRefreshToken(null).setIdToken(undefined);
        expect(tokenReply(response, 'Bearer')).to.equal({ access_token: 't', expires_in: 5, token_type: 'Bearer' });
    });

    it('is not changed through what it was made from, nor through what it gave', () => {

        const body = { access_token: 't' };
        const response = new OAuth2TokenResponse(body);
        body.access_token = 'x';
        response.toJSON().access_token = 'y';
        expect(response.toJSON()).to.equal({ access_token: 't' });
    });
});

describe('tokenReply()', () => {

    it('leaves out null, undefined and empty members, and keeps 0 and false', () => {

        expect(tokenReply({ access_token: 't', refresh_token: null, id_token: undefined, scope: '', expires_in: 0, trial: false, error: undefined, error_description: '' }, 'Bearer'))
            .to.equal({ access_token: 't', expires_in: 0, trial: false, token_type: 'Bearer' });
    });

    it('has the token type of the flow unless the handler named one (RFC 6749 §5.1)', () => {

        expect(tokenReply({ access_token: 't' }, 'DPoP')).to.include({ token_type: 'DPoP' });
        expect(tokenReply({ access_token: 't', token_type: 'N_A' }, 'DPoP')).to.include({ token_type: 'N_A' });
        for (const none of ['', null, undefined]) {
            expect(tokenReply({ access_token: 't', token_type: none }, 'DPoP')).to.include({ token_type: 'DPoP' });
        }
    });

    it('lets any other member through', () => {

        expect(tokenReply({ access_token: 't', plan: { name: 'gold' } }, 'Bearer')).to.include({ plan: { name: 'gold' } });
    });

    it('takes null for invalid_request', () => {

        expect(refusalOf(null)).to.include({ code: 'invalid_request', reason: 'handler_returned_null' });
    });

    it('refuses with the error that the handler returned', () => {

        const error = refusalOf({ error: 'invalid_client', error_description: 'Client not found' });
        expect(error).to.include({ code: 'invalid_client', reason: 'handler_refused' });
        expect(error.output.statusCode).to.equal(401);
        expect(error.output.payload).to.equal({ error: 'invalid_client', error_description: 'Client not found' });
        expect(refusalOf({ error: 'slow_down', error_description: 7 }).output.payload).to.equal({ error: 'slow_down' });
    });

    it('throws an error that was returned instead of thrown', () => {

        expect(refusalOf(new OAuth2Error('access_denied', 'No'))).to.include({ code: 'access_denied', message: 'No' });
    });

    it('refuses even when a token stands beside the error', () => {

        expect(refusalOf({ error: 'access_denied', access_token: 't' }).code).to.equal('access_denied');
        expect(refusalOf(new OAuth2TokenResponse({ access_token: 't', error: 'access_denied' })).code).to.equal('access_denied');
    });

    const nonsense: Record<string, readonly [result: unknown, what: string]> = {
        'undefined': [undefined, 'nothing'],
        'a text': ['secret-token', 'nothing'],
        'true': [true, 'nothing'],
        'an empty object': [{}, 'no access_token'],
        'a list': [['secret-token'], 'no access_token'],
        'an empty access_token': [{ access_token: '' }, 'no access_token'],
        'an access_token that is no text': [{ access_token: { token: 'secret-token' } }, 'no access_token'],
        'an empty error': [{ error: '' }, 'no access_token'],
        'an unknown error': [{ error: 'secret-token' }, 'an error code that does not exist'],
        'a name that every object has for an error': [{ error: 'toString', access_token: 't' }, 'an error code that does not exist']
    };

    for (const [name, [result, what]] of Object.entries(nonsense)) {
        it(`takes ${name} for a fault of the server, and tells only the log what it was`, () => {

            const error = refusalOf(result);
            expect(error).to.include({ code: 'server_error', reason: 'handler_returned_nonsense' });
            expect(error.output.payload).to.equal({ error: 'server_error', error_description: 'The server could not answer this request' });
            expect(error.cause).to.be.an.error(`A token handler returned ${what}: return an OAuth2TokenResponse, a plain token response, { error }, or null`);
        });
    }
});

describe('provenTokenReply()', () => {

    it('is the same, but for null, which says nothing where nothing is left to prove', () => {

        expect(provenTokenReply({ access_token: 't', plan: 'gold' }, 'Bearer')).to.equal({ token_type: 'Bearer', access_token: 't', plan: 'gold' });
        const err = expect(() => provenTokenReply(null, 'Bearer')).to.throw(OAuth2Error);
        expect(err).to.include({ code: 'server_error', reason: 'handler_returned_nonsense' });
        expect(err.cause).to.be.an.error('A token handler returned nothing: return an OAuth2TokenResponse, a plain token response or { error }');
    });
});
