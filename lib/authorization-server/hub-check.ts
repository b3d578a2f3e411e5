import { isLoopbackIssuer, issuerProblem } from '../protocol/issuer';
import type { SessionLife } from '../sessions/session';

/** What the hub was told, before anybody has looked whether it can be meant. */
export interface HubSettings {
    readonly issuer: string | undefined;
    readonly clock: () => number;
    readonly cors: unknown;
    readonly requirePkce: string;
    readonly sessionLife: SessionLife;
    readonly allowDevelopmentDefaults: boolean;
    readonly store: unknown;
}

/** Throws a sentence that says what to change if the hub was told something that cannot be meant. */
export const checkHub = ({ issuer: given, clock, cors, requirePkce, sessionLife: { idle, absolute }, allowDevelopmentDefaults, store }: HubSettings): void => {

    if (store !== undefined && !isStore(store)) {
        throw new Error('setStore() takes a store, such as new MemoryStore({ clock: Date.now }) or new SqlStore(pool, { clock: Date.now }), and not a promise or the client of a database');
    }

    if (!['all', 'public'].includes(requirePkce)) {
        throw new Error(`requirePkce('${String(requirePkce)}'): the clients are 'all' or 'public'`);
    }

    if (typeof clock !== 'function') {
        throw new Error('setClock() takes a function that answers milliseconds since the epoch, like Date.now');
    }

    const issuer = given ?? 'http://localhost';
    const problem = issuerProblem(issuer);
    if (problem !== undefined) {
        throw new Error(`setIssuer('${issuer}'): the issuer ${problem}. Give the URL that clients know the server by`);
    }

    if (issuer.startsWith('http:') && !isLoopbackIssuer(issuer) && !allowDevelopmentDefaults) {
        throw new Error(`setIssuer('${issuer}'): an issuer that is not this machine must be https. Put TLS in front of it, or call allowDevelopmentDefaults()`);
    }

    if (!(clock() >= 1e11)) {
        throw new Error('setClock() takes a function that answers milliseconds since the epoch, like Date.now; this one answers seconds');
    }

    if (![idle, absolute].every((seconds) => Number.isSafeInteger(seconds) && seconds > 0 && seconds <= 31_536_000) || idle > absolute) {
        throw new Error('setSessionTTL() takes { idle, absolute } in whole seconds, at most a year, of which idle is not the longer one');
    }

    if (typeof cors !== 'boolean' && !(Array.isArray(cors) && cors.length > 0 && cors.every((origin) => typeof origin === 'string'))) {
        throw new Error('setCors() takes false for no origin, or a list of origins such as [\'https://app.example.com\']');
    }
};

const isStore = (store: unknown): boolean => typeof store === 'object' && store !== null && typeof Reflect.get(store, 'openGrant') === 'function';         // Not `in`: a store may be a Proxy
