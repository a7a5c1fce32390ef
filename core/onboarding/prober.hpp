// Tries credentials at their provider before they are stored: the harmless operation that the
// manifest names, over the same way as every call (authentication by the host, egress list).
// Blocking; for threads that may wait.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "gateway/account_directory.hpp"
#include "gateway/endpoint_book.hpp"
#include "gateway/provider_call.hpp"
#include "net/upstream_client.hpp"

namespace unigate::onboarding {

class Prober {
 public:
  // All must outlive it.
  Prober(const gateway::EndpointBook& endpoints, const base::Clock& clock,
         net::UpstreamSettings upstream)
      : endpoints_(endpoints), clock_(clock), upstream_(std::move(upstream)) {}

  // One answer for each account, in order: nothing when the credentials work. The problems:
  // 422 `credentials_refused`, `credentials_lack_permission`; 503 `provider_unreachable`,
  // `endpoint_not_allowed`; 504 `provider_timeout`; 502 `provider_trouble`. Each says what to do.
  // An account whose plugin names no probe is taken as it is. Runs all at once, on a loop of its
  // own. Any thread, several at a time.
  std::vector<base::Status> probe(
      const std::vector<std::shared_ptr<const gateway::Account>>& accounts) const;

 private:
  const gateway::EndpointBook& endpoints_;
  const base::Clock& clock_;
  net::UpstreamSettings upstream_;
};

// True when the plugin names an operation to try credentials with.
bool canProbe(const gateway::Account& account);

}  // namespace unigate::onboarding
