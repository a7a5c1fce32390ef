// What a transition changes in the row of its operation. Included only by the store.
#pragma once

#include <string>

#include "store/write_many.hpp"

namespace unigate::store {

struct TransitionChange {
  std::string ticket;  // names this change among those of its transaction
  std::string operationId;
  std::string orgId;
  std::string fromState;
  std::int64_t fromFence = 0;
  std::string owner;
  std::string toState;
  std::int64_t updatedAt = 0;
  std::int64_t newFence = 0;
  std::int64_t attempt = 0;
  std::int64_t epoch = 0;
  std::int64_t nextResolveAt = 0;
  std::int64_t sentAt = 0;  // 0: as it was
  // The resource that goes with it, if one does, in the version that the caller knew (0: not there).
  std::string knownId;
  std::string knownEnvironment;
  std::int64_t knownVersion = 0;
  std::int64_t isFinal = 0;  // whether `final` counts
  FinalRecord final;
};

template <typename Visit>
void visitColumns(TransitionChange& r, Visit&& visit) {
  visit("ticket", r.ticket);
  visit("operation_id", r.operationId);
  visit("tenant", r.orgId);
  visit("from_state", r.fromState);
  visit("from_fence", r.fromFence);
  visit("new_owner", r.owner);
  visit("to_state", r.toState);
  visit("at", r.updatedAt);
  visit("to_fence", r.newFence);
  visit("to_attempt", r.attempt);
  visit("to_epoch", r.epoch);
  visit("resolve_at", r.nextResolveAt);
  visit("new_sent_at", r.sentAt);
  visit("known_id", r.knownId);
  visit("known_environment", r.knownEnvironment);
  visit("known_version", r.knownVersion);
  visit("is_final", r.isFinal);
  visit("new_outcome", r.final.outcome);
  visit("new_error", r.final.error);
  visit("new_status", r.final.responseStatus);
  visit("new_headers", r.final.responseHeaders);
  visit("new_body", r.final.responseBody);
  visit("new_resource", r.final.resourceId);
  visit("new_request_id", r.final.providerRequestId);
  visit("new_finished_at", r.final.finishedAt);
  visit("new_provider_us", r.final.providerUs);
  visit("new_own_us", r.final.ownUs);
}

// Of one transition (SQLite), or of all collected (PostgreSQL); returns ticket and transition_seq
// of those that were as their callers believed. Terminal states never change, whatever they believe;
// and until the transaction ends nobody else changes the resource.
std::string transitionSql(Engine engine);

}  // namespace unigate::store
