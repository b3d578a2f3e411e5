import { decodeProtectedHeader } from 'jose';

/** How many are remembered, and of how many letters: each token that a server signed has one of a few. */
const most = 100;
const longest = 512;

/** The protected headers that tokens of a server have, so that each is read once: what it says is a `kid`, and nothing else of it is believed. */
export class KnownHeaders {

    readonly #kids = new Map<string, string>();

    /** The `kid` that a JWS of this `typ` names, unverified; `null` for any other text. */
    kidOf(token: string, typ: string): string | null {

        return this.#kids.get(nameOf(token, typ)) ?? kidIn(token, typ);
    }

    /** Remembers the header of a token that the key of this name has signed: nobody else writes here. */
    remember(token: string, typ: string, kid: string): void {

        const name = nameOf(token, typ);
        if (name.length > longest || this.#kids.has(name)) {
            return;
        }

        if (this.#kids.size >= most) {
            this.#kids.clear();
        }

        this.#kids.set(Buffer.from(name).toString(), kid);          // A copy: the name is a part of the token, and would keep all of it
    }
}

const nameOf = (token: string, typ: string): string => `${typ}.${token.slice(0, Math.max(0, token.indexOf('.')))}`;

const kidIn = (token: string, typ: string): string | null => {

    try {
        const header = decodeProtectedHeader(token);
        return header.typ?.toLowerCase() === typ.toLowerCase() && typeof header.kid === 'string' ? header.kid : null;
    }
    catch {
        return null;
    }
};
