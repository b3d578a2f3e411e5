import { clientCredentials } from '../grant-types/client-credentials';
import type { AuthorizationServer } from './authorization-server';
import type { JoiningFlow } from './joining-flow';

/** The security requirements of OpenAPI: one of them has to be met, by a token with all of its scopes. */
export type SecurityRequirement = Readonly<Record<string, readonly string[]>>;

/** What the auth settings of a route ask for, in the words of OpenAPI; nothing for a route that is not protected by strategies of ours. */
export const securityOf = (auth: unknown, hub: Pick<AuthorizationServer, 'joined' | 'strategies' | 'resources'>): readonly SecurityRequirement[] => {

    const flows = [...new Set(texts(member(auth, 'strategies')).filter((strategy) => hub.strategies.has(strategy)).flatMap((strategy) => flowsOf(strategy, hub.joined())))];
    const rules = [member(auth, 'access') ?? [{}]].flat();
    const requirements = rules.flatMap((rule: unknown) => flows
        .filter((flow) => suits(flow, member(rule, 'entity')))
        .flatMap((flow) => scopesOf(member(rule, 'scope'))
            .filter((scopes) => knows(flow, hub.resources.scopes, scopes))
            .map((scopes): SecurityRequirement => ({ [flow.name]: hasScopes(flow) ? scopes : [] }))));
    const distinct = [...new Map(requirements.map((one) => [JSON.stringify(one), one])).values()];
    return distinct.length > 0 && member(auth, 'mode') !== 'required' ? [...distinct, {}] : distinct;
};

/** The strategy of a flow has its tokens; the hub's and those of resources have all. */
const flowsOf = (strategy: string, flows: readonly JoiningFlow[]): readonly JoiningFlow[] => {

    const own = flows.filter(({ name }) => name === strategy);
    return own.length > 0 ? own : flows;
};

/** Who comes with a client credentials token is a client; who comes with any other may be a user. */
const suits = ({ metadata: { grantTypes } }: JoiningFlow, entity: unknown): boolean =>
    (entity === 'user' ? grantTypes.some((type) => type !== clientCredentials.type) : entity !== 'app' || grantTypes.includes(clientCredentials.type));

/** hapi wants all that begin with `+` and one of the others; a scope that depends on the request cannot be said. */
const scopesOf = (scope: unknown): readonly (readonly string[])[] => {

    const of = (kind: string) => texts(member(scope, kind)).filter((name) => !name.includes('{'));
    const [selection, required] = [of('selection'), of('required')];
    return selection.length === 0 ? [required] : selection.map((name) => [...required, name]);
};

const knows = ({ metadata }: JoiningFlow, ofResources: readonly string[], scopes: readonly string[]): boolean => {

    const known = [...metadata.scopes, ...ofResources];
    return known.length === 0 || scopes.every((scope) => known.includes(scope));
};

/** A scheme of the type `http` has no scopes (OpenAPI 3.0 §4.7.30). */
const hasScopes = ({ metadata: { authorizationPath, grantTypes } }: JoiningFlow): boolean =>
    authorizationPath !== undefined || grantTypes.includes(clientCredentials.type) || grantTypes.includes('password');

const texts = (value: unknown): readonly string[] => [value].flat().filter((item) => typeof item === 'string');

const member = (value: unknown, name: string): unknown => (value instanceof Object ? Reflect.get(value, name) : undefined);
