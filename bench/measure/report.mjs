// Tables in Markdown, and where results are kept.

import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

/** A table; all columns but the first are numbers. */
export const table = (head, rows) => [head, head.map((_, index) => (index === 0 ? '---' : '--:')), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

export const whole = (number) => Math.round(number).toLocaleString('en-US');

/** The machine and the runtime, as far as numbers depend on them. */
export const machine = () => `Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'})`;

/** Writes a file of `bench/results/`. */
export const keep = (name, text) => {

    const folder = new URL('../results/', import.meta.url);
    mkdirSync(folder, { recursive: true });
    writeFileSync(new URL(name, folder), text.endsWith('\n') ? text : `${text}\n`);
    console.log(`written: ${fileURLToPath(new URL(name, folder)).split('/').slice(-3).join('/')}`);
};
