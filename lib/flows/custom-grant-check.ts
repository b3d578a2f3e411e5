import { isConfidential, mayUse } from '../clients/record';
import type { ClientRegistry } from '../clients/registry';

/** Grant types that have a builder of their own, or that must not come back (RFC 9700 §2.1.2). */
const ownGrantTypes: Readonly<Record<string, string>> = {
    'authorization_code': 'is what OAuth2AuthorizationCodeBuilder and OIDCAuthorizationCodeBuilder serve',
    'refresh_token': 'comes with every flow that has refresh tokens: see refreshTokenRoute()',
    'client_credentials': 'is what OAuth2ClientCredentialsBuilder serves',
    'password': 'is what OAuth2PasswordBuilder serves',
    'urn:ietf:params:oauth:grant-type:device_code': 'is what OAuth2DeviceAuthorizationBuilder serves',
    'urn:ietf:params:oauth:grant-type:token-exchange': 'is token exchange (RFC 8693), which needs checks that a custom grant type does not have',
    'implicit': 'has no token request, and gives tokens away in URLs (RFC 9700 §2.1.2): use OAuth2AuthorizationCodeBuilder'
};

/** Parameters that every token request may have, and that the framework reads itself. */
const ownParameters = ['grant_type', 'client_id', 'client_secret', 'client_assertion', 'client_assertion_type', 'scope', 'resource', 'audience'];

/** What a custom grant type was set up as. */
export interface CustomGrantSetup {
    readonly type: string;
    readonly parameters: readonly unknown[];
    readonly policy: unknown;
    /** Whether its own handler proves, or the framework. */
    readonly level: 1 | 2;
    readonly clients: ClientRegistry | null;
    /** The client authentication methods that were added. */
    readonly methods: readonly { readonly method: string }[];
}

/** What is wrong with a custom grant type, as the end of a sentence that begins with its flow; `undefined` for one that can be served. */
export const customGrantProblem = ({ type, parameters, policy, level, clients, methods }: CustomGrantSetup): string | undefined =>
    typeProblem(type) ?? parameters.map((name, index) => parameterProblem(name, parameters.indexOf(name) < index)).find((problem) => problem !== undefined) ?? policyProblem(policy, level) ?? (level === 2 ? clientProblem(type, clients, methods) : undefined);

const typeProblem = (type: unknown): string | undefined => {

    const own = typeof type === 'string' && Object.hasOwn(ownGrantTypes, type.toLowerCase()) ? ownGrantTypes[type.toLowerCase()] : undefined;
    if (own !== undefined) {
        return `cannot serve the grant_type '${String(type)}', which ${own}`;
    }

    return typeof type === 'string' && /^[a-z][a-z\d+.-]*:(?:(?!["#<>\\^`{|}])[!-~])+$/i.test(type) && URL.canParse(type) ? undefined :
        `cannot serve the grant_type '${String(type)}': one of your own is an absolute URI (RFC 6749 §4.5), such as OAuth2CustomGrantBuilder.create('urn:example:grant-type:magic-link')`;
};

const parameterProblem = (name: unknown, isTwice: boolean): string | undefined => {

    if (typeof name !== 'string' || !/^[\w.-]+$/.test(name)) {
        return `declares the parameter '${String(name)}', which is no parameter name (RFC 6749 §8.2): setParameters() takes lists of names of letters, digits, '-', '.' and '_'`;
    }

    if (ownParameters.includes(name)) {
        return `declares the parameter '${name}', which the framework reads itself: leave it out of setParameters()`;
    }

    return isTwice ? `declares the parameter '${name}' twice: name it once in setParameters()` : undefined;
};

const policyProblem = (policy: unknown, level: 1 | 2): string | undefined => {

    if (level === 2 && typeof policy !== 'function') {
        return 'has no policy, and nobody else can say who is granted what: call setPolicy(async ({ client, parameters, scopes }) => ({ subject }))';
    }

    return level === 1 && policy !== undefined ? 'has a policy, which is asked where the framework proves the client: call setClients() on the AuthorizationServerBuilder and leave out generateToken(), or leave out setPolicy()' : undefined;
};

/** Whoever calls itself by a public client's name would be asked about by the policy as that client. */
const clientProblem = (type: string, clients: CustomGrantSetup['clients'], methods: CustomGrantSetup['methods']): string | undefined => {

    if (methods.some(({ method }) => method === 'none')) {
        return `accepts the client authentication method 'none', but '${type}' is for clients that prove who they are: remove NoneAuthMethod`;
    }

    const open = clients?.records?.find((metadata) => mayUse({ metadata }, type) && !isConfidential({ metadata }));
    return open && `serves '${type}', for which a client has to prove who it is, but the client '${open.client_id}' is registered for it and for token_endpoint_auth_method 'none': register another method`;
};
