#include "errors.hpp"

#include <string>
#include <utility>

namespace twilio {

namespace {

using sdk::Category;
using sdk::Error;
using sdk::Outcome;
using sdk::Retry;

// Unified name of the parameter that a code is about, so that a client reads its own words.
std::string fieldOf(std::string_view code) {
  struct Field {
    std::string_view code;
    std::string_view name;
  };
  constexpr Field kFields[] = {
      {"21201", "to"},
      {"21211", "to"},
      {"21212", "from"},
      {"21213", "from"},
      {"21217", "to"},
      {"21214", "to"},
      {"21604", "to"},
      {"21614", "to"},
      {"21635", "to"},
      {"21603", "from"},
      {"21606", "from"},
      {"21659", "from"},
      {"21660", "from"},
      {"21602", "body"},
      {"21605", "body"},
      {"21617", "body"},
      {"21619", "body"},
      {"21618", "body"},
      {"21620", "media_urls"},
      {"21623", "media_urls"},
      {"21609", "status_callback_url"},
      {"21655", "template_id"},
      {"21656", "template_variables"},
      {"35114", "send_at_unix_s"},
      {"35115", "send_at_unix_s"},
      {"35111", "send_at_unix_s"},
      {"35118", "messaging_service"},
      {"21701", "messaging_service"},
      {"21703", "messaging_service"},
      {"21704", "messaging_service"},
      {"21705", "messaging_service"},
      {"60205", "to"},
      {"60033", "to"},
      {"60228", "template_id"},
  };
  for (const Field& field : kFields) {
    if (field.code == code) return std::string(field.name);
  }
  return {};
}

// Refusals by their status alone, whatever the body says.
std::optional<Error> byStatus(const sdk::HttpResponse& response, const std::string& message) {
  const std::uint32_t status = response.status();
  if (status == 401) {
    return Error::notExecuted(Category::Unauthorized, message).withRetry(Retry::Never);
  }
  if (status >= 500) {
    return Error::unknown(Category::ProviderUnavailable, message)
        .withRetryAfterMs(response.retryAfterMs());
  }
  if (status < 400) {
    return Error::badResponse("Twilio answered with status " + std::to_string(status));
  }
  if (status == 408) return Error::unknown(Category::ProviderUnavailable, message);
  return std::nullopt;
}

Category categoryOfStatus(std::uint32_t status) {
  if (status == 403) return Category::PermissionDenied;
  if (status == 404) return Category::NotFound;
  return Category::ProviderError;
}

Error refusal(const sdk::HttpResponse& response, std::string_view code, std::string message) {
  if (auto known = byStatus(response, message)) return std::move(*known);
  const ErrorRow* row = code.empty() ? nullptr : rowOf(code);
  if (row != nullptr) {
    Error error = Error::declined(row->category, std::move(message)).withRetry(row->retry);
    error.outcome = row->outcome;
    error.retryAfterMs = response.retryAfterMs();
    return error;
  }
  // Too many at once: Twilio turns such requests away before it looks at them.
  if (response.status() == 429) {
    return Error::notExecuted(Category::RateLimited, std::move(message))
        .withRetryAfterMs(response.retryAfterMs());
  }
  // A proxy between may have written this: no proof that Twilio refused.
  if (code.empty()) return Error::badResponse("Twilio's refusal can't be understood");
  return Error::declined(categoryOfStatus(response.status()), std::move(message));
}

}  // namespace

Error errorOf(const sdk::HttpResponse& response) {
  json::Document document;
  // A body that is no JSON leaves an empty view, which every look-up bears.
  const json::View body = response.json(document) ? document.root() : json::View();
  const auto number = body["code"].int64();
  const std::string code = number && *number > 0 ? std::to_string(*number) : std::string();
  std::string message(body["message"].stringOr(""));
  if (message.empty()) message = "Twilio refused without a reason";
  Error result = refusal(response, code, std::move(message));
  result.httpStatus = response.status();
  result.providerCode = code;
  result.field = fieldOf(code);
  return result;
}

sdk::Failure failureOf(std::string_view code, std::string_view message) {
  const ErrorRow* row = rowOf(code);
  sdk::Failure failure;
  failure.category = row == nullptr ? Category::ProviderError : row->category;
  failure.providerCode = std::string(code);
  failure.providerMessage = std::string(!message.empty() || row == nullptr ? message : row->note);
  return failure;
}

}  // namespace twilio
