import type { FlowMetadata } from '../endpoints/metadata';
import type { Place } from '../endpoints/place';
import type { KeyPurpose } from '../keys/key-store';
import type { AccessTokenFormat } from '../protocol/resources';
import type { TokenIssuingFlow } from '../tokens/check';
import type { SharedSettings } from './settings';

/** A flow as it joins its server. */
export interface JoiningFlow {
    readonly name: string;
    /** The flow's own words for the shared settings. */
    readonly settings: SharedSettings;
    readonly tokens: TokenIssuingFlow;
    /** What its access tokens are, where nobody says otherwise: how many seconds they live, and how they are made. */
    readonly accessToken: { readonly ttl: number; readonly alg: string; readonly format: AccessTokenFormat };
    readonly metadata: FlowMetadata;
    /** Where its own routes will be. */
    readonly places: readonly Place[];
    readonly description: string | undefined;
    /** What its scopes allow, in words. */
    readonly scopeTexts: Readonly<Record<string, string>>;
    /** The longest life of a token the flow signs, in seconds. */
    readonly longestLifetime: number;
    readonly keys: readonly { readonly purpose: KeyPurpose; readonly alg: string }[];
}
