#include "store/store.hpp"

#include <soci/soci.h>

#include <future>
#include <unigate/json.hpp>

#include "store/api_keys.hpp"
#include "store/audit_entry.hpp"
#include "store/checkpointer.hpp"
#include "store/migrations.hpp"
#include "store/read_session_impl.hpp"
#include "store/secret_rows.hpp"
#include "store/worker_lease.hpp"
#include "store/write_connection.hpp"

namespace unigate::store {

namespace {

// A job whose work gives a Value and whose owner wants Result<Value>.
template <typename Value, typename Work, typename Done>
class ValueJob final : public WriteJob {
 public:
  ValueJob(Work work, Done done) : work_(std::move(work)), done_(std::move(done)) {}
  void run(WriteConnection& connection) override { value_ = work_(connection); }
  void announce(WriteConnection& connection) override {
    if constexpr (requires { work_.announce(connection); }) work_.announce(connection);
  }
  void settle(base::Status status) override { status_ = std::move(status); }
  void run() override {
    if (status_) {
      done_(base::Result<Value>(std::move(value_)));
    } else {
      done_(base::Result<Value>(base::fail(std::move(status_.error()))));
    }
  }

 private:
  Work work_;
  Done done_;
  Value value_{};
  base::Status status_;
};

template <typename Value, typename Work, typename Done>
std::unique_ptr<WriteJob> makeJob(CompletionSink* sink, std::string tenant, std::string order,
                                  Work work, Done done) {
  auto job = std::make_unique<ValueJob<Value, Work, Done>>(std::move(work), std::move(done));
  job->sink = sink;
  job->tenant = std::move(tenant);
  job->order = std::move(order);
  return job;
}

// See WriteJob::order. Keys of clients come first, then rows by their ids.
std::string orderOf(const IntentRecord& intent) {
  return " " + intent.operation.clientKey;
}
std::string orderOf(const std::string& operationId, const std::vector<ResourceRecord>& resources) {
  std::string first = operationId;
  for (const auto& each : resources) first = std::min(first, each.id);
  return first;
}

struct IntentWork {
  IntentRecord intent;
  void announce(WriteConnection& connection) const { connection.announce(intent); }
  IntentOutcome operator()(WriteConnection& connection) const {
    return connection.insertIntent(intent);
  }
};

struct TransitionWork {
  std::string orgId;
  std::string operationId;
  OperationState fromState;
  std::int64_t fromFence;
  TransitionRecord record;
  void announce(WriteConnection& connection) const {
    connection.announce(orgId, operationId, fromState, fromFence, record);
  }
  TransitionOutcome operator()(WriteConnection& connection) const {
    return connection.transition(orgId, operationId, fromState, fromFence, record);
  }
};

base::Problem cannotOpen(const std::string& path) {
  std::string reason;
  dialect::classify(reason);
  return {500,
          "database_unavailable",
          "cannot use the database " + path + ": " + reason,
          "store.url",
          false,
          0,
          {}};
}

void insertOrUpdateAccount(soci::session& session, const ProviderAccount& account) {
  ProviderAccount row = account;
  Statement upsert(session, insertSql<ProviderAccount>("provider_accounts") +
                                " ON CONFLICT (org_id, environment, provider, priority) DO UPDATE"
                                " SET settings = excluded.settings, status = excluded.status,"
                                " verified_at = excluded.verified_at,"
                                " updated_at = excluded.updated_at");
  bindAllIn(upsert, row);
  upsert.ready().run();
}

base::Status notFound(const char* what) {
  return base::fail(404, "not_found", std::string("there is no such ") + what);
}

}  // namespace

struct Store::Impl {
  DatabaseUrl url;
  std::string owner;
  GroupCommitWriter writer;
  std::unique_ptr<Checkpointer> checkpointer;  // after the writer: it goes first and uses it
  std::unique_ptr<WorkerLease> lease;

