/** How a flow of the playground is described. A new one is a file in `flows/` and a line in `flows/index.ts`. */

/** Where the server is: whole URLs, as its metadata has them. */
export interface Place {
    readonly issuer: string;
    readonly origin: string;
    /** Where the playground is: on a server that others reach by plain http, somewhere else. */
    readonly pages: string;
    readonly token: string;
    readonly authorize: string;
    readonly device: string;
    readonly userinfo: string;
    readonly introspect: string;
    readonly revoke: string;
    readonly logout: string;
    readonly keys: string;
    /** Where the playground is sent back to after a sign-in. */
    readonly callback: string;
    /** Where it is sent back to after a sign-out. */
    readonly goodbye: string;
}

/** What a walk has kept, by name. */
export type Kept = Readonly<Record<string, string>>;

/** What a request is made of. `kept` throws for a name that is not there: say it in `needs`, and nobody gets that far. */
export interface State {
    readonly at: Place;
    readonly kept: (name: string) => string;
    readonly find: (name: string) => string | undefined;
}

/** A request, by a client or by the browser. */
export interface Call {
    readonly method: 'GET' | 'POST';
    readonly url: string;
    readonly headers?: Kept;
    /** Sent in the body; of a GET in the query. */
    readonly parameters?: Kept;
}

/** What came of a request. */
export interface Answer {
    readonly status: number;
    readonly headers: readonly (readonly [string, string])[];
    readonly body: string;
    /** Of the body if it is JSON, else of the address that the browser was sent back to. */
    readonly values: Readonly<Record<string, unknown>>;
}

/** What a request is answered with, and what that shows. */
export interface Outcome {
    /** Status, with the error code that the client reads: `400 invalid_grant`. A browser that comes back is a 303. */
    readonly answer: string;
    /** The reason in the server's log. */
    readonly reason?: string;
    /** The event that the server's log has of it. */
    readonly event?: string;
    /** The step that is done by this answer as well, if it is not the one that should come: what the answer leaves is kept, and nothing is sent once more. */
    readonly completes?: string;
    readonly means: string;
}

/** Something that the client looked at, and whether it was right. */
export interface Finding {
    readonly looksAt: string;
    readonly isRight: boolean;
}

interface Act {
    /** In addresses: no other act of the flow has it. */
    readonly id: string;
    readonly title: string;
    readonly says: string;
    /** On the button. */
    readonly does: string;
    /** Names that earlier acts have kept. */
    readonly needs?: readonly string[];
}

/** The client makes something by itself. */
export interface Making extends Act {
    readonly by: 'itself';
    readonly make: () => Kept;
}

/** A client, or the browser for it, sends a request. */
export interface Sending extends Act {
    readonly by: 'client' | 'browser';
    readonly request: (state: State) => Call;
    /** How many times at once; once when left out. */
    readonly times?: number;
    /** What the answer leaves for later acts. */
    readonly keep?: (answer: Answer) => Kept;
    /** What the client looks at before it believes the answer. */
    readonly check?: (answer: Answer, state: State) => readonly Finding[] | Promise<readonly Finding[]>;
    /** What the server promises; the first is what should happen. */
    readonly outcomes: readonly [Outcome, ...Outcome[]];
}

/** A person goes somewhere else with it, and does not come back by themselves. */
export interface Handing extends Act {
    readonly by: 'person';
    readonly address: (state: State) => string;
    /** What to type there. */
    readonly shows: string;
    /** The event that says that they have. */
    readonly doneBy: string;
}

export type Step = (Making | Sending | Handing) & {
    /** What the server, or the client, looks at, in order. */
    readonly checks?: readonly string[];
    /** What happens if it is done wrong. */
    readonly tampered?: readonly Sending[];
};

export interface Flow {
    readonly id: string;
    readonly title: string;
    /** In one sentence, for the list. */
    readonly summary: string;
    readonly intro: string;
    /** Who acts, for the list. */
    readonly who: string;
    readonly specs: readonly { readonly name: string; readonly url: string }[];
    readonly steps: readonly [Step, ...Step[]];
}

/** Something of a JSON answer that is a text. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Those of an answer's values that are texts, under names of the walk: `{ access_token: 'token' }` keeps `access_token` as `token`. */
export const keeping = (names: Kept) => ({ values }: Answer): Kept =>
    Object.fromEntries(Object.entries(names).flatMap(([from, to]) => (typeof values[from] === 'string' ? [[to, values[from]]] : [])));

/** Credentials of a client in a header (RFC 6749 §2.3.1). */
export const basic = ({ id, secret }: { readonly id: string; readonly secret: string }): Kept =>
    ({ authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}` });

/** A token in a header (RFC 6750 §2.1). */
export const bearer = (token: string): Kept => ({ authorization: `Bearer ${token}` });

/** A signed token with one letter of its signature changed. */
export const altered = (token: string): string => `${token.slice(0, -8)}${token.at(-8) === 'A' ? 'B' : 'A'}${token.slice(-7)}`;
