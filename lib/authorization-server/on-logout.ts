import type { Request, ResponseToolkit } from '@hapi/hapi';

/** Called once users of a browser have signed out: `subjects` were signed in there. What it answers is not used. */
export type OnLogout = (signedOut: { readonly subjects: readonly string[] }, request: Request, h: ResponseToolkit) => unknown;
