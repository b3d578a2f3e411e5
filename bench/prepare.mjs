// Sees to it that the library is there, built from this repository, before something is measured. It runs before every script of package.json.
//
// The library is taken from ../dist and not installed: a dependency on `file:..` would put the parent's development dependencies into this folder's
// lock file, and npm would refuse to install whenever they change. So the parent has a `npm ci` of its own, done here once where it is missing.

import { execSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const parent = fileURLToPath(new URL('..', import.meta.url));
const run = (command) => {

    console.log(`> ${command}, in the folder above`);
    execSync(command, { cwd: parent, stdio: ['ignore', 'inherit', 'inherit'] });
};

/** When something in a folder was last written; 0 where there is none. */
const newest = (folder) => (existsSync(folder)
    ? Math.max(0, ...readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => statSync(`${entry.parentPath ?? entry.path}/${entry.name}`).mtimeMs))
    : 0);

if (!existsSync(`${parent}node_modules/typescript/package.json`)) {
    run('npm ci --no-audit --no-fund');
}

if (!existsSync(`${parent}dist/index.js`) || newest(`${parent}lib`) > newest(`${parent}dist`)) {
    run('npm run build');
}
