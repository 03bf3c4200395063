-- KEYS key, lease  ARGV token, lease_ms          the value if there is one by now; else the lease, if it is free
local value = redis.pcall('GET', KEYS[1])
if type(value) == 'string' then return {1, value} end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return {0, ARGV[1]} end
return {0, ''}
