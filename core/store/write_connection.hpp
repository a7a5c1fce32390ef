// The writer's connection with its prepared statements: what a job may do to the database. Used on
// the writer's thread alone. Included only by the store.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "store/audit_chain.hpp"
#include "store/columns.hpp"
#include "store/dialect.hpp"
#include "store/records.hpp"

namespace unigate::store {

class WriteConnection {
 public:
  // `owner` is written as the driver of every operation that is written, and as the actor where a
  // job names none.
  WriteConnection(const DatabaseUrl& url, std::string owner, const base::Clock& clock);
  ~WriteConnection();

  // Says what insertIntent or transition will be called for before the transaction ends: so those
  // that were announced together are written together (see WriteMany).
  void announce(const IntentRecord& intent);
  void announce(const std::string& orgId, const std::string& operationId, OperationState fromState,
                std::int64_t fromFence, const TransitionRecord& record);
  IntentOutcome insertIntent(const IntentRecord& intent);
  TransitionOutcome transition(const std::string& orgId, const std::string& operationId,
                               OperationState fromState, std::int64_t fromFence,
                               const TransitionRecord& record);
  TransitionOutcome putResources(const std::vector<ResourceRecord>& resources);
  void touchApiKey(const std::string& keyId, std::int64_t at);

  // Whose rows the statements that follow are about: an organisation's id, or kAllTenants. Without
  // it PostgreSQL shows and takes none.
  void forTenant(const std::string& orgId);

  // Adds a row to the audit chain of this connection; `row.chain`, `seq`, `at`, `hash` and, when
  // empty, `actor` are filled in.
  void audit(AuditRow row);

  // For rare writes with statements of their own.
  soci::session& session();
  const base::Clock& clock() const { return clock_; }

 private:
  friend class SqlTransactions;
  struct Statements;

  // Sends what was collected.
  void flush();
  void forget();
  void addChange(const std::string& orgId, const std::string& operationId,
                 OperationState fromState, std::int64_t fromFence, const TransitionRecord& record);
  static bool checksItself(const std::string& orgId, const TransitionRecord& record);
  bool versionsHold(const std::vector<ResourceRecord>& resources);
  void writeResource(const ResourceRecord& resource);
  // The log's row of a transition, but for what it changed from.
  static TransitionRow rowOf(const std::string& orgId, const std::string& operationId,
                             const TransitionRecord& record);
  // Writes the row and its entry in the audit chain.
  void logTransition(TransitionRow row);
  // Around a transaction: forgets the tenant and, where others may write the same chain, its end;
  // writes the end down; takes back what was added to it.
  void beginning();
  void committing();
  void rolledBack();

  const base::Clock& clock_;
  const std::string owner_;
  std::unique_ptr<soci::session> session_;
  const Engine engine_;
  std::string tenant_;  // of the transaction under way
  AuditHead head_;      // with what this transaction added
  AuditHead durableHead_;
  bool headKnown_ = false;
  std::unique_ptr<Statements> statements_;
};

// Transactions of a WriteConnection for the GroupCommitWriter.
class SqlTransactions final : public WriteTransactions {
 public:
  // Connects at once, so that a database that can't be used is told at the start.
  SqlTransactions(const DatabaseUrl& url, std::string owner, const base::Clock& clock);
  ~SqlTransactions() override;
  void begin() override;
  void commit() override;
  void rollback() noexcept override;
  void run(const std::vector<std::unique_ptr<WriteJob>>& jobs) override;
  Failure classify(std::string& reason) const override { return dialect::classify(reason); }
  Outcome outcomeOfLostCommit(std::int64_t waitMs) override;
  bool isShared() const override { return url_.engine == Engine::postgres; }

 private:
  const DatabaseUrl url_;
  const std::string owner_;
  const base::Clock& clock_;
  std::unique_ptr<WriteConnection> connection_;  // null while there is none
  AuditHead before_;  // of the chain, around the last commit that was tried
  AuditHead after_;
};

}  // namespace unigate::store
