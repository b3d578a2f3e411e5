/** Freezes a value with all that is in it, and answers it: what is made once and given to many, nobody changes for the others. */
export const frozen = <T>(value: T): T => {

    if (typeof value === 'object' && value !== null) {
        Object.values(value).forEach(frozen);
        Object.freeze(value);
    }

    return value;
};
