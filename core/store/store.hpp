// The database: durable writes through one group-commit thread, reads through one session for each
// thread. The gateway is handed a Store; identity, the command line and management routes use it
// too. SQL is written once for SQLite and PostgreSQL; what differs is in dialect.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/audit_chain.hpp"
#include "store/group_commit_writer.hpp"
#include "store/records.hpp"

namespace soci {
class session;
}

namespace unigate::store {

// Thrown by work that is given to Store::writeNow: nothing of it is written, and this is what its
// caller gets.
struct Refusal {
  base::Problem problem;
};

struct StoreSettings {
  std::string url;  // "sqlite:var/unigate.db"
  WriterSettings writer;
  // Who writes: the id of a process that takes money ("wrk_..."), or a command's name.
  std::string owner = "unigate";
  // Takes a lease as that worker: for `serve` alone.
  bool drivesOperations = false;
  // Months of transaction_logs that are kept, by the one that drives operations; 0: all.
  std::int64_t logRetentionMonths = 0;
};

// Reads of one thread. Not thread-safe: each thread opens its own. Statements are prepared once and
// kept. A Problem from any of these is a retryable 503 (the database could not be read).
class ReadSession {
 public:
  ~ReadSession();
  ReadSession(const ReadSession&) = delete;
  ReadSession& operator=(const ReadSession&) = delete;

  // One tenant's rows. Foreign and unknown ids both give nothing.
  base::Result<std::optional<OperationRecord>> operationById(const std::string& orgId,
                                                             const std::string& environment,
                                                             const std::string& id);
  base::Result<std::optional<OperationRecord>> operationByClientKey(const std::string& orgId,
                                                                    const std::string& environment,
                                                                    const std::string& clientKey);
  base::Result<Page<OperationRecord>> listOperations(const std::string& orgId,
                                                     const std::string& environment,
                                                     const OperationFilter& filter);
  base::Result<std::vector<TransitionRow>> transitions(const std::string& orgId,
                                                       const std::string& environment,
                                                       const std::string& operationId);
  base::Result<std::optional<ResourceRecord>> resourceById(const std::string& orgId,
                                                           const std::string& environment,
                                                           const std::string& kind,
                                                           const std::string& id);
  base::Result<std::optional<ResourceRecord>> resourceByProviderId(const std::string& orgId,
                                                                   const std::string& environment,
                                                                   const std::string& kind,
                                                                   const std::string& provider,
                                                                   const std::string& providerId);
  base::Result<Page<ResourceRecord>> listResources(const std::string& orgId,
                                                   const std::string& environment,
                                                   const ResourceFilter& filter);

  base::Result<SearchSlice> searchResources(const std::string& orgId,
                                            const std::string& environment,
                                            const ResourceSearch& search);
  // All tenants, for recovery: operations in a state that isn't terminal nor escalated, oldest
  // first, ids above `afterId`.
  base::Result<std::vector<OperationRecord>> openOperations(std::size_t limit,
                                                            const std::string& afterId);
  // All tenants: open operations whose nextResolveAt is set and not after `nowMs`, soonest first.
  base::Result<std::vector<OperationRecord>> dueForResolve(std::int64_t nowMs, std::size_t limit);

  base::Result<std::vector<Organisation>> organisations();
  base::Result<std::optional<Organisation>> organisationById(const std::string& orgId);
  base::Result<std::optional<ApiKeyRecord>> apiKeyByHash(const std::string& hash);
  base::Result<std::vector<ApiKeyRecord>> apiKeys(const std::string& orgId);
  base::Result<std::vector<ProviderAccount>> accounts(const std::string& orgId,
                                                      const std::string& environment);
  base::Result<std::optional<ProviderAccount>> account(const std::string& orgId,
                                                       const std::string& environment,
                                                       const std::string& provider);
  base::Result<std::vector<SecretRecord>> secrets(const std::string& orgId,
                                                  const std::string& accountId);
  // All tenants, oldest first, ids above `afterId`.
  base::Result<std::vector<OperationRecord>> escalatedOperations(std::size_t limit,
                                                                 const std::string& afterId);
  // Of any tenant: for operators.
  base::Result<std::optional<OperationRecord>> operationOfAnyTenant(const std::string& id);
  // One tenant's at one provider, made in the half-open range of times; oldest first, ids above
  // `afterId`. For matching against what the provider has.
  base::Result<std::vector<OperationRecord>> operationsAtProvider(
      const std::string& orgId, const std::string& environment, const std::string& provider,
      std::int64_t createdGte, std::int64_t createdLt, const std::string& afterId,
      std::size_t limit);
  // Reports of the reconciler, newest first; `provider` empty: of all.
  base::Result<std::optional<ReconciliationRecord>> reconciliationById(
      const std::string& orgId, const std::string& environment, const std::string& id);
  base::Result<Page<ReconciliationRecord>> listReconciliations(const std::string& orgId,
                                                               const std::string& environment,
                                                               const std::string& provider,
                                                               const std::string& startingAfter,
                                                               std::size_t limit);
  // The audit chains, of all tenants: where each ends, their numbers, and rows above `afterSeq`.
  base::Result<std::vector<AuditHead>> auditHeads();
  base::Result<std::vector<std::int64_t>> auditChains();
  base::Result<std::vector<AuditRow>> auditRows(std::int64_t chain, std::int64_t afterSeq,
                                                std::size_t limit);
  // All tenants' operations by id, above `afterId`; only id, state, fence, transitionSeq and
  // createdAt are filled in.
  base::Result<std::vector<OperationRecord>> operationStates(const std::string& afterId,
                                                             std::size_t limit);
  // A value of the meta table ("epoch", ...).
  base::Result<std::optional<std::string>> meta(const std::string& key);
  // For the store's own tables of management: runs the statements of `work` in one transaction that
  // sees that tenant's rows (kAllTenants: of all). `work` may run twice, when the connection broke.
  base::Status read(const std::string& tenant, const std::function<void(soci::session&)>& work);

