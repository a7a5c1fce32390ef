// The writer's connection with its prepared statements: what a job may do to the database. Used on
// the writer's thread alone. Included only by the store.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
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

  IntentOutcome insertIntent(const IntentRecord& intent);
  TransitionOutcome transition(const std::string& orgId, const std::string& operationId,
                               OperationState fromState, std::int64_t fromFence,
                               const TransitionRecord& record);
  TransitionOutcome putResources(const std::vector<ResourceRecord>& resources);
  void touchApiKey(const std::string& keyId, std::int64_t at);

  // Whose rows the statements that follow are about: an organisation's id, or kAllTenants. Without
  // it PostgreSQL shows and takes none.
  void forTenant(const std::string& orgId);

  // For rare writes with statements of their own.
  soci::session& session() { return *session_; }
  const base::Clock& clock() const { return clock_; }

 private:
  friend class SqlTransactions;
  struct Statements;

  bool versionsHold(const std::vector<ResourceRecord>& resources);
  void writeResource(const ResourceRecord& resource);
  void addTransitionRow(const std::string& operationId, const std::string& fromState,
                        const std::string& reason);

  const base::Clock& clock_;
  const std::string owner_;
  std::unique_ptr<soci::session> session_;
  std::unique_ptr<Statements> statements_;
};

// Transactions of a WriteConnection for the GroupCommitWriter.
class SqlTransactions final : public WriteTransactions {
 public:
  SqlTransactions(const DatabaseUrl& url, std::string owner, const base::Clock& clock);
  ~SqlTransactions() override;
  void begin() override;
  void commit() override;
  void rollback() noexcept override;
  void run(WriteJob& job) override { job.run(connection_); }
  Failure classify(std::string& reason) const override { return dialect::classify(reason); }

 private:
  WriteConnection connection_;
  Statement begin_;
  Statement commit_;
};

}  // namespace unigate::store
