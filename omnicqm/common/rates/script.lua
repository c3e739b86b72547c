-- Take ARGV[3] tokens of the bucket KEYS[1], or as many as there are; note in the hash KEYS[2], when there is one, that the user
-- ARGV[4] asked so often on the day ARGV[5].
-- ARGV[1]: tokens the bucket holds, ARGV[2]: milliseconds in which it fills. Returns {tokens taken, tokens left * 1000}.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local size, window, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local kept = redis.call('HMGET', KEYS[1], 'left', 'at')
local passed = math.max(0, now - (tonumber(kept[2]) or now))
local left = math.min(size, (tonumber(kept[1]) or size) + passed * size / window)
local taken = math.min(wanted, math.floor(left))
left = left - taken
redis.call('HSET', KEYS[1], 'left', string.format('%.3f', left), 'at', now)
redis.call('PEXPIRE', KEYS[1], window)
if KEYS[2] then
  local row = ARGV[4] .. '/' .. ARGV[5]
  if taken > 0 then redis.call('HINCRBY', KEYS[2], row .. '/requests', taken) end
  if taken < wanted then redis.call('HINCRBY', KEYS[2], row .. '/refused', wanted - taken) end
  redis.call('HSET', KEYS[2], row .. '/at', now)
end
return { taken, math.floor(left * 1000) }
