#include "engine/routing.hpp"

#include <algorithm>
#include <unigate/json.hpp>

namespace unigate::engine {

namespace {

std::vector<std::string> idsOf(const std::vector<RouteCandidate>& candidates,
                               std::string_view operation, bool configuredOnly) {
  std::vector<std::string> ids;
  for (const RouteCandidate& candidate : candidates) {
    if (!candidate.usable || !candidate.supports(operation)) continue;
    if (configuredOnly && !candidate.configured) continue;
    ids.push_back(candidate.provider);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::string join(const std::vector<std::string>& ids) {
  std::string text;
  for (const std::string& id : ids) text += (text.empty() ? "" : ", ") + id;
  return text.empty() ? "none" : text;
}

// A problem with the list of providers that could do the operation.
tl::unexpected<base::Problem> refuse(int status, std::string code, std::string detail,
                                     const std::vector<std::string>& could) {
  base::Problem problem{status, std::move(code), std::move(detail), "provider", false, 0, {}};
  json::Writer list;
  list.beginArray();
  for (const std::string& id : could) list.value(id);
  list.endArray();
  problem.members.emplace_back("providers", list.take());
  return base::fail(std::move(problem));
}

}  // namespace

const std::string* Router::defaultFor(std::string_view operation) const {
  const auto exact = defaults_.find(std::string(operation));
  if (exact != defaults_.end()) return &exact->second;
  const auto family = defaults_.find(std::string(operation.substr(0, operation.find('.'))));
  return family == defaults_.end() ? nullptr : &family->second;
}

base::Result<std::string> Router::pick(const RouteRequest& request,
                                       const std::vector<RouteCandidate>& candidates) const {
  const std::string operation(request.operation);
  const std::vector<std::string> able = idsOf(candidates, operation, false);
  const std::vector<std::string> ready = idsOf(candidates, operation, true);
  std::string wanted(request.provider);
  if (wanted.empty()) {
    if (const std::string* configured = defaultFor(operation)) wanted = *configured;
  }
  if (wanted.empty()) {
    if (ready.size() == 1) return ready.front();
    if (ready.size() > 1) {
      return refuse(400, "provider_required",
                    "More than one provider can do " + operation + ": name one in \"provider\" (" +
                        join(ready) + ") or set a default under routing.defaults.",
                    ready);
    }
    if (able.empty()) {
      return refuse(501, "not_supported", "No installed provider can do " + operation + ".", able);
    }
    return refuse(400, "provider_not_configured",
                  "No " + std::string(request.environment) +
                      " credentials are stored for a provider that can do " + operation + " (" +
                      join(able) + "). Store them with `unigate service set`.",
                  able);
  }
  const auto found =
      std::find_if(candidates.begin(), candidates.end(),
                   [&](const RouteCandidate& candidate) { return candidate.provider == wanted; });
  if (found == candidates.end()) {
    return refuse(400, "unknown_provider",
                  "There is no provider \"" + wanted.substr(0, 64) + "\" here. Those that can do " +
                      operation + ": " + join(able) + ".",
                  able);
  }
  if (!found->usable) {
    return refuse(503, "provider_quarantined",
                  "The plugin of " + wanted + " is out of service; GET /v1/providers says why.",
                  able);
  }
  if (!found->supports(operation)) {
    return refuse(501, "not_supported",
                  wanted + " can't do " + operation + ". Those that can: " + join(able) + ".",
                  able);
  }
  if (!found->configured) {
    return refuse(422, "provider_not_configured",
                  "No " + std::string(request.environment) + " credentials are stored for " +
                      wanted + ". Store them with `unigate service set --provider " + wanted +
                      " --environment " + std::string(request.environment) + "`.",
                  ready);
  }
  return wanted;
}

}  // namespace unigate::engine
