import { ClientSecretBasic } from './client-secret-basic';
import { ClientSecretPost } from './client-secret-post';
import type { ClientAuthenticationMethod } from './method';
import { NoneAuthMethod } from './none';

/** The methods that have no settings, by their registered names. */
const methods = {
    client_secret_basic: () => new ClientSecretBasic(),
    client_secret_post: () => new ClientSecretPost(),
    none: () => new NoneAuthMethod()
} as const satisfies Record<string, () => ClientAuthenticationMethod>;

/** The registered name of a method that has no settings. @useDeclaredType */
export type PlainMethodName = keyof typeof methods;

/** A method by its registered name, or as it is; throws a TypeError for a name that needs settings or does not exist. */
export const methodOf = (method: ClientAuthenticationMethod | PlainMethodName): ClientAuthenticationMethod => {

    if (isMethod(method)) {
        return method;
    }

    if (typeof method !== 'string' || !Object.hasOwn(methods, method)) {
        throw new TypeError(`'${String(method)}' is no client authentication method without settings: give client_secret_basic, client_secret_post, none, or an object such as new PrivateKeyJwt()`);
    }

    return methods[method]();
};

const isMethod = (method: unknown): method is ClientAuthenticationMethod =>
    typeof method === 'object' && method !== null && 'method' in method && typeof method.method === 'string' && 'present' in method && typeof method.present === 'function';
