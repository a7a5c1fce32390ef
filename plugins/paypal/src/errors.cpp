#include "errors.hpp"

#include <array>
#include <string>
#include <utility>

namespace paypal {

namespace {

using sdk::Category;
using sdk::Error;
using sdk::Outcome;
using sdk::Retry;

// PayPal's own words of one refusal.
struct Words {
  std::string name;   // e.g. UNPROCESSABLE_ENTITY, or `error` of the token endpoint
  std::string issue;  // of the first detail that says one
  std::string field;
  std::string message;
};

// Unified name of the field that PayPal points at, so that a client reads its own words.
std::string fieldOf(std::string_view pointer) {
  struct Name {
    std::string_view part;
    std::string_view unified;
  };
  constexpr std::array kNames = {Name{"currency", "currency"},
                                 Name{"amount", "amount"},
                                 Name{"value", "amount"},
                                 Name{"invoice_id", "reference"},
                                 Name{"soft_descriptor", "statement_descriptor"},
                                 Name{"return_url", "return_url"},
                                 Name{"cancel_url", "return_url"},
                                 Name{"vault_id", "payment_method"},
                                 Name{"token", "payment_method"},
                                 Name{"description", "description"},
                                 Name{"plan_id", "plan_provider_id"},
                                 Name{"product_id", "product_provider_id"},
                                 Name{"quantity", "quantity"},
                                 Name{"receiver", "destination"},
                                 Name{"recipient", "destination"},
                                 Name{"email", "email"},
                                 Name{"reason", "reason"},
                                 Name{"note_to_payer", "reason"},
                                 Name{"frequency", "interval"},
                                 Name{"url", "url"},
                                 Name{"event_types", "events"},
                                 Name{"customer", "customer_provider_id"},
                                 Name{"name", "name"}};
  for (const Name& name : kNames) {
    if (pointer.find(name.part) != std::string_view::npos) return std::string(name.unified);
  }
  return {};
}

Words wordsOf(json::View body) {
  Words words;
  words.name = std::string(body["name"].stringOr(body["error"].stringOr("")));
  words.message = std::string(body["message"].stringOr(body["error_description"].stringOr("")));
  for (const json::View detail : body["details"].items()) {
    words.issue = std::string(detail["issue"].stringOr(""));
    words.field = fieldOf(detail["field"].stringOr(""));
    // What is wrong in this very request says more than the name's standing phrase.
    if (const auto text = textOf(detail["description"])) words.message = *text;
    if (!words.issue.empty()) break;
  }
  if (words.message.empty()) words.message = "PayPal refused without a reason";
  return words;
}

// Refusals by their status alone, whatever the body says.
std::optional<Error> byStatus(const sdk::HttpResponse& response, const Words& words) {
  const std::uint32_t status = response.status();
  if (status == 401) {
    return Error::notExecuted(Category::Unauthorized, words.message).withRetry(Retry::Never);
  }
  if (status == 429) {
    return Error::notExecuted(Category::RateLimited, words.message)
        .withRetryAfterMs(response.retryAfterMs());
  }
  if (status >= 500) {
    return Error::unknown(Category::ProviderUnavailable, words.message)
        .withRetryAfterMs(response.retryAfterMs());
  }
  if (status < 400) {
    return Error::badResponse("PayPal answered with status " + std::to_string(status));
  }
  return std::nullopt;
}

// The most telling of PayPal's words that the table knows: the issue goes before the name.
CodeMeaning meaningOf(const Words& words, std::uint32_t status) {
  if (const auto known = meaningOfCode(words.issue)) return *known;
  CodeMeaning meaning;
  // An issue that is newer than this table: the name alone would claim to know whose fault it is.
  if (words.issue.empty() || status != 422) {
    if (const auto known = meaningOfCode(words.name)) return *known;
  }
  if (status == 403) meaning.category = Category::PermissionDenied;
  if (status == 404) meaning.category = Category::NotFound;
  if (status == 408 || status == 409) meaning.outcome = Outcome::Unknown;
  return meaning;
}

Error refusal(const sdk::HttpResponse& response, const Words& words, const sdk::Call& call) {
  if (auto known = byStatus(response, words)) return std::move(*known);
  // A proxy between may have written this: no proof that PayPal refused.
  if (words.name.empty()) return Error::badResponse("PayPal's refusal can't be understood");
  const CodeMeaning meaning = meaningOf(words, response.status());
  Error error = Error::declined(meaning.category, words.message);
  error.outcome = meaning.outcome;
  error.retry = meaning.retry;
  const bool again = call.recovering == sdk::Recovering::Resend || call.attempt > 1;
  // "It is captured already" may speak of the attempt whose answer was lost. Sending again can't
  // tell more, a look can.
  if (meaning.mayBeOurs && again) error.outcome = Outcome::Unknown;
  return error;
}

}  // namespace

Error errorOf(const sdk::HttpResponse& response, const sdk::Call& call) {
  json::Document document;
  // A body that is no JSON leaves an empty view, which every look-up bears.
  const bool read = response.json(document);
  const Words words = wordsOf(read ? document.root() : json::View());
  Error error = refusal(response, words, call);
  error.httpStatus = response.status();
  error.providerCode = words.issue.empty() ? words.name : words.issue;
  error.field = words.field;
  if (error.category == Category::CardDeclined) error.declineCode = error.providerCode;
  return error;
}

sdk::Failure failureOf(json::View object, std::string_view status) {
  sdk::Failure failure;
  const json::View processor = object["processor_response"];
  const std::string_view reason = object["status_details"]["reason"].stringOr("");
  const std::string_view named = object["errors"]["name"].stringOr("");
  failure.providerCode = std::string(!reason.empty() ? reason : !named.empty() ? named : status);
  failure.category = Category::CardDeclined;
  if (const auto known = meaningOfCode(failure.providerCode)) failure.category = known->category;
  failure.declineCode = textOf(processor["response_code"]);
  // Codes of the processor that say more than "declined".
  struct Code {
    std::string_view code;
    Category category;
  };
  constexpr std::array kCodes = {
      Code{"5120", Category::InsufficientFunds}, Code{"5400", Category::ExpiredCard},
      Code{"00N7", Category::IncorrectCardData}, Code{"5110", Category::IncorrectCardData},
      Code{"1330", Category::IncorrectCardData}, Code{"9500", Category::FraudSuspected},
      Code{"9520", Category::FraudSuspected}};
  for (const Code& code : kCodes) {
    if (failure.declineCode == code.code) failure.category = code.category;
  }
  failure.providerMessage =
      std::string(object["errors"]["message"].stringOr("PayPal says " + failure.providerCode));
  return failure;
}

Error declinedBy(const sdk::Failure& failure) {
  return Error::declined(failure.category, failure.providerMessage)
      .withRetry(Retry::NewRequest)
      .withProviderCode(failure.providerCode)
      .withDeclineCode(failure.declineCode.value_or(""));
}

}  // namespace paypal
