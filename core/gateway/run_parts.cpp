#include "gateway/run_parts.hpp"

#include <algorithm>
#include <iterator>

namespace unigate::gateway {

namespace {

constexpr std::string_view kRecoveryNames[] = {"none",  "native",      "native_ref",
                                               "query", "query_first", "at_most_once"};

static_assert(static_cast<int>(engine::RecoveryMode::none) ==
              static_cast<int>(plugin_host::RecoveryMode::none));
static_assert(static_cast<int>(engine::RecoveryMode::nativeRef) ==
              static_cast<int>(plugin_host::RecoveryMode::nativeRef));
static_assert(static_cast<int>(engine::RecoveryMode::atMostOnce) ==
              static_cast<int>(plugin_host::RecoveryMode::atMostOnce));

}  // namespace

store::OperationState toStored(engine::State state) {
  return store::operationStateFromText(engine::toString(state))
      .value_or(store::OperationState::unknown);
}

std::string_view recoveryName(plugin_host::RecoveryMode mode) {
  return kRecoveryNames[static_cast<std::size_t>(mode)];
}

engine::Policy policyOf(const plugin_host::Operation& operation) {
  engine::Policy policy;
  policy.recovery =
      static_cast<engine::RecoveryMode>(static_cast<std::uint32_t>(operation.recovery));
  policy.windowMs = static_cast<std::int64_t>(operation.recoveryWindowS) * 1000;
  return policy;
}

engine::Policy policyOf(const store::OperationRecord& row) {
  engine::Policy policy;
  const auto* found =
      std::find(std::begin(kRecoveryNames), std::end(kRecoveryNames), row.recoveryMode);
  if (found != std::end(kRecoveryNames)) {
    policy.recovery = static_cast<engine::RecoveryMode>(found - std::begin(kRecoveryNames));
  }
  policy.windowMs = row.recoveryWindowSeconds * 1000;
  return policy;
}

engine::Snapshot snapshotOf(const store::OperationRecord& row, const std::string& owner,
                            std::int64_t epoch) {
  engine::Snapshot snapshot;
  snapshot.state = engine::stateFromString(store::toText(row.state));
  snapshot.attempt = static_cast<std::int32_t>(row.attempt);
  snapshot.fence = row.fence;
  snapshot.createdAtMs = row.createdAt;
  snapshot.unansweredAtMs = row.sentAt;
  snapshot.seenAtMs = row.updatedAt;
  snapshot.restored = row.epoch != epoch;
  snapshot.inherited = row.owner != owner;
  json::Document error;
  json::ReadError unreadable;
  if (!row.error.empty() && error.parse(row.error, unreadable)) {
    snapshot.lastSendAnswered = error["answered"].booleanOr(false);
    snapshot.unansweredAtMs = error["unanswered_at_ms"].int64Or(row.sentAt);
    snapshot.askOnly = error["ask_only"].booleanOr(false);
    snapshot.openAnswers = static_cast<std::int32_t>(error["open_answers"].int64Or(0));
    // Another process's monotonic clock says nothing here.
    if (!snapshot.inherited) snapshot.unansweredUs = error["unanswered_us"].int64Or(0);
  }
  return snapshot;
}

void writeSnapshot(const engine::Snapshot& snapshot, json::Writer& out) {
  out.member("answered", snapshot.lastSendAnswered)
      .member("unanswered_at_ms", snapshot.unansweredAtMs)
      .member("unanswered_us", snapshot.unansweredUs)
      .member("ask_only", snapshot.askOnly)
      .member("open_answers", static_cast<std::int64_t>(snapshot.openAnswers));
}

telemetry::OperationOutcome metricOf(engine::State state, engine::Verdict verdict) {
  switch (state) {
    case engine::State::succeeded:
      return telemetry::OperationOutcome::succeeded;
    case engine::State::escalated:
      return telemetry::OperationOutcome::escalated;
    case engine::State::failed:
      return verdict == engine::Verdict::declined ? telemetry::OperationOutcome::declined
                                                  : telemetry::OperationOutcome::notExecuted;
    default:
      return telemetry::OperationOutcome::unknown;
  }
}

std::string_view outcomeText(engine::Verdict verdict) {
  switch (verdict) {
    case engine::Verdict::done:
      return "done";
    case engine::Verdict::declined:
      return "declined";
    case engine::Verdict::notExecuted:
      return "not_executed";
    case engine::Verdict::unknown:
      return "unknown";
  }
  return "unknown";
}

std::string_view actionText(plugin_host::Recovering recovering) {
  switch (recovering) {
    case plugin_host::Recovering::resend:
      return "resend";
    case plugin_host::Recovering::query:
      return "query";
    default:
      return "execute";
  }
}

bool deletes(std::string_view operation) {
  constexpr std::string_view kEnd = ".delete";
  return operation.size() > kEnd.size() && operation.substr(operation.size() - kEnd.size()) == kEnd;
}

std::optional<base::Problem> whyNotNow(const store::Store& store) {
  const std::vector<std::pair<std::string, std::string>> nothingDone = {
      {"outcome", "\"not_executed\""}};
  if (!store.healthy()) {
    return base::Problem{503,
                         "store_unavailable",
                         "The database takes no writes now, so nothing was sent. Try again later.",
                         "",
                         true,
                         5,
                         nothingDone};
  }
  if (!store.mayDrive()) {
    return base::Problem{503,
                         "lease_lost",
                         "This gateway process could not tell the database for a while that it "
                         "lives, so nothing was sent. Try again shortly.",
                         "",
                         true,
                         2,
                         nothingDone};
  }
  return std::nullopt;
}

base::Problem resourceBusy(const std::string& kind, const store::OperationRecord& holder) {
  base::Problem problem{409,
                        kind + "_processing",
                        "Another operation on this " + kind + " is under way; try again shortly.",
                        "id",
                        true,
                        1,
                        {}};
  if (holder.state == store::OperationState::escalated) {
    problem.detail = "What became of transaction " + holder.id + " on this " + kind +
                     " is not known and waits for a person's decision. Resolve it first: POST "
                     "/v1/transactions/" +
                     holder.id + "/resolve.";
    problem.retryable = false;
    problem.retryAfterSeconds = 0;
  }
  if (!holder.id.empty()) problem.members.emplace_back("transaction_id", "\"" + holder.id + "\"");
  return problem;
}

}  // namespace unigate::gateway
