-- wrk script: every request creates and confirms a payment under an idempotency key of its own.
local run = tostring(os.time()) .. tostring({}):gsub("[^%w]", "")
local headers = {
  ["Authorization"] = "Bearer sk_test_bench00000000001",
  ["Content-Type"] = "application/x-www-form-urlencoded",
}
local count = 0

request = function()
  count = count + 1
  headers["Idempotency-Key"] = run .. "-" .. count
  local body = "amount=2000&currency=usd&payment_method=pm_card_visa&confirm=true&metadata[unigate_operation]=op_" .. count
  return wrk.format("POST", "/v1/payment_intents", headers, body)
end
