import { hash } from 'node:crypto';

/** SHA-256 of a text: base64url, 43 characters. It tells nothing of a value with 256 bits of its own, and has one length whatever a stranger sends. */
export const sha256 = (text: string): string => hash('sha256', text, 'base64url');
