import type { RotationPolicy } from '../keys/rotation';
import type { JoiningFlow } from './joining-flow';
import { defaultIntervalMs, type SharedSettings } from './settings';

/** When the keys of a server rotate, by what it and its flows were told: a replaced key is kept as long as the longest of their tokens lives. */
export const rotationOf = ({ setJwksRotatorOptions: options = {}, setPublicKeyExpiry: expiry }: SharedSettings, flows: readonly Pick<JoiningFlow, 'longestLifetime'>[]): RotationPolicy => {

    const { intervalMs = defaultIntervalMs, leadMs = Math.min(600_000, Math.floor(intervalMs / 2)) } = options;
    const longest = Math.max(0, ...flows.map(({ longestLifetime }) => longestLifetime));
    return { intervalMs, leadMs, retentionMs: (expiry ?? longest) * 1000 };
};
