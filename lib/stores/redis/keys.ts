import { createHash } from 'node:crypto';

import type { GrantIndex, TokenAddress } from '../store';

const plain = /^[A-Za-z0-9_-]{1,64}$/;
const digest = (text: string): Buffer => createHash('sha256').update(JSON.stringify(text)).digest();   // As JSON: UTF-8 has one form for all lone surrogates

/**
 * The name of a kind, key or id inside a Redis key: itself where it is short and harmless, else its digest. So nothing that a client sends
 * can end a hash tag, look like a pattern or grow a key, and no two names meet: `~` is in no harmless one.
 */
export const nameOf = (text: string): string => plain.test(text) ? text : `~${digest(text).toString('base64url')}`;

/** A listing: its members in order, and by when they may be forgotten. */
export interface ListingKeys {
    readonly members: string;
    readonly expiries: string;
}

const shards = 16;

const shardOf = (name: string): number => digest(name).readUInt8() % shards;

/**
 * The names of all Redis keys.
 *
 * What one script touches has one hash tag, so that it is in one slot of a cluster: a grant and its tokens have the grant's id, the plain
 * records of a kind are spread over 16 tags, each with the listing of its records, and everything else has a tag of its own.
 */
export class Keys {

    readonly #prefix: string;

    constructor(prefix: string) {

        if (!/^[A-Za-z0-9:._/-]{0,64}$/.test(prefix)) {
            throw new TypeError('The prefix of a RedisStore has up to 64 letters, digits and ":._/-": braces would change the slots of its keys');
        }

        this.#prefix = prefix;
    }

    record(kind: string, name: string): string {

        return `${this.#recordShard(kind, shardOf(name))}:${name}`;
    }

    /** Where the record of this name is listed. */
    recordListing(kind: string, name: string): ListingKeys {

        return this.#listing(this.#recordShard(kind, shardOf(name)));
    }

    recordListings(kind: string): ListingKeys[] {

        return Array.from({ length: shards }, (_, shard) => this.#listing(this.#recordShard(kind, shard)));
    }

    grant(name: string): string {

        return `${this.#prefix}g:{${name}}`;
    }

    token({ kind, grantId, key }: TokenAddress): string {

        return `${this.grant(nameOf(grantId))}:${nameOf(kind)}:${nameOf(key)}`;
    }

    /** Where the grant of this name is listed. */
    grantListing(index: GrantIndex, value: string, name: string): ListingKeys {

        return this.#listing(this.#grantShard(index, value, index === 'clientId' ? shardOf(name) : 0));
    }

    /** A client has many more grants than a user or a session. */
    grantListings(index: GrantIndex, value: string): ListingKeys[] {

        return Array.from({ length: index === 'clientId' ? shards : 1 }, (_, shard) => this.#listing(this.#grantShard(index, value, shard)));
    }

    counter(key: string): string {

        return `${this.#prefix}c:{${nameOf(key)}}`;
    }

    lease(name: string): string {

        return `${this.#prefix}l:{${nameOf(name)}}`;
    }

    #recordShard(kind: string, shard: number): string {

        return `${this.#prefix}r:{${nameOf(kind)}:${shard}}`;
    }

    #grantShard(index: GrantIndex, value: string, shard: number): string {

        return `${this.#prefix}i:{${index}:${nameOf(value)}:${shard}}`;
    }

    #listing(base: string): ListingKeys {

        return { members: `${base}::members`, expiries: `${base}::expiries` };     // Two colons: no record is called so
    }
}
