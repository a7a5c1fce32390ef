#include "gateway/features.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace unigate::gateway {

namespace {

// Families that belong to a feature of another name.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kParts{{
    {"products", "subscriptions"},
    {"plans", "subscriptions"},
    {"setup_intents", "payment_methods"},
    {"webhook_endpoints", "webhooks"},
}};

base::Status disabled(const Account& account, std::string_view feature) {
  base::Problem problem{403,
                        "feature_disabled",
                        "The feature " + std::string(feature) + " of " + account.provider +
                            " is switched off for " + account.environment +
                            ". Nothing was sent. Switch it on with PUT /api/services/" +
                            account.provider + "/features.",
                        "",
                        false,
                        0,
                        {}};
  problem.members.emplace_back("provider", "\"" + account.provider + "\"");
  problem.members.emplace_back("outcome", "\"not_executed\"");
  return base::fail(std::move(problem));
}

}  // namespace

std::vector<std::string> featuresOf(const plugin_host::Manifest& manifest) {
  std::vector<std::string> features = manifest.envFeatures;
  if (manifest.passthrough) features.emplace_back(kPassthroughFeature);
  return features;
}

std::string_view featureOf(const plugin_host::Manifest& manifest, std::string_view operation) {
  const auto& features = manifest.envFeatures;
  const auto listed = [&](std::string_view name) -> std::string_view {
    const auto found = std::find(features.begin(), features.end(), name);
    return found == features.end() ? std::string_view() : std::string_view(*found);
  };
  const std::string_view family = operation.substr(0, operation.find('.'));
  if (const auto own = listed(family); !own.empty()) return own;
  for (const auto& [part, whole] : kParts) {
    if (part == family) return listed(whole);
  }
  return {};
}

base::Status checkFeature(const Account& account, std::string_view operation) {
  if (account.featuresOff.empty()) return {};
  const auto feature = featureOf(account.instance->plugin().manifest(), operation);
  if (feature.empty() || account.featuresOff.count(feature) == 0) return {};
  return disabled(account, feature);
}

base::Status checkPassthroughFeature(const Account& account) {
  if (account.featuresOff.count(kPassthroughFeature) == 0) return {};
  return disabled(account, kPassthroughFeature);
}

}  // namespace unigate::gateway
