-- ARGV cursor, count         {cursor, {key, pttl, size, first bytes, key, …}}; size -1 of what is no string. Read-only.
-- The keys are not declared, for nobody knows them: that is refused by a cluster, which is asked in another way.
-- Others wait while this runs: most values are shorter than what is read of them, and then their size is not asked for.
local window = 1024
local page = redis.call('SCAN', ARGV[1], 'MATCH', 'client:*', 'COUNT', ARGV[2])
local found, n = {}, 0
for _, key in ipairs(page[2]) do
  local head = redis.pcall('GETRANGE', key, 0, window - 1)
  local text = type(head) == 'string'
  local size = text and #head or -1
  if size == window then size = redis.call('STRLEN', key) end
  found[n + 1] = key
  found[n + 2] = redis.call('PTTL', key)
  found[n + 3] = size
  found[n + 4] = text and string.sub(head, 1, 40) or ''
  n = n + 4
end
return {page[1], found}
