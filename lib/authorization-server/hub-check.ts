import { isLoopbackIssuer, issuerProblem } from '../protocol/issuer';

/** What the hub was told, before anybody has looked whether it can be meant. */
export interface HubSettings {
    readonly issuer: string | undefined;
    readonly clock: () => number;
    readonly cors: unknown;
    readonly requirePkce: string;
    readonly revocationWindow: unknown;
    readonly allowDevelopmentDefaults: boolean;
}

/** Throws a sentence that says what to change if the hub was told something that cannot be meant. */
export const checkHub = ({ issuer: given, clock, cors, requirePkce, revocationWindow, allowDevelopmentDefaults }: HubSettings): void => {

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

    if (revocationWindow !== false && !(typeof revocationWindow === 'number' && revocationWindow >= 0 && revocationWindow <= 3600)) {
        throw new Error('setRevocationWindow() takes 0 to 3600 seconds, or false to never ask the store about a signed token');
    }

    if (typeof cors !== 'boolean' && !(Array.isArray(cors) && cors.length > 0 && cors.every((origin) => typeof origin === 'string'))) {
        throw new Error('setCors() takes false for no origin, or a list of origins such as [\'https://app.example.com\']');
    }
};
