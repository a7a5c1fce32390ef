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

HttpResponse back(const std::string& kind, const std::string& id, const std::string& secret,
                  bool passed, const std::string& returnUrl) {
  const std::string result = passed ? "succeeded" : "failed";
  if (returnUrl.empty()) return page(200, "<p>Authentication " + result + ".</p>");
  auto location = returnUrl;
  location += returnUrl.find('?') == std::string::npos ? '?' : '&';
  location +=
      kind + "=" + id + "&" + kind + "_client_secret=" + secret + "&redirect_status=" + result;
  auto response = page(302, "");
  response.addHeader("Location", location);
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

HttpResponse setupChallengePage(std::string_view setupId) {
  return page(200, "<p>Set up " + std::string(setupId) +
                       "</p><p><a href=\"?outcome=succeed\">Approve</a> <a "
                       "href=\"?outcome=fail\">Refuse</a></p>");
}

HttpResponse challengeDone(const Account& account, const Payment& payment,
                           const std::string& returnUrl) {
  return back("payment_intent", account.paymentId(payment.index),
              account.ids.clientSecret(payment.index), !payment.failure, returnUrl);
}

HttpResponse setupChallengeDone(const Json& setup, const std::string& returnUrl) {
  return back("setup_intent", textOf(setup, "id"), textOf(setup, "client_secret"),
              textOf(setup, "status") == "succeeded", returnUrl);
}

}  // namespace simulators::stripe
