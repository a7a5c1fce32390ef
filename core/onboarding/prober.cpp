#include "onboarding/prober.hpp"

#include <algorithm>
#include <unigate/json.hpp>
#include <utility>

#include "base/card_guard.hpp"
#include "base/text.hpp"
#include "net/event_loop.hpp"

namespace unigate::onboarding {

namespace {

constexpr std::int64_t kProbeMs = 15'000;
constexpr std::size_t kReasonCharsMax = 200;

std::string jsonText(std::string_view text) {
  json::Writer out;
  out.value(text);
  return out.take();
}

// A provider may quote the credentials that it refuses.
bool quotesSecret(const gateway::Account& account, std::string_view text) {
  return std::any_of(account.secrets.begin(), account.secrets.end(), [text](const auto& secret) {
    constexpr std::size_t kTelling = 4;
    return secret.second.size() >= kTelling &&
           text.find(secret.second.reveal()) != std::string_view::npos;
  });
}

std::string shown(const gateway::Account& account, std::string_view text) {
  if (text.empty() || quotesSecret(account, text)) return {};
  return base::maskCardNumbers(base::printable(text, kReasonCharsMax));
}

std::string requiredNames(const gateway::Account& account) {
  std::string names;
  for (const auto& each : account.instance->plugin().manifest().credentials) {
    if (each.required) names += (names.empty() ? "" : " and ") + each.name;
  }
  return names;
}

base::Problem refused(const gateway::Account& account, const gateway::CallResult& result) {
  base::Problem problem;
  problem.status = 422;
  problem.code = "credentials_refused";
  problem.detail = account.provider + " refuses these credentials. See that " +
                   requiredNames(account) + " belong together and to the " + account.environment +
                   " environment, were copied whole and have not been revoked.";
  // What the host found before it asked names the credential at fault.
  if (result.trouble == gateway::Trouble::notSent) {
    if (const std::string reason = shown(account, result.faultReason); !reason.empty())
      problem.detail += " (" + reason + ")";
  }
  return problem;
}

base::Problem unreachable(const gateway::Account& account, const gateway::CallResult& result) {
  base::Problem problem;
  problem.status = 503;
  problem.code = "provider_unreachable";
  const std::string reason = shown(account, result.faultReason);
  problem.detail = account.provider + " could not be reached, so the credentials were not tried" +
                   (reason.empty() ? std::string() : " (" + reason + ")") +
                   ". See that this machine may connect to the provider's address, then try again.";
  problem.retryable = true;
  problem.retryAfterSeconds = 5;
  return problem;
}

base::Problem problemOf(const gateway::Account& account, const gateway::CallResult& result) {
  const std::string& category = result.error.category;
  base::Problem problem;
  if (category == "unauthorized") {
    problem = refused(account, result);
  } else if (category == "permission_denied") {
    problem.status = 422;
    problem.code = "credentials_lack_permission";
    problem.detail = account.provider + " knows these credentials, but they may not do " +
                     account.instance->plugin().manifest().probe->operation +
                     ", with which they are tried. Give the key the right to read, or use another.";
  } else if (result.trouble == gateway::Trouble::notSent) {
    problem = unreachable(account, result);
  } else if (result.trouble == gateway::Trouble::noAnswer) {
    problem = unreachable(account, result);
    problem.status = 504;
    problem.code = "provider_timeout";
    problem.detail =
        account.provider + " gave no complete answer in time. Nothing was stored; try again.";
  } else {
    problem.status = 502;
    problem.code = "provider_trouble";
    problem.detail = account.provider +
                     " answered with an error that tells nothing of the credentials. Try again "
                     "later; see the provider's status page.";
    problem.retryable = true;
    problem.retryAfterSeconds = 5;
  }
  problem.members.emplace_back("provider", jsonText(account.provider));
  if (!result.error.providerCode.empty())
    problem.members.emplace_back("provider_code", jsonText(result.error.providerCode));
  if (const std::string words = shown(account, result.error.providerMessage); !words.empty())
    problem.members.emplace_back("provider_message", jsonText(words));
  return problem;
}

}  // namespace

bool canProbe(const gateway::Account& account) {
  return account.instance->plugin().manifest().probe.has_value();
}

std::vector<base::Status> Prober::probe(
    const std::vector<std::shared_ptr<const gateway::Account>>& accounts) const {
  std::vector<base::Status> results(accounts.size());
  net::EventLoop loop(clock_);
  net::UpstreamClient upstream(loop, upstream_);
  std::size_t open = 1;  // the starting itself
  const auto ended = [&] {
    if (--open == 0) loop.stop();
  };
  loop.post([&] {
    for (std::size_t i = 0; i < accounts.size(); ++i) {
      const gateway::Account& account = *accounts[i];
      const auto& manifest = account.instance->plugin().manifest();
      for (const auto& endpoint : manifest.endpoints) {
        const auto address = endpoints_.baseUrl(manifest, account.environment, endpoint.name);
        if (!address && results[i]) results[i] = base::fail(address.error());
      }
      if (!results[i] || !manifest.probe) continue;
      gateway::CallSpec spec;
      spec.account = accounts[i];
      spec.operation = manifest.probe->operation;
      spec.inputJson = manifest.probe->inputJson;
      spec.operationId = manifest.probe->operation;
      spec.guard.deadlineAtMs = clock_.unixMs() + kProbeMs;
      ++open;
      gateway::callProvider({upstream, endpoints_, clock_}, std::move(spec),
                            [&results, &accounts, &ended, i](gateway::CallResult result) {
                              if (result.outcome.verdict != engine::Verdict::done)
                                results[i] = base::fail(problemOf(*accounts[i], result));
                              ended();
                            });
    }
    ended();
  });
  loop.run();
  return results;
}

}  // namespace unigate::onboarding
