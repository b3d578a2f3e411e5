// A small SVG of lines, with logarithmic axes where growth spans powers of ten.

import { keep } from '../measure/report.mjs';

const [width, height, left, right, top, bottom] = [720, 400, 80, 170, 40, 50];
const colors = ['#1f6feb', '#d1242f', '#1a7f37', '#8250df', '#bf8700'];

const escaped = (text) => String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const short = (value) => (value >= 1e6 ? `${value / 1e6}M` : value >= 1e4 ? `${value / 1e3}k` : String(Number(value.toPrecision(3))));

/** Where values go on an axis, and where it has marks. */
const axis = (values, { log, from, to }) => {

    if (log) {
        const [low, high] = [Math.floor(Math.log10(Math.min(...values))), Math.ceil(Math.log10(Math.max(...values)))];
        const last = high === low ? low + 1 : high;
        return { at: (value) => from + (Math.log10(value) - low) / (last - low) * (to - from), marks: Array.from({ length: last - low + 1 }, (_, index) => 10 ** (low + index)) };
    }

    const most = Math.max(...values, 1e-9);
    const rough = 10 ** Math.floor(Math.log10(most));
    const step = [0.2, 0.5, 1, 2].map((part) => part * rough).find((part) => most / part <= 6) ?? 2 * rough;
    const end = Math.ceil(most / step) * step;
    return { at: (value) => from + value / end * (to - from), marks: Array.from({ length: Math.round(end / step) + 1 }, (_, index) => index * step) };
};

/** The plot of `series`, each `{ name, points: [[x, y], …] }`. */
export const svg = ({ title, x, y, series }) => {

    const all = series.flatMap(({ points }) => points);
    const across = axis(all.map(([value]) => value), { log: x.log, from: left, to: width - right });
    const up = axis(all.map(([, value]) => value), { log: y.log, from: height - bottom, to: top });
    const text = (at, on, content, more = '') => `<text x="${at.toFixed(1)}" y="${on.toFixed(1)}" ${more}>${escaped(content)}</text>`;
    const lines = [
        `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#24292f">`,
        `<rect width="${width}" height="${height}" fill="#fff"/>`,
        text(left, 22, title, 'font-size="15" font-weight="bold"'),
        ...across.marks.flatMap((mark) => [
            `<path d="M${across.at(mark).toFixed(1)} ${top}V${height - bottom}" stroke="#d0d7de"/>`,
            text(across.at(mark), height - bottom + 16, short(mark), 'text-anchor="middle"')
        ]),
        ...up.marks.flatMap((mark) => [
            `<path d="M${left} ${up.at(mark).toFixed(1)}H${width - right}" stroke="#d0d7de"/>`,
            text(left - 6, up.at(mark) + 4, short(mark), 'text-anchor="end"')
        ]),
        text((left + width - right) / 2, height - 12, x.label, 'text-anchor="middle"'),
        text(16, (top + height - bottom) / 2, y.label, `text-anchor="middle" transform="rotate(-90 16 ${(top + height - bottom) / 2})"`),
        ...series.flatMap(({ name, points }, index) => {

            const color = colors[index % colors.length];
            const path = points.map(([a, b]) => `${across.at(a).toFixed(1)} ${up.at(b).toFixed(1)}`);
            return [
                `<path d="M${path.join('L')}" fill="none" stroke="${color}" stroke-width="2"/>`,
                ...path.map((place) => `<circle cx="${place.split(' ')[0]}" cy="${place.split(' ')[1]}" r="3" fill="${color}"/>`),
                `<rect x="${width - right + 14}" y="${top + index * 20}" width="12" height="12" fill="${color}"/>`,
                text(width - right + 32, top + index * 20 + 10, name)
            ];
        }),
        '</svg>'
    ];
    return lines.join('\n');
};

/** Prints a growth's table and keeps it, with its plots, in `results/`. */
export const publish = (name, { markdown, plots }) => {

    console.log(`${markdown}\n`);
    keep(`growth-${name}.md`, markdown);
    for (const [index, plot] of plots.entries()) {
        keep(`growth-${name}${plots.length === 1 ? '' : `-${index + 1}`}.svg`, svg(plot));
    }
};
