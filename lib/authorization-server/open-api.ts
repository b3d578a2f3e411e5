import { openApiOf, type OpenAPIDescription } from '../endpoints/open-api';
import type { OpenAPIOptions } from '../endpoints/open-api-schemes';
import type { AuthorizationServer } from './authorization-server';
import type { JoiningFlow } from './joining-flow';
import { SharedSetters } from './shared-setters';

/** What flows of a server, and what the server has for them, are in OpenAPI 3. */
export const describeFlows = (shared: Pick<AuthorizationServer, 'resources' | 'metadata'>, flows: readonly JoiningFlow[], options?: OpenAPIOptions): OpenAPIDescription =>
    openApiOf(flows.map(({ metadata, description, scopeTexts, tokens: { tokenType, keepsGrants } }) => ({
        ...metadata, description, keepsGrants,
        tokenTypeName: tokenType.name,
        scopeTexts: Object.fromEntries([...new Set([...metadata.scopes, ...shared.resources.scopes])].map((scope) => [scope, scopeTexts[scope] ?? shared.resources.descriptionOf(scope) ?? '']))
    })), shared.metadata(), options);

/** What says in words and for machines what it is. */
export abstract class Described extends SharedSetters {

    #description: string | undefined;
    #described: ((options: OpenAPIOptions) => OpenAPIDescription) | undefined;

    /** What `setDescription()` said. */
    get description(): string | undefined {

        return this.#description;
    }

    /** Says in words what the flow is for: for documentation. */
    setDescription(description: string): this {

        this.guard('setDescription');
        this.#description = description;
        return this;
    }

    /**
     * The flow in OpenAPI 3: its endpoints and those that its server has for it, and the security scheme of its tokens under the name of its strategy, to be
     * merged into the document of the app. Throws until the flow is registered, since its paths and the issuer are not known before.
     */
    toOpenAPI(options: OpenAPIOptions = {}): OpenAPIDescription {

        if (this.#described === undefined) {
            throw new Error('toOpenAPI() needs to know where the flow is served: call it once the flow is registered');
        }

        return this.#described(options);
    }

    /** @internal The flow is served now. */
    protected describe(shared: AuthorizationServer, flow: JoiningFlow): void {

        this.#described = (options) => describeFlows(shared, [flow], options);
    }
}
