#include "stripe/challenge.hpp"

#include "common/form.hpp"
#include "stripe/currencies.hpp"

namespace simulators::stripe {
namespace {

HttpResponse page(unsigned status, const std::string& content) {
  HttpResponse response;
  response.status = status;
  response.addHeader("Content-Type", "text/html; charset=utf-8");
  response.body =
      "<!doctype html><html lang=\"en\"><title>3-D Secure</title><body><h1>Simulated card "
      "issuer</h1>" +
      content + "</body></html>\n";
  return response;
}

}  // namespace

Outcome outcomeOf(std::string_view query) {
  auto outcome = Outcome::kAsk;
  for (const auto& [key, value] : parseFormPairs(query)) {
    if (key != "outcome") continue;
    outcome = value == "succeed" ? Outcome::kPassed
              : value == "fail"  ? Outcome::kFailed
                                 : Outcome::kUnknown;
  }
  return outcome;
}

HttpResponse challengePage(std::string_view paymentId, const Payment& payment) {
  const std::string id(paymentId);
  return page(200, "<p>Payment " + id + " of " +
                       formatAmount(payment.amount, text(payment.currency)) +
                       "</p><p><a href=\"?outcome=succeed\">Approve</a> <a "
                       "href=\"?outcome=fail\">Refuse</a></p>");
}

HttpResponse challengeProblem(unsigned status, std::string_view message) {
  return page(status, "<p>" + std::string(message) + "</p>");
}

HttpResponse challengeDone(const Account& account, const Payment& payment,
                           const std::string& returnUrl) {
  const auto result = payment.failure ? "failed" : "succeeded";
  if (returnUrl.empty()) return page(200, std::string("<p>Authentication ") + result + ".</p>");
  auto location = returnUrl;
  location += returnUrl.find('?') == std::string::npos ? '?' : '&';
  location += "payment_intent=" + account.paymentId(payment.index) +
              "&payment_intent_client_secret=" + account.ids.clientSecret(payment.index) +
              "&redirect_status=" + result;
  auto response = page(302, "");
  response.addHeader("Location", location);
  return response;
}

}  // namespace simulators::stripe
