import type { OutboundFetch } from './guarded-fetch';
import { rasterTypeOf, type RasterType } from './raster-type';

/** A client's logo, as this server serves it. */
export interface ClientLogo {
    readonly type: RasterType;
    readonly body: Buffer;
}

/** How long a logo is served before it is fetched again. */
const freshMs = 10 * 60_000;

/** How soon a place that had no logo is asked again: whoever opens pages must not have this server hammer it. */
const pauseMs = 60_000;

/** The largest logo in octets. */
const maxBytes = 256 * 1024;

/** How many places are remembered, and how many octets of what was there. */
const [mostPlaces, mostBytes] = [1000, 16 * 1024 * 1024];

interface KnownLogo {
    readonly found: Promise<ClientLogo | null>;
    /** Milliseconds since the epoch. */
    until: number;
    bytes: number;
}

/**
 * The logos of clients, fetched by this server: a browser that asked the client's host would tell it who is about to agree to what.
 *
 * Kept in this process by their URL. Only pictures made of dots: an SVG may hold a script.
 */
export class ClientLogos {

    readonly #fetch: OutboundFetch;
    readonly #clock: () => number;
    readonly #known = new Map<string, KnownLogo>();
    #bytes = 0;

    /** `clock` answers milliseconds since the epoch. */
    constructor({ fetch, clock }: { readonly fetch: OutboundFetch; readonly clock: () => number }) {

        this.#fetch = fetch;
        this.#clock = clock;
    }

    /** The logo at a URL; `null` if there is none that can be shown. Never rejects; the requests of one moment share one fetch. */
    async at(uri: string): Promise<ClientLogo | null> {

        const before = this.#known.get(uri);
        if (before !== undefined && this.#clock() < before.until) {
            return await before.found;
        }

        this.#forget(uri);
        const known: KnownLogo = { found: this.#read(uri), until: Infinity, bytes: 0 };
        this.#known.set(uri, known);
        const logo = await known.found;
        known.until = this.#clock() + (logo === null ? pauseMs : freshMs);
        if (this.#known.get(uri) === known) {
            known.bytes = logo?.body.length ?? 0;
            this.#bytes += known.bytes;
        }

        for (const oldest of this.#known.keys()) {
            if (this.#known.size <= mostPlaces && this.#bytes <= mostBytes) {
                break;
            }

            this.#forget(oldest);
        }

        return logo;
    }

    #forget(uri: string): void {

        this.#bytes -= this.#known.get(uri)?.bytes ?? 0;
        this.#known.delete(uri);
    }

    async #read(uri: string): Promise<ClientLogo | null> {

        try {
            const { status, body } = await this.#fetch(uri, { headers: { accept: 'image/png, image/jpeg, image/webp, image/gif' }, maxBytes });
            const type = rasterTypeOf(body);
            return status === 200 && type !== null && body.length <= maxBytes ? { type, body } : null;      // A fetch of the app's own may have read on
        }
        catch {
            return null;
        }
    }
}
