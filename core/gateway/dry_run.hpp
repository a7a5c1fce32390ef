// Drives one call of a plugin without a network: shows each request as it would go out, with the
// names of secrets in their place, and feeds the plugin with answers that were given beforehand.
// For `unigate plugin dry-run` and through it for the conformance tests.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "gateway/request_parts.hpp"
#include "plugin_host/plugin_call.hpp"

namespace unigate::gateway {

struct DryRunInput {
  std::string operation;
  std::string inputJson = "{}";  // our id and time are put in where the schema has them
  std::string key;               // provider key; empty: one is made up for what changes something
  std::int32_t attempt = 1;
  plugin_host::Recovering recovering = plugin_host::Recovering::no;
  std::int64_t nowUnixMs = 0;
  std::vector<plugin_host::HttpEvent> answers;  // handed out in this order
};

// A request as it would go out.
struct DryRequest {
  plugin_host::HttpStep step;  // endpoint, path, query, auth and label as the plugin gave them
  std::string url;
  net::HeaderList headers;  // all, those of the host included
};

struct DryWaiting {};  // the plugin asked for a request that has no answer here

struct DryOutcome {
  std::vector<DryRequest> requests;
  // done, failed, waiting, refused before the plugin was asked, or a broken contract.
  std::variant<plugin_host::DoneStep, plugin_host::ErrorInfo, DryWaiting, base::Problem,
               plugin_host::FaultStep>
      end = DryWaiting{};
};

// `environment` ("test" or "live") of the addresses is the instance's mode. Any thread.
DryOutcome dryRun(const std::shared_ptr<plugin_host::Instance>& instance, const DryRunInput& input);

// {"requests": [{"method","url","headers":[{"name","value"}],"body","endpoint","path","query",
// "auth","timeout_ms","may_retry","trace_label"}], "outcome": "done", "result": {}, ...}: the form
// that docs/plugin-author-guide.md tells.
void writeJson(const DryOutcome& outcome, json::Writer& out);

// The same for people.
std::string toText(const DryOutcome& outcome);

}  // namespace unigate::gateway
