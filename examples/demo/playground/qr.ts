import { encode } from 'uqr';

import { html, type Html } from './html';

/** A QR code as SVG, dark on light with its quiet zone whatever the colours of the page are. */
export const qrCode = (text: string, label: string): Html => {

    const { size, data } = encode(text, { ecc: 'M', border: 4 });
    const path = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
    return html`<svg class="qr" role="img" aria-label="${label}" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><rect width="${size}" height="${size}" fill="#fff"/><path d="${path}" fill="#000"/></svg>`;
};
