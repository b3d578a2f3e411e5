import type { Client } from '../clients/client';
import type { Form } from '../protocol/form';
import { requestedResources, type Target } from '../protocol/resources';
import { allowedScope, type ScopeRules } from '../protocol/scope';
import type { FlowRuntime } from './runtime';

/** What a client may get of what it asks for, before anything was granted; throws `invalid_scope` and `invalid_target`. */
export const wantedTarget = (runtime: FlowRuntime, client: Client, form: Form, { dropUnknown = false, offline = false }: Partial<Pick<ScopeRules, 'dropUnknown' | 'offline'>> = {}): Target => {

    const { shared } = runtime;
    const scopes = allowedScope(form.get('scope'), { known: runtime.knownScopes, registered: client.metadata.scope, dropUnknown, offline });
    return shared.resources.target(requestedResources(form), scopes, shared.issuer());
};
