-- KEYS key, lease  ARGV token, version, json, ttl_ms          -1 lease lost, 0 as new is there, 1 stored
local function version(value)
  local found = type(value) == 'string' and string.match(value, '^{"v":(%d+)')
  return found and tonumber(found) or -1
end
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return -1 end
redis.call('DEL', KEYS[2])
if version(redis.pcall('GET', KEYS[1])) >= tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
return 1
