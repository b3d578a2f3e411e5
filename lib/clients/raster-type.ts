/** A picture made of dots. */
export type RasterType = 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';

/** How each begins (WHATWG MIME Sniffing §6.1). */
const beginnings: readonly (readonly [RasterType, (start: string) => boolean])[] = [
    ['image/png', (start) => start.startsWith('\x89PNG\r\n\x1a\n')],
    ['image/jpeg', (start) => start.startsWith('\xff\xd8\xff')],
    ['image/gif', (start) => /^GIF8[79]a/.test(start)],
    ['image/webp', (start) => /^RIFF[^]{4}WEBPVP/.test(start)]
];

/** What a picture is by its first octets, whatever its server calls it; `null` for what is none, such as an SVG or a page. */
export const rasterTypeOf = (body: Buffer): RasterType | null => {

    const start = body.toString('latin1', 0, 14);
    return beginnings.find(([, begins]) => begins(start))?.[0] ?? null;
};
