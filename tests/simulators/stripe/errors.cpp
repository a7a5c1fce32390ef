#include "stripe/errors.hpp"

#include "common/json.hpp"

namespace simulators::stripe {
namespace {

void writeIfAny(JsonWriter& json, std::string_view name, const std::string& text) {
  if (!text.empty()) json.field(name, text);
}

}  // namespace

std::string ApiError::body(std::string_view requestId) const {
  JsonWriter json;
  json.beginObject();
  json.beginObject("error");
  writeIfAny(json, "advice_code", adviceCode);
  writeIfAny(json, "charge", charge);
  writeIfAny(json, "code", code);
  writeIfAny(json, "decline_code", declineCode);
  if (!code.empty()) {
    auto page = code;
    for (auto& c : page) c = c == '_' ? '-' : c;
    json.field("doc_url", "https://stripe.com/docs/error-codes/" + page);
  }
  json.field("message", message);
  writeIfAny(json, "param", param);
  if (!paymentJson.empty()) json.rawOrNull("payment_intent", paymentJson);
  if (!methodJson.empty()) json.rawOrNull("payment_method", methodJson);
  if (!setupJson.empty()) json.rawOrNull("setup_intent", setupJson);
  json.field("request_log_url", "https://dashboard.stripe.com/test/logs/" + std::string(requestId));
  json.field("type", type);
  json.endObject();
  json.endObject();
  return json.text();
}

ApiError invalidParameter(std::string param, std::string message, std::string code) {
  ApiError error;
  error.param = std::move(param);
  error.message = std::move(message);
  error.code = std::move(code);
  error.begun = false;
  return error;
}

ApiError parameterMissing(std::string param) {
  auto message = "Missing required param: " + param + ".";
  return invalidParameter(std::move(param), std::move(message), "parameter_missing");
}

ApiError resourceMissing(std::string_view kind, std::string_view id, std::string param,
                         bool inPath) {
  ApiError error;
  error.status = inPath ? 404 : 400;
  error.code = "resource_missing";
  error.param = std::move(param);
  error.message.append("No such ").append(kind).append(": '").append(id).append("'");
  return error;
}

ApiError unauthorized(std::string message) {
  ApiError error;
  error.status = 401;
  error.message = std::move(message);
  error.begun = false;
  return error;
}

ApiError internalError() {
  ApiError error;
  error.status = 500;
  error.type = "api_error";
  error.message = "An unknown error occurred";
  return error;
}

ApiError rateLimited() {
  ApiError error;
  error.status = 429;
  error.code = "rate_limit";
  error.message =
      "Request rate limit exceeded. Learn more about rate limits here "
      "https://stripe.com/docs/rate-limits.";
  error.begun = false;
  return error;
}

}  // namespace simulators::stripe
