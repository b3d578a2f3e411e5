import Joi from 'joi';

import { signingAlgorithms } from '../protocol/signing-algorithm';
import type { SigningKeyRecord } from './key-store';

const schema = Joi.object<SigningKeyRecord>({
    id: Joi.string().required(),
    kid: Joi.string().required(),
    purpose: Joi.valid('access_token', 'id_token').required(),
    alg: Joi.valid(...signingAlgorithms).required(),
    generation: Joi.number().integer().min(1).required(),
    signsFrom: Joi.number().required(),
    publicJwk: Joi.object({ d: Joi.forbidden(), k: Joi.forbidden() }).unknown().required(),
    privateJwk: Joi.object().unknown()
}).unknown().required();

/** A record that a store of somebody's own answered, once it is one: a key store that returns nonsense must not sign or verify. */
export const checkedRecord = (record: unknown): SigningKeyRecord => {

    const result = schema.validate(record, { convert: false });
    if (result.error !== undefined) {
        throw new Error(`The key store answered a record that is no signing key: ${result.error.details.map(({ path, type }) => `${path.join('.')} (${type})`).join(', ')}`);
    }

    return result.value;
};
