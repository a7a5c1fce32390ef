// What an operation's row, the engine and the plugins call the same things, translated from one to
// the other. Pure but for the retry budgets. Private to gateway: the two kinds of runs use it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unigate/json.hpp>

#include "base/result.hpp"
#include "engine/operation.hpp"
#include "gateway/gateway.hpp"
#include "plugin_host/manifest.hpp"
#include "store/records.hpp"
#include "telemetry/metrics.hpp"

namespace unigate::gateway {

store::OperationState toStored(engine::State state);
// As a manifest and a row call a mode: "native", "query_first", ...
std::string_view recoveryName(plugin_host::RecoveryMode mode);

// The engine's policy for an operation of a manifest, and for one found in the store.
engine::Policy policyOf(const plugin_host::Operation& operation);
engine::Policy policyOf(const store::OperationRecord& row);

// What the engine needs of a row that is to be taken up by the process `owner` in `epoch`.
engine::Snapshot snapshotOf(const store::OperationRecord& row, const std::string& owner,
                            std::int64_t epoch);
// The part of it that has no column: members of the row's error object.
void writeSnapshot(const engine::Snapshot& snapshot, json::Writer& out);

telemetry::OperationOutcome metricOf(engine::State state, engine::Verdict verdict);
// "done", "declined", "not_executed", "unknown"
std::string_view outcomeText(engine::Verdict verdict);
// "execute", "resend", "query"
std::string_view actionText(plugin_host::Recovering recovering);

// Whether an operation removes its resource: "customers.delete", ...
bool deletes(std::string_view operation);

// Nothing while this process may send for operations; otherwise the problem, which says that
// nothing was sent.
std::optional<base::Problem> whyNotNow(const store::Store& store);

// 409: another operation holds what this one would change.
base::Problem resourceBusy(const std::string& kind, const store::OperationRecord& holder);

}  // namespace unigate::gateway
