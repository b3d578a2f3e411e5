import { Form } from '../protocol/form';
import type { Interaction } from '../sessions/interaction';
import type { ProvenRequest } from './proven-request';

/** Reads an authorization request by the rules of its endpoint; `null` for one that is not acceptable any more. */
export type ReadWaitingRequest = (form: Form) => Promise<ProvenRequest | null>;

/** Reads what waits for its user outside the endpoint where it came in: on a page of the app. */
export class WaitingRequests {

    readonly #readers = new Map<string, ReadWaitingRequest>();

    /** Says how the requests of an authorization endpoint are read; `path` is its whole path. */
    add(path: string, read: ReadWaitingRequest): void {

        this.#readers.set(keyOf(path), read);
    }

    /** The authorization request that waits; `undefined` where something else does, such as the account page, and `null` for one that is not acceptable any more. */
    async read({ path, search }: Pick<Interaction, 'path' | 'search'>): Promise<ProvenRequest | null | undefined> {

        return await this.#readers.get(keyOf(path))?.(Form.fromSearch(search));
    }
}

/** hapi may route without regard to case, and an interaction has the path as the browser spelled it. */
const keyOf = (path: string): string => path.toLowerCase();
