-- Each of the paths given, in turn: wrk -s paths.lua URL -- /one /two …
local paths, asked = {}, 0

function init(arguments)
  for _, argument in ipairs(arguments) do paths[#paths + 1] = argument end
end

function request()
  asked = asked + 1
  return wrk.format("GET", paths[asked % #paths + 1])
end
