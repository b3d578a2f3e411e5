/**
 * What is known of a client, under the names registered for it (RFC 7591 §2).
 *
 * `undefined` is allowed everywhere, so that `process.env.X` fits; members of your own are added by module augmentation.
 */
export interface ClientMetadata {
    readonly client_id: string;
    readonly client_secret?: string | undefined;
    readonly client_name?: string | undefined;
    readonly redirect_uris?: readonly string[] | undefined;
    readonly grant_types?: readonly string[] | undefined;
    readonly token_endpoint_auth_method?: 'client_secret_basic' | 'client_secret_post' | 'client_secret_jwt' | 'private_key_jwt' | 'none' | undefined;
    readonly scope?: string | undefined;
}

/** A client that the framework authenticated: only the framework makes one. */
export interface Client {
    readonly id: string;
    readonly metadata: ClientMetadata;
}
