export type Members = Readonly<Record<string, unknown>>;

/** What is served at one path. */
export type OpenAPIPath = Readonly<Partial<Record<'get' | 'post' | 'put' | 'delete', Members>>>;

export const text: Members = { type: 'string' };
export const uri: Members = { type: 'string', format: 'uri' };
export const seconds: Members = { type: 'integer', description: 'Seconds' };

/** The scheme of a client that shows its secret in the header. */
export const clientScheme = 'OAuth2Client';

/** The scheme of the tokens with which clients register themselves and manage their registration. */
export const registrationScheme = 'OAuth2Registration';

/** What every operation of the server begins with. */
export const described = (summary: string, security: readonly Members[] = []): Members => ({ summary, tags: ['OAuth 2.0'], security });

export const json = (description: string, name: string): Members => ({ description, content: { 'application/json': { schema: schemaOf(name) } } });

export const page = (description: string): Members => ({ description, content: { 'text/html': { schema: text } } });

export const schemaOf = (name: string): Members => ({ $ref: `#/components/schemas/${name}` });

/** What every endpoint that programs call may answer. */
export const refusals: Members = {
    400: json('The request was refused', 'OAuth2Error'),
    401: json('The client was not authenticated', 'OAuth2Error'),
    429: json('Too many wrong attempts: see Retry-After', 'OAuth2Error'),
    503: json('Try again: see Retry-After', 'OAuth2Error')
};

/** What says in a form who its client is. */
export const ofClient: Members = {
    client_id: text,
    client_secret: { ...text, format: 'password' },
    client_assertion: { ...text, description: 'A JWT that the client signed (RFC 7523)' },
    client_assertion_type: { ...text, description: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' }
};

/** How clients authenticate: with HTTP Basic where they may, or as the form says. */
export const securityOfClients = (methods: readonly { readonly method: string }[]): readonly Members[] => {

    const names = new Set(methods.map(({ method }) => method));
    return names.has('client_secret_basic') ? [{ [clientScheme]: [] }, ...names.size > 1 ? [{}] : []] : [];
};

export const formBody = (properties: Members, required: readonly string[] = []): Members =>
    ({ required: true, content: { 'application/x-www-form-urlencoded': { schema: { type: 'object', ...required.length === 0 ? {} : { required }, properties } } } });

/** A form that a client posts, and the JSON it gets. */
export const clientOperation = (summary: string, clientAuthentication: readonly { readonly method: string }[], { properties, required, ok }: { readonly properties: Members; readonly required?: readonly string[]; readonly ok: Members }): Members => ({
    ...described(summary, securityOfClients(clientAuthentication)),
    requestBody: formBody({ ...properties, ...ofClient }, required),
    responses: { 200: ok, ...refusals }
});

export const parameter = (name: string, required: boolean, schema: Members = text): Members => ({ name, in: 'query', required, schema });

/** Something at each of some paths. */
export const at = <T>(paths: readonly (string | undefined)[], make: (path: string) => T): Readonly<Record<string, T>> => Object.fromEntries(unique(paths).map((path) => [path, make(path)]));

export const unique = (values: readonly (string | undefined)[]): readonly string[] => [...new Set(values.filter((value) => value !== undefined))];
