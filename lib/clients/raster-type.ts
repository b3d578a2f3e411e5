/** A picture made of dots. */
export type RasterType = 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';

/** How each begins (WHATWG MIME Sniffing §6.1); a dot is any octet. */
const beginnings: readonly (readonly [RasterType, RegExp])[] = [
    ['image/png', /^\x89PNG\r\n\x1a\n/],
    ['image/jpeg', /^\xff\xd8\xff/],
    ['image/gif', /^GIF8[79]a/],
    ['image/webp', /^RIFF[^]{4}WEBPVP/]
];

/** What a picture is by its first octets, whatever its server calls it; `null` for what is none, such as an SVG or a page. */
export const rasterTypeOf = (body: Buffer): RasterType | null => {

    const start = body.toString('latin1', 0, 14);
    return beginnings.find(([, beginning]) => beginning.test(start))?.[0] ?? null;
};
