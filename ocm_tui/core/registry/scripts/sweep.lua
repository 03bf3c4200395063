-- ARGV cursor, count         {cursor, {key, pttl, size, first bytes, key, …}}; size -1 of what is no string. Read-only.
-- The keys are not declared, for nobody knows them: that is refused by a cluster, which is asked in another way.
local page = redis.call('SCAN', ARGV[1], 'MATCH', 'client:*', 'COUNT', ARGV[2])
local found, n = {}, 0
for _, key in ipairs(page[2]) do
  local size = redis.pcall('STRLEN', key)
  local text = type(size) == 'number'
  found[n + 1] = key
  found[n + 2] = redis.call('PTTL', key)
  found[n + 3] = text and size or -1
  found[n + 4] = text and redis.call('GETRANGE', key, 0, 39) or ''
  n = n + 4
end
return {page[1], found}
