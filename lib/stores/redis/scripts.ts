import { createHash } from 'node:crypto';

/** A Lua script. Keys and values reach it as KEYS and ARGV only, never as a part of its source. */
export interface Script {
    readonly source: string;
    readonly sha1: string;
}

const script = (...parts: readonly string[]): Script => {

    const source = parts.join('\n');
    return { source, sha1: createHash('sha1').update(source).digest('hex') };
};

// Times are compared as numbers and stored as the strings they came as, since Lua prints 14 digits of a number. Values are JSON that no script
// opens: cjson turns [] into {} and long numbers into others. What is not a number where one must be makes a script fail.

/** ARGV[1] is the time by the store's clock. */
const clock = `
local now = tonumber(ARGV[1])
local function alive(expires) return expires and tonumber(expires) > now end
`;

/** Adds to and clears two sorted sets of one listing; of what has expired a bounded number each time. */
const listing = `
local function clear(members, expiries, before, most)
  local dead = redis.call('ZRANGEBYSCORE', expiries, '-inf', before, 'LIMIT', 0, most)
  if #dead > 0 then
    redis.call('ZREM', members, unpack(dead))
    redis.call('ZREM', expiries, unpack(dead))
  end
end
local function keep(members, expiries, ttl)
  for _, key in ipairs({ members, expiries }) do
    if redis.call('PTTL', key) < tonumber(ttl) then redis.call('PEXPIRE', key, ttl) end
  end
end
`;

/** KEYS: record, members, expiries. ARGV: now, before, member, key, value, expires, ttl, and the version to begin with. */
const writeRecord = `
local found = redis.call('HMGET', KEYS[1], 'e', 'n')
local exists = alive(found[1])
local function write()
  local version = found[2] and tonumber(found[2]) + 1 or tonumber(ARGV[8])
  redis.call('HSET', KEYS[1], 'k', ARGV[4], 'v', ARGV[5], 'e', ARGV[6], 'n', string.format('%.0f', version))
  redis.call('PEXPIRE', KEYS[1], ARGV[7])
  clear(KEYS[2], KEYS[3], ARGV[2], 16)
  redis.call('ZADD', KEYS[2], 0, ARGV[3])
  redis.call('ZADD', KEYS[3], ARGV[6], ARGV[3])
  keep(KEYS[2], KEYS[3], ARGV[7])
  return 1
end
`;

/** KEYS: grant, then tokens. ARGV: value, expires and ttl of each token. One that lives stays as it is, also when a client library sends a call again. */
const writeTokens = `
local function write(key, argument)
  for i = key, #KEYS do
    local version = '1'
    local free = redis.call('EXISTS', KEYS[i]) == 0
    if not free then
      local found = redis.call('HMGET', KEYS[i], 'e', 'n')
      free = not alive(found[1])
      version = found[2] and string.format('%.0f', tonumber(found[2]) + 1) or version
    end
    if free then
      redis.call('HSET', KEYS[i], 'v', ARGV[argument], 'e', ARGV[argument + 1], 'n', version, 'u', '0')
      redis.call('PEXPIRE', KEYS[i], ARGV[argument + 2])
    end
    argument = argument + 3
  end
end
`;

/**
 * ARGV: expires, use and ttl of the grant; '' for what stays as it is. The key of the grant outlasts those of its tokens, even when it is dead: else it could be
 * opened again over them. Answers the grant where its listings must follow, since they hold it for a shorter time: also when a call is sent again.
 */
const keepGrant = `
local function keepGrant(grant, expires, use, ttl)
  local extends = expires ~= '' and tonumber(expires) >= tonumber(grant[1])
  local uses = use ~= '' and (not grant[2] or tonumber(grant[2]) < tonumber(use))
  if extends and uses then redis.call('HSET', KEYS[1], 'e', expires, 'u', use)
  elseif extends then redis.call('HSET', KEYS[1], 'e', expires)
  elseif uses then redis.call('HSET', KEYS[1], 'u', use) end
  redis.call('PEXPIRE', KEYS[1], ttl, 'GT')
  if not extends or grant[3] and tonumber(grant[3]) >= tonumber(expires) then return '' end
  return redis.call('HGET', KEYS[1], 'r')
end
`;

/** KEYS: record. ARGV: now. */
export const getRecord = script(clock, `
local found = redis.call('HMGET', KEYS[1], 'k', 'v', 'n', 'e')
return alive(found[4]) and found
`);

export const putRecord = script(clock, listing, writeRecord, `
return write()
`);

export const putRecordIfAbsent = script(clock, listing, writeRecord, `
return exists and 0 or write()
`);

/** ARGV[9] is the version that was read. */
export const replaceRecord = script(clock, listing, writeRecord, `
return exists and found[2] == ARGV[9] and write() or 0
`);

/** KEYS: record, members, expiries. ARGV: member. */
export const deleteRecord = script(`
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
return 1
`);

/** KEYS: members, expiries. ARGV: before, member, expires, ttl. Never shortens: a call that comes late, or to open what is there, must not unlist a grant that lives. */
export const addToListing = script(listing, `
clear(KEYS[1], KEYS[2], ARGV[1], 16)
redis.call('ZADD', KEYS[1], 0, ARGV[2])
redis.call('ZADD', KEYS[2], 'GT', ARGV[3], ARGV[2])
keep(KEYS[1], KEYS[2], ARGV[4])
return 1
`);

