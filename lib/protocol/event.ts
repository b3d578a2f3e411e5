/** What happens at the server, as the tags of its hapi events say it: `['oauth', 'issued']`. */
export type OAuth2EventName = 'issued' | 'reused' | 'revoked' | 'rotated';

/** Tells hapi that something happened. Data holds ids and words, never a secret, a code or a token. */
export type Report = (event: OAuth2EventName, data: Readonly<Record<string, unknown>>) => void;
