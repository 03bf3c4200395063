-- KEYS key, lease  ARGV version, json, ttl_ms          0 as new is there, 1 stored; no fill under way survives either
local function version(value)
  local found = type(value) == 'string' and string.match(value, '^{"v":(%d+)')
  return found and tonumber(found) or -1
end
redis.call('DEL', KEYS[2])
if version(redis.pcall('GET', KEYS[1])) >= tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
