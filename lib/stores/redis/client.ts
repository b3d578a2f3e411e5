import type { Script } from './scripts';

/** What is used of a client of `ioredis`, standalone, Sentinel or cluster. */
export interface IoredisClient {
    evalsha(sha1: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
    eval(source: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** What is used of a client of `redis` (node-redis), standalone, pool, Sentinel or cluster. */
export interface NodeRedisClient {
    evalSha(sha1: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
    eval(source: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** A client of either library. Both find the node of a script by its first key. */
export type RedisClient = IoredisClient | NodeRedisClient;

/** Runs one script in one round trip. */
export type RunScript = (script: Script, keys: readonly string[], parameters: readonly string[]) => Promise<unknown>;

interface Calls {
    readonly bySha: RunScript;
    readonly bySource: RunScript;
}

const callsOf = (client: RedisClient): Calls => {

    if ('evalSha' in client) {
        return {
            bySha: ({ sha1 }, keys, parameters) => client.evalSha(sha1, { keys: [...keys], arguments: [...parameters] }),
            bySource: ({ source }, keys, parameters) => client.eval(source, { keys: [...keys], arguments: [...parameters] })
        };
    }

    return {
        bySha: ({ sha1 }, keys, parameters) => client.evalsha(sha1, keys.length, ...keys, ...parameters),
        bySource: ({ source }, keys, parameters) => client.eval(source, keys.length, ...keys, ...parameters)
    };
};

/** Each library has its own class of error before these words. */
const isUnknownScript = (err: unknown): boolean => /^(\w+: )?NOSCRIPT /.test(String(err));

/** The answer, or a rejection when it takes longer: neither library has an option that bounds every wait, see docs/adr/0010-redis-clients.md. */
const within = async <T>(timeout: number, answer: Promise<T>): Promise<T> => {

    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {

        timer = setTimeout(() => reject(new Error(`Redis did not answer within ${timeout} ms`)), timeout);
    });

    try {
        return await Promise.race([answer, late]);
    }
    finally {
        clearTimeout(timer);
    }
};

/** Sends scripts by their digest, and once more as a whole where a node does not know one: a new one, a restarted one, a promoted replica. */
export const scriptRunner = (client: RedisClient, timeout: number): RunScript => {

    const { bySha, bySource } = callsOf(client);
    const run: RunScript = async (script, keys, parameters) => {

        try {
            return await bySha(script, keys, parameters);
        }
        catch (err) {
            if (!isUnknownScript(err)) {
                throw err;
            }

            return await bySource(script, keys, parameters);    // Nothing has run yet, so this is not a second time
        }
    };

    return (script, keys, parameters) => within(timeout, run(script, keys, parameters));
};