  Impl(const DatabaseUrl& theUrl, StoreSettings settings, const base::Clock& clock)
      : url(theUrl),
        owner(settings.owner),
        writer(std::make_unique<SqlTransactions>(theUrl, settings.owner, clock),
               std::move(settings.writer), clock) {
    const bool alone = theUrl.engine == Engine::sqlite;
    if (alone) checkpointer = std::make_unique<Checkpointer>(theUrl, writer);
    if (settings.drivesOperations) {
      lease =
          std::make_unique<WorkerLease>(owner, alone, settings.logRetentionMonths, writer, clock);
    }
  }

  // Runs work on the writer's thread and waits until it is durable.
  template <typename Value, typename Work>
  base::Result<Value> now(Work work, std::int64_t patienceMs = WriteJob::kPatienceMs) {
    std::promise<base::Result<Value>> promise;
    auto future = promise.get_future();
    auto job = makeJob<Value>(nullptr, {}, {}, std::move(work), [&promise](base::Result<Value> result) {
      promise.set_value(std::move(result));
    });
    job->patienceMs = patienceMs;
    const auto queued = writer.submit(std::move(job));
    if (!queued) return base::fail(queued.error());
    return future.get();
  }

  // How long a change of the books' surroundings (keys, accounts, people) waits while the database
  // can't be written: while serving somebody would rather be told; a command has time.
  std::int64_t patienceMs() const {
    return lease ? WriteJob::kShortPatienceMs : WriteJob::kPatienceMs;
  }

  // Runs work that writes rows and tells how many it touched.
  base::Result<std::int64_t> rowsNow(std::function<std::int64_t(WriteConnection&)> work) {
    return now<std::int64_t>(std::move(work), patienceMs());
  }

