import type { Issuer } from './proven-context';

/** An issuer that answers `null` for what is not due. */
export const issuer = <D, R>(serialise: (data: D) => Promise<R>): Issuer<D, R> => {

    async function issue(data: D): Promise<R>;
    async function issue(data: D | null): Promise<R | null>;
    async function issue(data: D | null): Promise<R | null> {

        return data === null ? null : await serialise(data);
    }

    return { issue };
};
