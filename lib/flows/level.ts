/** The two handlers of a route: at level 1 the project proves, at level 2 the framework has proven. */
export interface Handlers<G, I> {
    readonly generate: G | undefined;
    readonly issue: I | undefined;
}

/** The names of a route's setters, for a sentence. */
export interface HandlerNames {
    readonly owner: string;
    readonly route: 'tokenRoute' | 'refreshTokenRoute' | 'authorizationRoute';
    readonly generate: 'generateToken' | 'generateCode';
    readonly issue: 'issueTokens' | 'issueCode';
}

/** The level-1 handler of a route; throws a sentence if there is none, or one of a level that this server cannot serve. */
export const level1 = <G, I>({ generate, issue }: Handlers<G, I>, names: HandlerNames): G => {

    const call = `${names.route}((route) => route.${names.generate}(...))`;
    if (generate !== undefined && issue !== undefined) {
        throw new Error(`${names.owner} has both ${names.generate}() and ${names.issue}() in ${names.route}(): either your handler proves or the framework does, so keep one of them`);
    }

    if (issue !== undefined) {
        throw new Error(`${names.owner} has ${names.issue}() in ${names.route}(), which runs after the framework has proven client and grant and needs registered clients and a store of grants. This server has neither: verify them yourself in ${call}`);
    }

    if (generate !== undefined && typeof generate !== 'function') {
        throw new Error(`${names.owner} has a ${names.generate}() in ${names.route}() that is no function: call ${call}`);
    }

    if (generate === undefined) {
        throw new Error(`${names.owner} has no handler for its ${names.route}(), and nothing can be issued without one where no clients are registered: put the AuthorizationServerBuilder with setClients() first in server.register([...]), or call ${call}`);
    }

    return generate;
};

/** The handlers of one route, and how to speak of them. */
export interface RouteHandlers extends Handlers<unknown, unknown> {
    readonly names: HandlerNames;
}

/**
 * The level of a flow: 1 if a handler proves, 2 if the framework does, which it can where clients are registered. Throws a sentence for a
 * flow that mixes both: what one route proves another could not redeem.
 */
export const levelOf = (routes: readonly RouteHandlers[], hasClients: boolean): 1 | 2 => {

    const proving = routes.find(({ generate }) => generate !== undefined);
    if (!hasClients || proving === undefined) {
        return hasClients ? 2 : 1;
    }

    const other = routes.find(({ generate }) => generate === undefined);
    if (other !== undefined) {
        const { owner, route, generate, issue } = other.names;
        throw new Error(`${owner} has ${proving.names.generate}() in ${proving.names.route}(), so its handlers prove, but ${other.issue === undefined ? 'no handler' : `${issue}()`} in ${route}(): call ${route}((route) => route.${generate}(...)), or leave out every ${proving.names.generate}() so that the framework proves`);
    }

    return 1;
};