 private:
  friend class ReadSessionMaker;
  struct Link;
  struct Impl;
  explicit ReadSession(std::unique_ptr<Link> link);
  template <typename Read>
  auto guarded(const std::string& tenant, Read&& read);

  std::unique_ptr<Link> link_;
  std::unique_ptr<Impl> impl_;  // null while there is no connection
};

class Store {
 public:
  using IntentDone = std::function<void(base::Result<IntentOutcome>)>;
  using TransitionDone = std::function<void(base::Result<TransitionOutcome>)>;
  using WriteDone = std::function<void(base::Status)>;

  // Opens a database whose schema is current (see migrations.hpp) and starts the writer and the
  // checkpointer. `clock` must outlive the Store.
  static base::Result<std::unique_ptr<Store>> open(StoreSettings settings,
                                                   const base::Clock& clock);
  // Commits what is queued, then stops. All ReadSessions must be gone.
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  base::Result<std::unique_ptr<ReadSession>> openReader();

  // [any thread] Durable writes of the money path. When the call itself fails (queue full, writer
  // stopped) nothing was queued and `done` is never called; otherwise `done` is called exactly once
  // on the sink's thread (on the writer's thread when `sink` is null), after the commit. A Problem
  // given to `done` means that nothing was committed, but for "store_failed": then it is not known.
  base::Status insertIntent(IntentRecord intent, CompletionSink* sink, IntentDone done);
  // Compare-and-set on (state, fence). Terminal states never change.
  base::Status transition(const std::string& orgId, const std::string& operationId,
                          OperationState fromState, std::int64_t fromFence, TransitionRecord record,
                          CompletionSink* sink, TransitionDone done);
  // Resources that change without an operation (an inbound event, a fetched state).
  base::Status putResources(std::vector<ResourceRecord> resources, CompletionSink* sink,
                            TransitionDone done);

  // Management: blocks until durable. Never call these from an event loop's thread.
  base::Result<IntentOutcome> insertIntentNow(IntentRecord intent);
  base::Result<TransitionOutcome> transitionNow(const std::string& orgId,
                                                const std::string& operationId,
                                                OperationState fromState, std::int64_t fromFence,
                                                TransitionRecord record);
  base::Status createOrganisation(const Organisation& organisation);
  base::Status createApiKey(const ApiKeyRecord& key);
  // 404 when that organisation has no such key; revoking twice keeps the first time.
  base::Status revokeApiKey(const std::string& orgId, const std::string& keyId, std::int64_t at);
  // Inserts the account or, when (organisation, environment, provider, priority) is there, updates
  // its settings and status; replaces the given secrets (by field) and leaves others. The row's id
  // and creation time stay, and the secrets must carry that id: read the account first.
  base::Status putAccount(const ProviderAccount& account, const std::vector<SecretRecord>& secrets);
  // Marks the outcome of a probe.
  base::Status setAccountStatus(const std::string& orgId, const std::string& accountId,
                                const std::string& status, std::int64_t verifiedAt);
  base::Status deleteAccount(const std::string& orgId, const std::string& accountId);
  base::Status setMeta(const std::string& key, const std::string& value);
  // For the store's own tables of management: runs `work` in one transaction, blocks until it is
  // durable. It may run more than once, so it keeps its results in variables that it sets anew.
  // Throws Refusal to write nothing.
  base::Status writeNow(const std::function<void(WriteConnection&)>& work);
  // The processes that say that they take money, dead ones included: who lives beats on.
  base::Result<std::vector<WorkerRecord>> workersNow();
  // Inserts, or replaces the report of the same id and tenant.
  base::Status putReconciliation(const ReconciliationRecord& report);
  // [any thread] Notes that a key was used; lost silently when the writer is busy.
  void touchApiKey(const std::string& keyId, std::int64_t at);

  // [any thread] What `owner` of an operation this process writes.
  const std::string& owner() const;
  // [any thread] Of the database as it was at the start; operations of an earlier epoch were made
  // before a restore from a backup. 0 where drivesOperations is off.
  std::int64_t epoch() const;
  // [any thread] Whether this process may send for operations that it drives, and take up others'.
  // Look before every send.
  bool mayDrive() const;
  // [any thread] The same, and that it could all the time since a moment of the monotonic clock.
  bool mayDriveSince(std::int64_t monotonicUs) const;
  // [any thread] Whether another process that lives drives what has this owner.
  bool drivenElsewhere(const std::string& owner) const;
  // [any thread] Grows when another process has gone or died, so that its work is to be taken up.
  std::uint64_t othersGone() const;

  bool healthy() const;
  std::string unhealthyReason() const;
  std::size_t queued() const;
  const WriterCounters& counters() const;

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace unigate::store