/** KEYS: members, expiries. ARGV: member. */
export const removeFromListing = script(`
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
return 1
`);

/** KEYS: members, expiries. ARGV: before, from where, how many. */
export const readListing = script(listing, `
clear(KEYS[1], KEYS[2], ARGV[1], 128)
return redis.call('ZRANGEBYLEX', KEYS[1], ARGV[2], '+', 'LIMIT', 0, ARGV[3])
`);

/** KEYS: grant, then tokens. ARGV: now, grant, expires, use, and ttl of the grant, then the tokens'. */
export const openGrant = script(clock, writeTokens, `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'r', ARGV[2], 'e', ARGV[3])
if ARGV[4] ~= '' then redis.call('HSET', KEYS[1], 'u', ARGV[4]) end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
write(2, 6)
return 1
`);

/** KEYS: grant, then tokens. ARGV: now, new expires, use and ttl of the grant, then the tokens'. Answers whether it lives, and what its listings need. */
export const addTokens = script(clock, writeTokens, keepGrant, `
local grant = redis.call('HMGET', KEYS[1], 'e', 'u', 'l')
if not alive(grant[1]) then return { 0, '' } end
write(2, 5)
return { 1, keepGrant(grant, ARGV[2], ARGV[3], ARGV[4]) }
`);

/** KEYS: grant. ARGV: until when its listings hold it. */
export const noteListed = script(`
local grant = redis.call('HMGET', KEYS[1], 'r', 'l')
if grant[1] and (not grant[2] or tonumber(grant[2]) < tonumber(ARGV[1])) then redis.call('HSET', KEYS[1], 'l', ARGV[1]) end
return 1
`);

/** KEYS: grant. ARGV: now. */
export const getGrant = script(clock, `
local grant = redis.call('HMGET', KEYS[1], 'r', 'e', 'u')
return alive(grant[2]) and grant
`);

/** KEYS: grant, token. ARGV: now. Answers the token, and the grant if it lives. */
export const getToken = script(clock, `
local token = redis.call('HMGET', KEYS[2], 'v', 'n', 'e', 'u')
if not alive(token[3]) then return false end
local grant = redis.call('HMGET', KEYS[1], 'r', 'e', 'u')
return { token, alive(grant[2]) and grant }
`);

/** KEYS: grant, token. ARGV: now. */
export const consumeToken = script(clock, `
local token = redis.call('HMGET', KEYS[2], 'e', 'u')
if not alive(redis.call('HGET', KEYS[1], 'e')) or not alive(token[1]) then return 'missing' end
if token[2] ~= '0' then return 'used' end
redis.call('HSET', KEYS[2], 'u', '1')
redis.call('HINCRBY', KEYS[2], 'n', 1)
return 'ok'
`);

/** KEYS: grant, token, then the new tokens. ARGV: now, version, value, expires and ttl, new expires, use and ttl of the grant, then the new tokens'. Answers as {@link addTokens}. */
export const rotateToken = script(clock, writeTokens, keepGrant, `
local token = redis.call('HMGET', KEYS[2], 'e', 'n', 'u')
local grant = redis.call('HMGET', KEYS[1], 'e', 'u', 'l')
if not alive(grant[1]) or not alive(token[1]) then return { 'missing', '' } end
if token[2] ~= ARGV[2] or token[3] ~= '0' then return { 'conflict', '' } end
redis.call('HSET', KEYS[2], 'v', ARGV[3], 'e', ARGV[4], 'u', '1', 'n', string.format('%.0f', tonumber(token[2]) + 1))
if token[1] ~= ARGV[4] then redis.call('PEXPIRE', KEYS[2], ARGV[5]) end
write(3, 9)
return { 'ok', keepGrant(grant, ARGV[6], ARGV[7], ARGV[8]) }
`);

/**
 * KEYS: grant. ARGV: now. Answers whether it lived, and what it was. Its tokens need no word: nobody reads one without its grant. The key stays, with
 * nothing in it that lives, as long as it would have: nobody opens the grant again.
 */
export const revokeGrant = script(clock, `
local grant = redis.call('HMGET', KEYS[1], 'r', 'e')
if grant[2] then
  redis.call('HSET', KEYS[1], 'e', '0')
  redis.call('HDEL', KEYS[1], 'r', 'u', 'l')
end
return { alive(grant[2]) and 1 or 0, grant[1] }
`);

/** KEYS: counter. ARGV: now, end of a new window, ttl. */
export const countEvent = script(clock, `
local counter = redis.call('HMGET', KEYS[1], 'n', 'e')
if alive(counter[2]) then return { redis.call('HINCRBY', KEYS[1], 'n', 1), counter[2] } end
redis.call('HSET', KEYS[1], 'n', '1', 'e', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return { 1, ARGV[2] }
`);

/** KEYS: counter. ARGV: now. */
export const readCounter = script(clock, `
local counter = redis.call('HMGET', KEYS[1], 'n', 'e')
return alive(counter[2]) and counter[1] or '0'
`);

/** KEYS: lease. ARGV: now, holder, expires, ttl. */
export const takeLease = script(clock, `
local lease = redis.call('HMGET', KEYS[1], 'h', 'e')
if alive(lease[2]) and lease[1] ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'h', ARGV[2], 'e', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
`);

/** KEYS: lease. ARGV: holder. */
export const releaseLease = script(`
if redis.call('HGET', KEYS[1], 'h') == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
`);
