import type { Page } from './store';

/** Every item of a listing, one page after the other: what is done with one is done before the next page is asked for. */
export async function* everyItem<T>(list: (cursor: string | null) => Promise<Page<T>>): AsyncGenerator<T, void, undefined> {

    let cursor: string | null = null;
    do {
        const page: Page<T> = await list(cursor);
        yield* page.items;
        ({ cursor } = page);
    } while (cursor !== null);
}
