#include "paypal/errors.hpp"

#include <array>

#include "common/json_value.hpp"

namespace simulators::paypal {
namespace {

constexpr std::string_view kInvalid =
    "Request is not well-formed, syntactically incorrect, or violates schema.";
constexpr std::string_view kUnprocessable =
    "The requested action could not be performed, semantically incorrect, or failed business "
    "validation.";

struct Mocked {
  std::string_view issue;
  unsigned status;
  std::string_view name;
  std::string_view message;
};
constexpr std::array<Mocked, 8> kMocked{{
    {"INTERNAL_SERVER_ERROR", 500, "INTERNAL_SERVER_ERROR", "An internal server error occurred."},
    {"INTERNAL_SERVICE_ERROR", 500, "INTERNAL_SERVER_ERROR", "An internal server error occurred."},
    {"PERMISSION_DENIED", 403, "NOT_AUTHORIZED",
     "Authorization failed due to insufficient permissions."},
    {"INVALID_RESOURCE_ID", 404, "RESOURCE_NOT_FOUND", "The specified resource does not exist."},
    {"RESOURCE_NOT_FOUND", 404, "RESOURCE_NOT_FOUND", "The specified resource does not exist."},
    {"PREVIOUS_REQUEST_IN_PROGRESS", 409, "RESOURCE_CONFLICT",
     "The server has detected a conflict while processing this request."},
    {"RATE_LIMIT_REACHED", 429, "RATE_LIMIT_REACHED",
     "Too many requests. Blocked due to rate limiting."},
    {"MALFORMED_REQUEST_JSON", 400, "INVALID_REQUEST", kInvalid},
}};

std::string_view describe(std::string_view issue) {
  if (issue == "INSTRUMENT_DECLINED") {
    return "The instrument presented  was either declined by the processor or bank, or it can't be "
           "used for this payment.";
  }
  if (issue == "PAYER_CANNOT_PAY") return "Payer cannot pay for this transaction.";
  if (issue == "TRANSACTION_REFUSED") return "The request was refused.";
  return "The requested action could not be performed.";
}

}  // namespace

ApiAnswer errorAnswer(unsigned status, std::string_view name, std::string_view message,
                      std::string_view issue, std::string_view description, std::string_view field,
                      std::string_view value) {
  Json body = Json::object();
  body["name"] = name;
  body["message"] = message;
  body["debug_id"] = kDebugIdMark;
  if (!issue.empty()) {
    Json detail = Json::object();
    if (!field.empty()) {
      detail["field"] = field;
      if (!value.empty()) detail["value"] = value;
      detail["location"] = "body";
    }
    detail["issue"] = issue;
    detail["description"] = description;
    body["details"] = Json::array({detail});
  }
  Json link = Json::object();
  link["href"] =
      "https://developer.paypal.com/api/rest/reference/orders/v2/errors/#" + std::string(issue);
  link["rel"] = "information_link";
  link["method"] = "GET";
  body["links"] = Json::array({link});
  ApiAnswer answer;
  answer.status = status;
  answer.body = body.dump();
  return answer;
}

ApiProblem invalidRequest(std::string_view issue, std::string_view description,
                          std::string_view field, std::string_view value) {
  return ApiProblem(
      errorAnswer(400, "INVALID_REQUEST", kInvalid, issue, description, field, value));
}

ApiProblem missing(std::string_view field) {
  return invalidRequest("MISSING_REQUIRED_PARAMETER", "A required field / parameter is missing.",
                        field);
}

ApiProblem unprocessable(std::string_view issue, std::string_view description,
                         std::string_view field, std::string_view value) {
  return ApiProblem(
      errorAnswer(422, "UNPROCESSABLE_ENTITY", kUnprocessable, issue, description, field, value));
}

ApiProblem notFound() {
  return ApiProblem(errorAnswer(
      404, "RESOURCE_NOT_FOUND", "The specified resource does not exist.", "INVALID_RESOURCE_ID",
      "Specified resource ID does not exist. Please check the resource ID and try again."));
}

ApiProblem unknownToken() {
  ApiAnswer answer;
  answer.status = 401;
  answer.body =
      R"({"error":"invalid_token","error_description":"The token passed in was not found in the system"})";
  answer.headers.emplace_back("WWW-Authenticate",
                              R"(Bearer realm="PayPal", error="invalid_token")");
  return ApiProblem(std::move(answer));
}

ApiProblem mocked(std::string_view issue) {
  for (const auto& known : kMocked) {
    if (known.issue != issue) continue;
    return ApiProblem(errorAnswer(known.status, known.name, known.message, issue, describe(issue)));
  }
  if (issue.starts_with("INVALID_") || issue.starts_with("MISSING_")) {
    return invalidRequest(issue, describe(issue), {});
  }
  return unprocessable(issue, describe(issue));
}

}  // namespace simulators::paypal
