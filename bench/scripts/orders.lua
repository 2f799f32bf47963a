-- Orders, each with a key of its own, over the items given as name=price: wrk -s orders.lua URL -- latte=25.00 …
local bodies, sent, run = {}, 0, tostring(os.time())

function init(arguments)
  math.randomseed(os.time())
  run = run .. "-" .. math.random(1000000000)
  for _, argument in ipairs(arguments) do
    local name, price = argument:match("^(.+)=(.+)$")
    bodies[#bodies + 1] = string.format(
      '{"customer_name":"缓存测试","coffee_type":"%s","quantity":1,"total_price":%s}', name, price)
  end
end

function request()
  sent = sent + 1
  local headers = { ["Content-Type"] = "application/json", ["Idempotency-Key"] = run .. "-" .. sent }
  return wrk.format("POST", nil, headers, bodies[sent % #bodies + 1])
end
