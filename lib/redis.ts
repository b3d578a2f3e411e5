export { RedisStore, type RedisStoreOptions } from './stores/redis/redis-store';
export type { IoredisClient, NodeRedisClient, RedisClient } from './stores/redis/client';
