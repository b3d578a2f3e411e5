const shards = 256;

/** A map in many parts: one big `Map` stops everything for a tenth of a second whenever it grows to a million entries or shrinks from there. */
export class ShardedMap<V> {

    readonly #shards: (Map<string, V> | undefined)[] = Array.from({ length: shards });

    get size(): number {

        return this.#shards.reduce((sum, shard) => sum + (shard?.size ?? 0), 0);
    }

    get(key: string): V | undefined {

        return this.#shards[shardOf(key)]?.get(key);
    }

    set(key: string, value: V): void {

        const shard = this.#shards[shardOf(key)] ??= new Map<string, V>();
        shard.set(key, value);
    }

    delete(key: string): void {

        this.#shards[shardOf(key)]?.delete(key);
    }
}

/** By a key's end, where most differ. Who chooses keys to share a part has one big map, no more: the parts hash with a seed. */
const shardOf = (key: string): number => {

    let hash = key.length;
    for (let i = Math.max(0, key.length - 12); i < key.length; ++i) {
        hash = (hash * 31 + key.charCodeAt(i)) | 0;
    }

    return hash & (shards - 1);
};
