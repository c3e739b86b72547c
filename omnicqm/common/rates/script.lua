-- Take a token of the bucket KEYS[1]; note in the hash KEYS[2], when there is one, that the user ARGV[3] asked on the day ARGV[4].
-- ARGV[1]: tokens the bucket holds, ARGV[2]: milliseconds in which it fills. Returns {1 or 0, tokens left * 1000}.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local size, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local kept = redis.call('HMGET', KEYS[1], 'left', 'at')
local passed = math.max(0, now - (tonumber(kept[2]) or now))
local left = math.min(size, (tonumber(kept[1]) or size) + passed * size / window)
local allowed = left >= 1 and 1 or 0
left = left - allowed
redis.call('HSET', KEYS[1], 'left', string.format('%.3f', left), 'at', now)
redis.call('PEXPIRE', KEYS[1], window)
if KEYS[2] then
  local row = ARGV[3] .. '/' .. ARGV[4]
  redis.call('HINCRBY', KEYS[2], row .. (allowed == 1 and '/requests' or '/refused'), 1)
  redis.call('HSET', KEYS[2], row .. '/at', now)
end
return { allowed, math.floor(left * 1000) }
