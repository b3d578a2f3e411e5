import { Boom, badImplementation, isBoom, methodNotAllowed, notFound, serverUnavailable, tooManyRequests, unsupportedMediaType, entityTooLarge } from '@hapi/boom';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OAuth2Error, OAuth2ErrorCode } from '../lib';
import { isErrorCode, isFailure } from '../lib/error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('OAuth2Error', () => {

    const statuses: Partial<Record<OAuth2ErrorCode, number>> = { invalid_client: 401, invalid_token: 401, insufficient_scope: 403, server_error: 500, temporarily_unavailable: 503 };

    for (const code of Object.values(OAuth2ErrorCode)) {
        it(`renders ${code} with its status`, () => {

            const error = new OAuth2Error(code, 'Because');
            expect(error.output.statusCode).to.equal(statuses[code] ?? 400);
            expect(error.output.payload).to.equal({ error: code, error_description: 'Because' });
            expect(error.output.headers).to.equal(code === 'temporarily_unavailable' ? { 'retry-after': '5' } : {});
            expect(error).to.include({ code, reason: code, message: 'Because', name: 'OAuth2Error' });
        });
    }

    it('is an Error, an OAuth2Error and, for hapi, a Boom', () => {

        const error = new OAuth2Error('invalid_grant');
        expect(error).to.be.instanceof(OAuth2Error).and.to.be.an.error();
        expect(isBoom(error)).to.be.true();
        expect(isFailure(error)).to.be.true();
    });

    it('has no description where none was given', () => {

        for (const error of [new OAuth2Error('slow_down'), new OAuth2Error('slow_down', ''), new OAuth2Error('slow_down', undefined)]) {
            expect(error.output.payload).to.equal({ error: 'slow_down' });
            expect(error.message).to.equal('slow_down');
        }
    });

    it('keeps its description to the characters of RFC 6749 §5.2', () => {

        const payload = (description: string) => new OAuth2Error('invalid_request', description).output.payload;
        expect(payload('say "no" \\ ever\r\nSet-Cookie: a=b é 日')).to.include({ error_description: 'say \'no\' \' ever??Set-Cookie: a=b ? ?' });
        expect(payload('\u007f\u0000')).to.include({ error_description: '??' });
        expect(payload(' !#[]~')).to.include({ error_description: ' !#[]~' });
    });

    it('keeps reason and cause off the wire', () => {

        const cause = new Error('password=hunter2');
        const error = new OAuth2Error('invalid_client', 'No', { reason: 'secret_reason', cause, statusCode: 418, headers: { 'retry-after': '5' } });
        expect(error).to.include({ reason: 'secret_reason', cause });
        expect(error.output).to.equal({ statusCode: 418, headers: { 'retry-after': '5' }, payload: { error: 'invalid_client', error_description: 'No' } });
    });

    describe('from()', () => {

        it('leaves an error of ours as it is', () => {

            const error = new OAuth2Error('invalid_scope');
            expect(isFailure(error) && OAuth2Error.from(error)).to.shallow.equal(error);
        });

        const read = (error: Boom) => {

            const { code, output, cause } = OAuth2Error.from(error);
            expect(cause).to.shallow.equal(error);
            return [output.statusCode, code, Reflect.get(output.payload, 'error_description')];
        };

        it('keeps the status of hapi\'s refusals', () => {

            expect(read(notFound('/etc/passwd'))).to.equal([404, 'invalid_request', 'There is nothing here']);
            expect(read(methodNotAllowed('x'))).to.equal([405, 'invalid_request', 'This endpoint does not take this HTTP method']);
            expect(read(entityTooLarge('x'))).to.equal([413, 'invalid_request', 'The request body is too large']);
            expect(read(unsupportedMediaType('x'))).to.equal([415, 'invalid_request', undefined]);
        });

        it('says of a fault only that there was one', () => {

            expect(read(badImplementation('password=hunter2'))).to.equal([500, 'server_error', 'The server could not answer this request']);
            expect(read(new Boom('bad gateway', { statusCode: 502 }))).to.equal([500, 'server_error', 'The server could not answer this request']);
            const thrown = new Boom('secret', { statusCode: 500 });
            thrown.output.headers = { 'x-internal': 'secret' };
            expect(OAuth2Error.from(thrown).output.headers).to.equal({});
        });

        it('asks to come back later, as hapi said when', () => {

            const error = serverUnavailable('database is down');
            error.output.headers = { 'retry-after': 5 };
            expect(read(error)).to.equal([503, 'temporarily_unavailable', 'Try again later']);
            expect(OAuth2Error.from(error).output.headers).to.equal({ 'retry-after': '5' });
            expect(read(tooManyRequests())).to.equal([429, 'temporarily_unavailable', 'Try again later']);
        });
    });
});

describe('isErrorCode()', () => {

    it('knows the codes of the table and nothing else', () => {

        expect(Object.values(OAuth2ErrorCode).every(isErrorCode)).to.be.true();
        for (const value of ['toString', '__proto__', 'INVALID_GRANT', '', null, undefined, 400, ['invalid_grant']]) {
            expect(isErrorCode(value)).to.be.false();
        }
    });
});

describe('isFailure()', () => {

    it('tells an error from a response', () => {

        expect(isFailure(notFound())).to.be.true();
        expect(isFailure(new Error('x'))).to.be.false();
        expect(isFailure({ isBoom: true })).to.be.false();
        expect(isFailure(null)).to.be.false();
    });
});
