-- wrk script of tests/bench: one kind of request, each with its own body and Idempotency-Key.
-- wrk ... -s requests.lua URL -- KIND CREDENTIAL RUN [FILE]
--   KIND        order (JSON, this gateway and the naive peer), intent (the provider's form), get (paths of FILE)
--   CREDENTIAL  the bearer token
--   RUN         text that no other run used, the beginning of every key
-- The last line printed is JSON: what was answered and how long it took.
local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local make = {}
local headers = {}
local count = 0
local prefix = ""

function make.order()
  headers["Idempotency-Key"] = prefix .. count
  local body = '{"amount":' .. (1000 + count % 9000) .. ',"currency":"USD","confirm":true,' ..
    '"payment_method":"pm_card_visa","reference":"order-' .. prefix .. count .. '"}'
  return wrk.format("POST", "/v1/payments/orders", headers, body)
end

-- What the gateway's plugin sends for the order above.
function make.intent()
  headers["Idempotency-Key"] = prefix .. count
  local body = "amount=" .. (1000 + count % 9000) ..
    "&currency=usd&capture_method=automatic&payment_method=pm_card_visa&confirm=true" ..
    "&automatic_payment_methods[enabled]=true&automatic_payment_methods[allow_redirects]=never" ..
    "&metadata[unigate_operation]=txn_" .. prefix .. count .. "&metadata[unigate_reference]=order-" .. prefix .. count
  return wrk.format("POST", "/v1/payment_intents", headers, body)
end

local paths = {}
function make.get()
  return wrk.format("GET", paths[count % #paths + 1], headers)
end

function init(arguments)
  local kind, credential, run, file = arguments[1], arguments[2], arguments[3], arguments[4]
  headers["Authorization"] = "Bearer " .. credential
  if kind == "order" then headers["Content-Type"] = "application/json" end
  if kind == "intent" then headers["Content-Type"] = "application/x-www-form-urlencoded" end
  if kind == "get" then
    for line in io.lines(file) do paths[#paths + 1] = line end
  end
  prefix = run .. "-" .. number .. "-"
  request = function()
    count = count + 1
    return make[kind]()
  end
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"seconds":%.6f,"bad_status":%d,"broken":%d,"timeouts":%d,"p50_ms":%.3f,"p99_ms":%.3f,"max_ms":%.3f}\n',
    summary.requests, summary.duration / 1e6, errors.status, errors.connect + errors.read + errors.write, errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end
