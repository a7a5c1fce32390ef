// Picks the provider for an operation: the one that the request names, else the configured default,
// else the only one that can. Never guesses between two.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace unigate::engine {

// What routing knows of one installed provider.
struct RouteCandidate {
  std::string provider;
  bool usable = false;      // loaded and not quarantined
  bool configured = false;  // the organisation has credentials for this environment
  std::function<bool(std::string_view operation)> supports;
};

struct RouteRequest {
  std::string_view operation;    // "payments.create"
  std::string_view provider;     // as the client named it; empty: not named
  std::string_view environment;  // "test" or "live", for messages
};

class Router {
 public:
  // `defaults`: operation name ("payments.create") or family ("payments") to provider.
  explicit Router(std::map<std::string, std::string> defaults) : defaults_(std::move(defaults)) {}

  // The provider's id, or a Problem that says who could: 400 (not decided, unknown provider), 422
  // (no credentials), 501 (that provider can't), 503 (quarantined).
  base::Result<std::string> pick(const RouteRequest& request,
                                 const std::vector<RouteCandidate>& candidates) const;

 private:
  const std::string* defaultFor(std::string_view operation) const;

  std::map<std::string, std::string> defaults_;
};

}  // namespace unigate::engine
