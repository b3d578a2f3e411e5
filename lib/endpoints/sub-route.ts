import type { EndpointOptions } from './options';
import type { RoutePath } from './place';

/** Throws unless a setter may still be called. */
export type Guard = (setter: string) => void;

/** What the settings of every route have. */
export abstract class SubRoute {

    readonly #guard: Guard;
    #path: RoutePath | undefined;
    #options: EndpointOptions = {};

    /** @internal */
    constructor(guard: Guard) {

        this.#guard = guard;
    }

    /** @internal */
    get path(): RoutePath | undefined {

        return this.#path;
    }

    /** @internal */
    get options(): EndpointOptions {

        return this.#options;
    }

    /** The path of the route, before any prefix of the plugin. */
    setPath(path: RoutePath): this {

        this.guard('setPath');
        this.#path = path;
        return this;
    }

    /** hapi's route options that are the app's to set. */
    setOptions(options: EndpointOptions): this {

        this.guard('setOptions');
        this.#options = options;
        return this;
    }

    /** @internal */
    protected guard(setter: string): void {

        this.#guard(setter);
    }
}
