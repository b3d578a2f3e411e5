import type { Outbound } from '../clients/guarded-fetch';
import type { ClientRegistry } from '../clients/registry';
import type { CorsSetting } from '../endpoints/options';
import type { Pages } from '../endpoints/pages';
import type { RateLimitsOptions } from '../endpoints/rate-limit';
import type { Resources } from '../protocol/resources';
import type { Secrets } from '../protocol/secrets';
import type { SessionLife } from '../sessions/session';
import type { Store } from '../stores/store';
import type { OnTokens } from './on-tokens';
import type { SharedSettings } from './settings';
import type { TokenManagement } from './token-management';

/** What strategies take for granted from one request to the next. */
export interface TrustedByStrategies {
    /** How long a grant is believed to live, in milliseconds; `null`: the store is not asked. */
    readonly windowMs: number | null;
    /** How many verified tokens are remembered. */
    readonly mostVerified: number;
}

/** What the hub was told. */
export interface AuthorizationServerOptions {
    readonly issuer: string | undefined;
    /** Milliseconds since the epoch. */
    readonly clock: () => number;
    readonly cors: CorsSetting;
    /** Whether an authorization request without PKCE may reach a handler. */
    readonly requirePkce: boolean;
    readonly allowDevelopmentDefaults: boolean;
    readonly store: Store | undefined;
    readonly secrets: Secrets | undefined;
    /** The clients the server knows; `null` where the project keeps them. */
    readonly clients: ClientRegistry | null;
    readonly resources: Resources;
    /** The way to the servers of clients. */
    readonly outbound: Outbound;
    readonly onTokens: OnTokens | undefined;
    readonly management: TokenManagement;
    readonly sessionLife: SessionLife;
    readonly pages: Pages;
    readonly limits: Pick<RateLimitsOptions, 'setting' | 'proxies'>;
    readonly trusted: TrustedByStrategies;
    readonly settings: SharedSettings;
}