  base::Status statusNow(std::function<void(WriteConnection&)> work) {
    const auto result =
        rowsNow([work = std::move(work)](WriteConnection& connection) -> std::int64_t {
          work(connection);
          return 0;
        });
    if (!result) return base::fail(result.error());
    return {};
  }
};

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

base::Result<std::unique_ptr<Store>> Store::open(StoreSettings settings, const base::Clock& clock) {
  const auto url = parseDatabaseUrl(settings.url);
  if (!url) return base::fail(url.error());
  const auto pending = pendingMigrations(settings.url);
  if (!pending) return base::fail(pending.error());
  if (!pending->empty()) {
    return base::fail(500, "database_outdated",
                      "the database " + url->path + " lacks " + std::to_string(pending->size()) +
                          " migration(s); run \"unigate migrate\"");
  }
  try {
    std::unique_ptr<Store> store(
        new Store(std::make_unique<Impl>(*url, std::move(settings), clock)));
    if (store->impl_->lease) {
      if (auto begun = store->impl_->lease->begin(); !begun) return base::fail(begun.error());
    }
    return store;
  } catch (...) {
    return base::fail(cannotOpen(url->path));
  }
}

base::Result<std::unique_ptr<ReadSession>> Store::openReader() {
  try {
    return ReadSessionMaker::make(impl_->url);
  } catch (...) {
    return base::fail(cannotOpen(impl_->url.path));
  }
}

base::Status Store::insertIntent(IntentRecord intent, CompletionSink* sink, IntentDone done) {
  auto tenant = intent.operation.orgId;
  auto order = orderOf(intent);
  auto job =
      makeJob<IntentOutcome>(sink, std::move(tenant), std::move(order),
                             IntentWork{std::move(intent)}, std::move(done));
  job->patienceMs = WriteJob::kShortPatienceMs;
  return impl_->writer.submit(std::move(job));
}

base::Status Store::transition(const std::string& orgId, const std::string& operationId,
                               OperationState fromState, std::int64_t fromFence,
                               TransitionRecord record, CompletionSink* sink, TransitionDone done) {
  auto order = orderOf(operationId, record.resources);
  return impl_->writer.submit(makeJob<TransitionOutcome>(
      sink, orgId, std::move(order),
      TransitionWork{orgId, operationId, fromState, fromFence, std::move(record)},
      std::move(done)));
}

base::Status Store::putResources(std::vector<ResourceRecord> resources, CompletionSink* sink,
                                 TransitionDone done) {
  auto tenant = resources.empty() ? std::string() : resources.front().orgId;
  auto order = orderOf("~", resources);
  return impl_->writer.submit(makeJob<TransitionOutcome>(
      sink, std::move(tenant), std::move(order),
      [resources = std::move(resources)](WriteConnection& connection) {
        return connection.putResources(resources);
      },
      std::move(done)));
}

base::Result<IntentOutcome> Store::insertIntentNow(IntentRecord intent) {
  return impl_->now<IntentOutcome>([intent = std::move(intent)](WriteConnection& connection) {
    return connection.insertIntent(intent);
  });
}

base::Result<TransitionOutcome> Store::transitionNow(const std::string& orgId,
                                                     const std::string& operationId,
                                                     OperationState fromState,
                                                     std::int64_t fromFence,
                                                     TransitionRecord record) {
  return impl_->now<TransitionOutcome>([&](WriteConnection& connection) {
    return connection.transition(orgId, operationId, fromState, fromFence, record);
  });
}

base::Status Store::createOrganisation(const Organisation& organisation) {
  return impl_->statusNow([&](WriteConnection& connection) {
    auto& session = connection.session();
    connection.forTenant(organisation.id);
    Organisation row = organisation;
    Statement insert(session, insertSql<Organisation>("organisations"));
    bindAllIn(insert, row);
    insert.ready().run();
    connection.audit(entry(organisation.id, "organisation.create", organisation.id,
                           json::Writer().beginObject().member("name", organisation.name)));
  });
}

base::Status Store::createApiKey(const ApiKeyRecord& key) {
  return impl_->statusNow([&](WriteConnection& connection) {
    ApiKeyRow row;
    static_cast<ApiKeyRecord&>(row) = key;
    insertApiKey(connection, row);
  });
}

base::Status Store::revokeApiKey(const std::string& orgId, const std::string& keyId,
                                 std::int64_t at) {
  return store::revokeApiKey(*this, orgId, keyId, at, "");
}

base::Status Store::putAccount(const ProviderAccount& account,
                               const std::vector<SecretRecord>& secrets) {
  return impl_->statusNow([&](WriteConnection& connection) {
    auto& session = connection.session();
    connection.forTenant(account.orgId);
    insertOrUpdateAccount(session, account);
    json::Writer data;
    data.beginObject()
        .member("provider", account.provider)
        .member("environment", account.environment)
        .key("fields")
        .beginArray();
    for (const auto& secret : secrets) {
      insertOrReplaceSecret(session, secret);
      data.value(secret.field);
    }
    data.endArray();
    connection.audit(entry(account.orgId, "service.configure", account.id, data));
  });
}

base::Status Store::setAccountStatus(const std::string& orgId, const std::string& accountId,
                                     const std::string& status, std::int64_t verifiedAt) {
  const auto rows = impl_->rowsNow([&](WriteConnection& connection) {
    auto& session = connection.session();
    connection.forTenant(orgId);
    std::int64_t time = verifiedAt;
    Statement update(session,
                     "UPDATE provider_accounts SET status = :status, verified_at = :at"
                     " WHERE id = :id AND org_id = :org_id");
    return update.in("status", status)
        .in("at", time)
        .in("id", accountId)
        .in("org_id", orgId)
        .ready()
        .run();
  });
  if (!rows) return base::fail(rows.error());
  return *rows == 0 ? notFound("account in this organisation") : base::Status{};
}

base::Status Store::deleteAccount(const std::string& orgId, const std::string& accountId) {
  const auto rows = impl_->rowsNow([&](WriteConnection& connection) {
    auto& session = connection.session();
    connection.forTenant(orgId);
    Statement secrets(session, "DELETE FROM secrets WHERE account_id = :id AND org_id = :org_id");
    secrets.in("id", accountId).in("org_id", orgId).ready().run();
    Statement account(session, "DELETE FROM provider_accounts WHERE id = :id AND org_id = :org_id");
    const auto deleted = account.in("id", accountId).in("org_id", orgId).ready().run();
    if (deleted > 0)
      connection.audit(entry(orgId, "service.disconnect", accountId, json::Writer().beginObject()));
    return deleted;
  });
  if (!rows) return base::fail(rows.error());
  return *rows == 0 ? notFound("account in this organisation") : base::Status{};
}

base::Status Store::setMeta(const std::string& key, const std::string& value) {
  return impl_->statusNow([&](WriteConnection& connection) {
    auto& session = connection.session();
    Statement upsert(session,
                     "INSERT INTO meta (key, value) VALUES (:key, :value)"
                     " ON CONFLICT (key) DO UPDATE SET value = excluded.value");
    upsert.in("key", key).in("value", value).ready().run();
    connection.forTenant(kAllTenants);
    connection.audit(
        entry({}, "meta.set", key, json::Writer().beginObject().member("value", value)));
  });
}

base::Status Store::writeNow(const std::function<void(WriteConnection&)>& work) {
  std::optional<base::Problem> refused;
  auto status = impl_->statusNow([&](WriteConnection& connection) {
    refused.reset();
    try {
      work(connection);
    } catch (const Refusal& refusal) {
      refused = refusal.problem;
      throw std::runtime_error("refused");
    }
  });
  if (!status && refused) return base::fail(std::move(*refused));
  return status;
}

base::Result<std::vector<WorkerRecord>> Store::workersNow() {
  return impl_->now<std::vector<WorkerRecord>>([](WriteConnection& connection) {
    connection.forTenant(kAllTenants);
    std::vector<WorkerRecord> workers;
    WorkerRecord row;
    Statement select(connection.session(),
                     "SELECT id, beat, epoch, host, process_id, started_at, seen_at FROM workers"
                     " ORDER BY id");
    select.out(row.id).out(row.beat).out(row.epoch).out(row.host).out(row.processId);
    select.out(row.startedAt).out(row.seenAt).ready();
    select.forEach([&] { workers.push_back(row); });
    return workers;
  });
}

base::Status Store::putReconciliation(const ReconciliationRecord& report) {
  return impl_->statusNow([&](WriteConnection& connection) {
    connection.forTenant(report.orgId);
    ReconciliationRecord row = report;
    Statement upsert(connection.session(),
                     insertSql<ReconciliationRecord>("reconciliations") +
                         " ON CONFLICT (id) DO UPDATE SET status = excluded.status,"
                         " until = excluded.until, finished_at = excluded.finished_at,"
                         " differences = excluded.differences, document = excluded.document"
                         " WHERE reconciliations.org_id = excluded.org_id");
    bindAllIn(upsert, row);
    upsert.ready().run();
  });
}

void Store::touchApiKey(const std::string& keyId, std::int64_t at) {
  // A lost note of use harms nobody, so neither a refusal nor a failure is told.
  const auto queued = impl_->writer.submit(makeJob<bool>(
      nullptr, {}, "~",
      [keyId, at](WriteConnection& connection) {
        connection.touchApiKey(keyId, at);
        return true;
      },
      [](const base::Result<bool>&) {}));
  static_cast<void>(queued);
}

const std::string& Store::owner() const {
  return impl_->owner;
}
std::int64_t Store::epoch() const {
  return impl_->lease ? impl_->lease->epoch() : 0;
}
bool Store::mayDrive() const {
  return impl_->lease == nullptr || impl_->lease->held();
}
bool Store::mayDriveSince(std::int64_t monotonicUs) const {
  return impl_->lease == nullptr || impl_->lease->heldSince(monotonicUs);
}
std::uint64_t Store::othersGone() const {
  return impl_->lease == nullptr ? 0 : impl_->lease->othersGone();
}
bool Store::drivenElsewhere(const std::string& owner) const {
  return impl_->lease != nullptr && impl_->lease->drivenElsewhere(owner);
}

bool Store::healthy() const {
  return impl_->writer.healthy() && (!impl_->lease || impl_->lease->lostForGood().empty());
}
std::string Store::unhealthyReason() const {
  const auto lost = impl_->lease ? impl_->lease->lostForGood() : std::string();
  return lost.empty() ? impl_->writer.unhealthyReason() : lost;
}
std::size_t Store::queued() const {
  return impl_->writer.queued();
}
const WriterCounters& Store::counters() const {
  return impl_->writer.counters();
}

}  // namespace unigate::store
