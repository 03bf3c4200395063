-- KEYS any number          {pttl, size, first bytes} of each; -1 bytes of what is no string. Read-only.
local found = {}
for i, key in ipairs(KEYS) do
  local size = redis.pcall('STRLEN', key)
  if type(size) == 'number' then
    found[i] = {redis.call('PTTL', key), size, redis.call('GETRANGE', key, 0, 39)}
  else
    found[i] = {redis.call('PTTL', key), -1, ''}
  end
end
return found
