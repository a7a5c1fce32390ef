#include "rest/limits.hpp"

#include <algorithm>
#include <future>

namespace unigate::rest {

namespace {

bool startsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

// Lists grow: an answer names the limits of before the key and of after it.
void addToHeader(net::HeaderList& headers, std::string_view name, const std::string& item) {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [name](const auto& each) { return each.first == name; });
  if (found == headers.end()) {
    headers.emplace_back(name, item);
  } else {
    found->second += ", " + item;
  }
}

std::string whoMay(std::string_view policy) {
  if (policy == "organisation") return "This organisation may make ";
  if (policy == "route") return "On this route this key may make ";
  if (policy == "address") return "This address may make ";
  if (policy == "login") return "This address may try to log in or register with ";
  if (policy == "webhook") return "This address may deliver ";
  return "This key may make ";
}

}  // namespace

Limits::Asks Limits::asksOfAddress(const Call& call, const Route* route) const {
  Asks asks;
  const auto add = [&](std::string_view policy, std::string_view prefix, std::int64_t perMinute) {
    if (perMinute <= 0) return;
    asks.push_back(
        {policy,
         {std::string(prefix) + net::limitedAddress(call.request.remoteAddress), perMinute, 0}});
  };
  add("address", "a:", settings_.perAddress);
  if (route == nullptr) return asks;
  if (startsWith(route->pattern, "/api/auth/")) add("login", "l:", settings_.loginPerAddress);
  if (startsWith(route->pattern, "/webhooks/")) add("webhook", "w:", settings_.webhookPerAddress);
  return asks;
}

Limits::Asks Limits::asksOfCaller(const Call& call) const {
  Asks asks;
  if (call.principal == nullptr) return asks;
  const identity::Principal& caller = *call.principal;
  asks.push_back({"default", {"k:" + caller.actor(), caller.ratePerMinute, 0}});
  if (settings_.perOrganisation > 0)
    asks.push_back({"organisation", {"o:" + caller.orgId, settings_.perOrganisation, 0}});
  if (const auto limit = settings_.routes.find(call.routeName); limit != settings_.routes.end()) {
    asks.push_back({"route", {"r:" + caller.actor() + ":" + call.routeName, limit->second, 0}});
  }
  return asks;
}

base::Status Limits::takeNow(Call& call) const {
  const Asks asks = asksOfCaller(call);
  if (asks.empty()) return {};
  if (shared_ == nullptr) return told(call, asks, local_.takeAll(ratesOf(asks)));
  std::promise<identity::RateVerdict> promise;
  auto later = promise.get_future();
  const auto now = shared_->take(ratesOf(asks), [&promise](identity::RateVerdict verdict) {
    promise.set_value(std::move(verdict));
  });
  return told(call, asks, now ? *now : later.get());
}

base::Status Limits::countUse(Call& call, const Route& route) const {
  if (meter_ == nullptr || call.principal == nullptr || !startsWith(route.pattern, "/v1/"))
    return {};
  return meter_->count(call.tenant.orgId, call.tenant.environment, call.gateway.reader());
}

std::vector<identity::RateAsk> Limits::ratesOf(const Asks& asks) {
  std::vector<identity::RateAsk> rates;
  rates.reserve(asks.size());
  for (const Ask& each : asks) rates.push_back(each.rate);
  return rates;
}

base::Status Limits::told(Call& call, const Asks& asks, const identity::RateVerdict& verdict) {
  for (std::size_t i = 0; i < asks.size() && i < verdict.decisions.size(); ++i) {
    const std::string name = "\"" + std::string(asks[i].policy) + "\"";
    const identity::RateDecision& rate = verdict.decisions[i];
    addToHeader(call.extraHeaders, "RateLimit-Policy",
                name + ";q=" + std::to_string(asks[i].rate.perMinute) + ";w=60");
    addToHeader(
        call.extraHeaders, "RateLimit",
        name + ";r=" + std::to_string(rate.remaining) + ";t=" + std::to_string(rate.resetSeconds));
  }
  if (!verdict.refused) return {};
  const Ask& refused = asks[*verdict.refused];
  base::Problem problem{429,
                        "rate_limited",
                        whoMay(refused.policy) + std::to_string(refused.rate.perMinute) +
                            " requests a minute. Nothing was done; try again later.",
                        "",
                        true,
                        verdict.decisions[*verdict.refused].retryAfterSeconds,
                        {}};
  problem.members.emplace_back("limit", "\"" + std::string(refused.policy) + "\"");
  return base::fail(std::move(problem));
}

}  // namespace unigate::rest
