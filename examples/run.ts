import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** `npm run example -- spa` starts `examples/spa/main.ts`: each folder that has one is an example. */
const names = readdirSync(__dirname).filter((name) => existsSync(join(__dirname, name, 'main.js')));
const [, , name = ''] = process.argv;

if (names.includes(name)) {
    void import(`./${name}/main.js`);
}
else {
    console.error(`${name === '' ? 'Say which example to start' : `There is no example '${name}'`}: npm run example -- ${names.join(' | ')}`);
    process.exitCode = 1;
}
