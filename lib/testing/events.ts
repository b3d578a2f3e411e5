import type { Server } from '@hapi/hapi';

/** Data of an event about one client's grant. */
export interface GrantEvent {
    readonly grant_id: string;
    readonly client_id: string;
    /** The user; `null` where the client acts for itself. */
    readonly subject: string | null;
}

/** What the events of the server say, by their kinds: see `docs/events.md`. */
export interface EventData {
    readonly issued: GrantEvent & { readonly scope: string; readonly issued: readonly string[]; readonly grant_type?: string; readonly exchange_id?: string };
    readonly rotated:
        | GrantEvent & { readonly what: 'refresh_token' }
        | { readonly what: 'signing_key'; readonly step: 'published' | 'replaced'; readonly kid: string; readonly purpose: string; readonly alg: string; readonly signs_from: number };
    readonly refused: { readonly reason: string; readonly error: string; readonly client_id?: string | undefined; readonly reference?: string };
    readonly reused: GrantEvent & { readonly what: 'authorization_code' | 'refresh_token' };
    readonly revoked: { readonly what: 'access_token' | 'refresh_token' | 'grant'; readonly grant_id: string; readonly client_id?: string; readonly exchange_id?: string };
    readonly signed_out: { readonly subjects: readonly string[]; readonly session_id: string | null; readonly clients: readonly string[]; readonly revoked: number };
    readonly logout_undelivered: { readonly client_id: string; readonly reason: string; readonly tries: number; readonly status: number | null };
    readonly claims: { readonly unusable: readonly string[]; readonly client_id: string };
    readonly registered: { readonly what: 'created' | 'changed' | 'deleted'; readonly client_id: string };
    readonly error: Error;
    readonly keys: Error;
    readonly development: string;
    readonly password: string;
    readonly consent: string;
    readonly client: string;
}

/** What kinds of events there are: the tag after `oauth`. */
export type EventKind = keyof EventData;

/** An event as it came. */
export interface CollectedEvent {
    /** The tag after `oauth`. */
    readonly kind: string;
    readonly data: unknown;
}

/** The events of a server since it was asked to collect them. A look at them waits for nothing: hapi emits an event at once. */
export interface CollectedEvents {
    /** All of them, in the order in which they came. */
    readonly all: readonly CollectedEvent[];
    /** The data of those of one kind. */
    of<K extends EventKind>(kind: K): readonly EventData[K][];
    /** Forgets those that came so far. */
    clear(): void;
}

/** Collects what the authorization server in a hapi server logs from now on. */
export const collectEvents = (server: Server): CollectedEvents => {

    const all: CollectedEvent[] = [];
    const note = ({ tags: [first, kind], data, error }: { readonly tags: readonly string[]; readonly data?: unknown; readonly error?: unknown }): void => {

        if (first === 'oauth' && kind !== undefined) {
            all.push({ kind, data: data ?? error });
        }
    };

    server.events.on({ name: 'request', channels: 'app' }, (_request, event) => note(event));
    server.events.on('log', note);
    return {
        all,
        of: (kind) => all.flatMap((event) => (isOf(event, kind) ? [event.data] : [])),
        clear: () => {

            all.splice(0);
        }
    };
};

/** What the kinds have for sure: the app may log under the same tags, and its events are not ours. */
const members: Readonly<Record<EventKind, readonly string[] | 'text' | 'error'>> = {
    issued: ['client_id', 'grant_id', 'scope', 'issued'],
    rotated: ['what'],
    refused: ['error'],
    reused: ['what', 'grant_id', 'client_id'],
    revoked: ['what', 'grant_id'],
    signed_out: ['subjects', 'session_id', 'clients', 'revoked'],
    logout_undelivered: ['client_id', 'reason', 'tries'],
    claims: ['unusable', 'client_id'],
    registered: ['what', 'client_id'],
    error: 'error',
    keys: 'error',
    development: 'text',
    password: 'text',
    consent: 'text',
    client: 'text'
};

const isOf = <K extends EventKind>(event: CollectedEvent, kind: K): event is CollectedEvent & { readonly kind: K; readonly data: EventData[K] } => {

    const needed = members[kind];
    if (event.kind !== kind || typeof needed === 'string') {
        return event.kind === kind && (needed === 'text' ? typeof event.data === 'string' : event.data instanceof Error);
    }

    const { data } = event;
    return data instanceof Object && needed.every((name) => Object.hasOwn(data, name));
};
