/** What must happen in Redis in one step, in its own language. */

/** So many messages of a room stay in Redis: as far back a process finds what it has missed. */
const KEPT = 1000;
/** How long a message sent again is recognised, in seconds. */
const RECOGNISED = 600;

/** KEYS: stream, said, channel. ARGV: the draft, the last place that the poster knows of. */
export const POST = `
  if not redis.call('SET', KEYS[2], 1, 'NX', 'EX', ${RECOGNISED}) then return 0 end
  local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
  local last = newest and tonumber(string.match(newest[1], '^%d+')) or 0
  local id = math.max(last, tonumber(ARGV[2])) + 1
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', ${KEPT}, id .. '-0', 'draft', ARGV[1])
  redis.call('PUBLISH', KEYS[3], cjson.encode({ id = id, draft = ARGV[1] }))
  return id`;

/** KEYS: name. ARGV: person, milliseconds. Gives 1 if the person has the name. */
export const CLAIM = `
  local owner = redis.call('GET', KEYS[1])
  if owner and owner ~= ARGV[1] then return 0 end
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return 1`;

/** KEYS: name. ARGV: person. */
export const RELEASE = `
  if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
  return 1`;
