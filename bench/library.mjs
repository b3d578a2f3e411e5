// The library, as it was built from this repository: prepare.mjs sees to it that it is there.

import { readFileSync } from 'node:fs';

export * from '../dist/index.js';

export const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
