#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <utility>

#include "base/limits.hpp"
#include "store/columns.hpp"
#include "store/dialect.hpp"
#include "store/read_session_impl.hpp"
#include "store/store.hpp"

namespace unigate::store {

namespace {

constexpr const char* kTenant = "WHERE org_id = :org_id AND environment = :environment";
// The text of the partial index operations_open, so that it is used.
constexpr const char* kOpen =
    "WHERE (state = 'received' OR state = 'intent' OR state = 'sent' OR state = 'unknown')";

std::size_t clampLimit(std::size_t limit) {
  return std::min(std::max<std::size_t>(limit, 1), base::limits::kListLimitMax);
}

template <typename T>
Page<T> toPage(std::vector<T> rows, std::size_t limit) {
  Page<T> page;
  page.hasMore = rows.size() > limit;
  if (page.hasMore) rows.resize(limit);
  page.rows = std::move(rows);
  return page;
}

// Conditions of a list, gathered from the filters that are set.
class Conditions {
 public:
  explicit Conditions(Engine engine) : engine_(engine) {}
  void equals(const char* column, const std::string& value) {
    if (!value.empty()) add(std::string(column) + " = ", value);
  }
  void created(std::int64_t gte, std::int64_t lt) {
    if (gte > 0) add("created_at >= ", gte);
    if (lt > 0) add("created_at < ", lt);
  }
  void after(const std::string& id) {
    if (!id.empty()) add("id < ", id);
  }
  void from(const std::string& id) {
    if (!id.empty()) add("id >= ", id);
  }
  void differs(const char* column, const std::string& value) {
    add(std::string(column) + " <> ", value);
  }
  void amounts(std::optional<std::int64_t> min, std::optional<std::int64_t> max) {
    if (!min && !max) return;
    sql_ += " AND currency <> ''";
    if (min) add("amount >= ", *min);
    if (max) add("amount <= ", *max);
  }
  void holds(const char* column, const std::string& text) {
    sql_ += " AND " + dialect::holdsText(engine_, column, ":" + name());
    texts_.push_back(dialect::patternOf(text));
  }
  void metadata(const std::string& key, const std::string& value) {
    const auto keyName = name();
    texts_.push_back(key);
    const auto valueName = name();
    texts_.push_back(value);
    sql_ += " AND " + dialect::metadataHas(engine_, ":" + keyName, ":" + valueName);
  }

  const std::string& sql() const { return sql_; }
  const std::vector<std::string>& texts() const { return texts_; }
  const std::vector<std::int64_t>& numbers() const { return numbers_; }

 private:
  void add(const std::string& condition, const std::string& value) {
    sql_ += " AND " + condition + ":" + name();
    texts_.push_back(value);
  }
  void add(const std::string& condition, std::int64_t value) {
    sql_ += " AND " + condition + ":n" + std::to_string(numbers_.size());
    numbers_.push_back(value);
  }
  std::string name() const { return "t" + std::to_string(texts_.size()); }

  Engine engine_;
  std::string sql_;
  std::vector<std::string> texts_;
  std::vector<std::int64_t> numbers_;
};

// A list query with the variables of its conditions.
template <typename Row>
class ListQuery {
 public:
  ListQuery(soci::session& session, const std::string& table, const Conditions& conditions)
      : texts_(conditions.texts()),
        numbers_(conditions.numbers()),
        query_(session, table, kTenant + conditions.sql() + " ORDER BY id DESC LIMIT :limit_rows") {
    auto& statement = query_.statement();
    statement.in("org_id", orgId_).in("environment", environment_).in("limit_rows", limit_);
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      statement.in("t" + std::to_string(i), texts_[i]);
    }
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
      statement.in("n" + std::to_string(i), numbers_[i]);
    }
    statement.ready();
  }
  auto run(const std::string& orgId, const std::string& environment, const Conditions& conditions,
           std::size_t limit) {
    orgId_ = orgId;
    environment_ = environment;
    limit_ = static_cast<std::int64_t>(limit);
    // Element by element: the statement is bound to where they are.
    std::copy(conditions.texts().begin(), conditions.texts().end(), texts_.begin());
    std::copy(conditions.numbers().begin(), conditions.numbers().end(), numbers_.begin());
    return query_.all();
  }

 private:
  std::string orgId_;
  std::string environment_;
  std::int64_t limit_ = 0;
  std::vector<std::string> texts_;
  std::vector<std::int64_t> numbers_;
  Query<Row> query_;
};

// Prepared lists by the text of their conditions. Clients choose the combination, so it is bounded.
template <typename Row>
class ListCache {
 public:
  auto run(soci::session& session, const std::string& table, const std::string& orgId,
           const std::string& environment, const Conditions& conditions, std::size_t limit) {
    auto found = lists_.find(conditions.sql());
    if (found == lists_.end()) {
      if (lists_.size() >= kListsMax) lists_.clear();
      found = lists_
                  .emplace(conditions.sql(),
                           std::make_unique<ListQuery<Row>>(session, table, conditions))
                  .first;
    }
    return found->second->run(orgId, environment, conditions, limit);
  }

 private:
  static constexpr std::size_t kListsMax = 64;
  std::map<std::string, std::unique_ptr<ListQuery<Row>>> lists_;
};

}  // namespace

// Where the session reads from, and when to seek a lost connection again.
struct ReadSession::Link {
  static constexpr std::chrono::milliseconds kPauseMin{50};
  static constexpr std::chrono::milliseconds kPauseMax{2'000};

  DatabaseUrl url;
  std::chrono::steady_clock::time_point notBefore{};
  std::chrono::milliseconds pause = kPauseMin;
};

struct ReadSession::Impl {
  std::unique_ptr<soci::session> session;
  // The parameters that the statements below are bound to.
  std::string orgId, environment, first, second, third;
  std::int64_t now = 0, limit = 0;

  Query<OperationRow> operationById;
  Query<OperationRow> operationByClientKey;
  Query<OperationRow> openOperations;
  Query<OperationRow> dueForResolve;
  Query<ResourceRecord> resourceById;
  Query<ResourceRecord> resourceByProviderId;
  Query<ApiKeyRecord> apiKeyByHash;
  Query<ProviderAccount> account;
  Query<SecretRecord> secrets;
  ListCache<OperationRow> operationLists;
  ListCache<ResourceRecord> resourceLists;

  explicit Impl(std::unique_ptr<soci::session> theSession)
      : session(std::move(theSession)),
        operationById(*session, "operations", std::string("WHERE id = :first") + kOnlyOfTenant),
        operationByClientKey(
            *session, "operations",
            std::string(kTenant) + " AND client_key = :first AND client_key <> ''"),
        openOperations(*session, "operations",
                       std::string(kOpen) + " AND id > :first ORDER BY id LIMIT :limit_rows"),
        dueForResolve(*session, "operations",
                      std::string(kOpen) +
                          " AND next_resolve_at > 0 AND next_resolve_at <= :now"
                          " ORDER BY next_resolve_at LIMIT :limit_rows"),
        resourceById(*session, "resources",
                     std::string("WHERE id = :first AND kind IS NOT DISTINCT FROM :second") +
                         kOnlyOfTenant),
        resourceByProviderId(
            *session, "resources",
            std::string("WHERE provider = :first AND provider_id = :second AND provider_id <> ''"
                        " AND kind IS NOT DISTINCT FROM :third") +
                kOnlyOfTenant),
        apiKeyByHash(*session, "api_keys", "WHERE hash = :first"),
        account(*session, "provider_accounts",
                std::string(kTenant) + " AND provider = :first ORDER BY priority LIMIT 1"),
        secrets(*session, "secrets",
                "WHERE org_id = :org_id AND account_id = :first ORDER BY field") {
    tenant(operationById).in("first", first).ready();
    tenant(operationByClientKey).in("first", first).ready();
    openOperations.statement().in("first", first).in("limit_rows", limit).ready();
    dueForResolve.statement().in("now", now).in("limit_rows", limit).ready();
    tenant(resourceById).in("first", first).in("second", second).ready();
    tenant(resourceByProviderId).in("first", first).in("second", second).in("third", third).ready();
    apiKeyByHash.statement().in("first", first).ready();
    tenant(account).in("first", first).ready();
    secrets.statement().in("org_id", orgId).in("first", first).ready();
  }

  template <typename Row>
  Statement& tenant(Query<Row>& query) {
    return query.statement().in("org_id", orgId).in("environment", environment);
  }
  // The id of the last row of a search's slice, empty when it reaches the end: found in the index
  // alone, without looking at a row.
  std::string endOfSlice(const std::string& org, const std::string& env,
                         const ResourceSearch& search) {
    const std::string afterAll = "~";  // sorts behind every id
    set(org, env, search.kind, search.startingAfter.empty() ? afterAll : search.startingAfter);
    limit = static_cast<std::int64_t>(std::max<std::size_t>(search.rowsMax, 1)) - 1;
    std::string last;
    Statement query(*session, std::string("SELECT id FROM resources ") + kTenant +
                                  " AND kind = :first AND id < :second"
                                  " ORDER BY id DESC LIMIT 1 OFFSET :limit_rows");
    query.out(last).in("org_id", orgId).in("environment", environment).in("first", first);
    query.in("second", second).in("limit_rows", limit).ready();
    std::string found;
    query.one([&] { found = last; });
    return found;
  }
  void set(const std::string& org, const std::string& env, const std::string& firstValue,
           const std::string& secondValue = {}, const std::string& thirdValue = {}) {
    orgId = org;
    environment = env;
    first = firstValue;
    second = secondValue;
    third = thirdValue;
  }
};

ReadSession::ReadSession(std::unique_ptr<Link> link) : link_(std::move(link)) {}
ReadSession::~ReadSession() = default;

std::unique_ptr<ReadSession> ReadSessionMaker::make(const DatabaseUrl& url) {
  auto link = std::make_unique<ReadSession::Link>();
  link->url = url;
  std::unique_ptr<ReadSession> session(new ReadSession(std::move(link)));
  session->impl_ = std::make_unique<ReadSession::Impl>(connect(url, Access::read));
  return session;
}

// Runs a read about one tenant's rows, or all tenants'; whatever it throws becomes a Problem. A
// connection that has ended since the last read is made anew once; while there is none the answer
// comes at once, for the caller may be an event loop.
template <typename Read>
auto ReadSession::guarded(const std::string& tenant, Read&& read) {
  using Answer = base::Result<decltype(read())>;
  using Clock = std::chrono::steady_clock;
  for (bool again = false;; again = true) {
    try {
      if (!impl_) {
        if (Clock::now() < link_->notBefore) {
          return Answer(base::fail(base::Problem{
              503, "store_unreadable", "the database can't be reached", {}, true, 2, {}}));
        }
        impl_ = std::make_unique<Impl>(connect(link_->url, Access::read));
        link_->pause = Link::kPauseMin;
      }
      dialect::beginRead(*impl_->session, tenant);
      Answer answer(read());
      dialect::endRead(*impl_->session);
      return answer;
    } catch (...) {
      std::string reason;
      const auto failure = dialect::classify(reason);
      const bool had = impl_ != nullptr;
      if (failure == WriteTransactions::Failure::lost) {
        impl_.reset();
        if (had && !again) continue;
        link_->notBefore = Clock::now() + link_->pause;
        link_->pause = std::min(link_->pause * 2, Link::kPauseMax);
      } else if (had) {
        dialect::endRead(*impl_->session);
      }
      return Answer(base::fail(base::Problem{
          503, "store_unreadable", "the database could not be read: " + reason, {}, true, 1, {}}));
    }
  }
}

base::Result<std::optional<OperationRecord>> ReadSession::operationById(
    const std::string& orgId, const std::string& environment, const std::string& id) {
  return guarded(orgId, [&] {
    impl_->set(orgId, environment, id);
    return impl_->operationById.one();
  });
}

base::Result<std::optional<OperationRecord>> ReadSession::operationByClientKey(
    const std::string& orgId, const std::string& environment, const std::string& clientKey) {
  return guarded(orgId, [&] {
    impl_->set(orgId, environment, clientKey);
    return impl_->operationByClientKey.one();
  });
}

base::Result<Page<OperationRecord>> ReadSession::listOperations(const std::string& orgId,
                                                                const std::string& environment,
                                                                const OperationFilter& filter) {
  return guarded(orgId, [&] {
    Conditions conditions(link_->url.engine);
    conditions.equals("state", filter.state);
    conditions.equals("provider", filter.provider);
    conditions.equals("operation", filter.operation);
    conditions.equals("resource_id", filter.resourceId);
    conditions.created(filter.createdGte, filter.createdLt);
    conditions.after(filter.startingAfter);
    const auto limit = clampLimit(filter.limit);
    return toPage(impl_->operationLists.run(*impl_->session, "operations", orgId, environment,
                                            conditions, limit + 1),
                  limit);
  });
}

base::Result<std::vector<TransitionRow>> ReadSession::transitions(const std::string& orgId,
                                                                  const std::string& environment,
                                                                  const std::string& operationId) {
  return guarded(orgId, [&] {
    Query<TransitionRow> query(*impl_->session, "transaction_logs",
                               std::string("WHERE operation_id = :first AND EXISTS"
                                           " (SELECT 1 FROM operations WHERE id = :first") +
                                   kOnlyOfTenant + ") ORDER BY seq");
    impl_->set(orgId, environment, operationId);
    impl_->tenant(query).in("first", impl_->first).ready();
    return query.all();
  });
}

base::Result<std::optional<ResourceRecord>> ReadSession::resourceById(
    const std::string& orgId, const std::string& environment, const std::string& kind,
    const std::string& id) {
  return guarded(orgId, [&] {
    impl_->set(orgId, environment, id, kind);
    return impl_->resourceById.one();
  });
}

base::Result<std::optional<ResourceRecord>> ReadSession::resourceByProviderId(
    const std::string& orgId, const std::string& environment, const std::string& kind,
    const std::string& provider, const std::string& providerId) {
  return guarded(orgId, [&] {
    impl_->set(orgId, environment, provider, providerId, kind);
    return impl_->resourceByProviderId.one();
  });
}

base::Result<Page<ResourceRecord>> ReadSession::listResources(const std::string& orgId,
                                                              const std::string& environment,
                                                              const ResourceFilter& filter) {
  return guarded(orgId, [&] {
    Conditions conditions(link_->url.engine);
    conditions.equals("kind", filter.kind);
    conditions.equals("status", filter.status);
    conditions.equals("provider", filter.provider);
    conditions.equals("customer", filter.customer);
    conditions.equals("reference", filter.reference);
    if (!filter.parentId.empty()) {
      conditions.equals("parent_id <> '' AND parent_id", filter.parentId);
    }
    conditions.created(filter.createdGte, filter.createdLt);
    conditions.after(filter.startingAfter);
    for (const auto& [key, value] : filter.metadata) conditions.metadata(key, value);
    const auto limit = clampLimit(filter.limit);
    return toPage(impl_->resourceLists.run(*impl_->session, "resources", orgId, environment,
                                           conditions, limit + 1),
                  limit);
  });
}

base::Result<SearchSlice> ReadSession::searchResources(const std::string& orgId,
                                                       const std::string& environment,
                                                       const ResourceSearch& search) {
  return guarded(orgId, [&] {
    SearchSlice slice;
    if (search.id.empty()) slice.lookedAtTo = impl_->endOfSlice(orgId, environment, search);
    Conditions conditions(link_->url.engine);
    conditions.equals("kind", search.kind);
    conditions.equals("id", search.id);
    conditions.after(search.startingAfter);
    conditions.from(slice.lookedAtTo);
    conditions.differs("status", "deleted");
    conditions.equals("status", search.status);
    conditions.equals("provider", search.provider);
    conditions.equals("currency", search.currency);
    conditions.equals("customer", search.customer);
    conditions.equals("reference", search.reference);
    conditions.equals("parent_id", search.parentId);
    conditions.amounts(search.amountMin, search.amountMax);
    conditions.created(search.createdGte, search.createdLt);
    for (const auto& [key, value] : search.metadata) conditions.metadata(key, value);
    for (const std::string& text : search.inDocument) conditions.holds("document", text);
    const auto limit = clampLimit(search.limit);
    slice.rows = impl_->resourceLists.run(*impl_->session, "resources", orgId, environment,
                                          conditions, limit);
    if (slice.rows.size() == limit) slice.lookedAtTo = slice.rows.back().id;
    return slice;
  });
}

base::Result<std::vector<OperationRecord>> ReadSession::openOperations(std::size_t limit,
                                                                       const std::string& afterId) {
  return guarded(kAllTenants, [&] {
    impl_->first = afterId;
    impl_->limit = static_cast<std::int64_t>(limit);
    return impl_->openOperations.all();
  });
}

base::Result<std::vector<OperationRecord>> ReadSession::dueForResolve(std::int64_t nowMs,
                                                                      std::size_t limit) {
  return guarded(kAllTenants, [&] {
    impl_->now = nowMs;
    impl_->limit = static_cast<std::int64_t>(limit);
    return impl_->dueForResolve.all();
  });
}

base::Result<std::vector<OperationRecord>> ReadSession::escalatedOperations(
    std::size_t limit, const std::string& afterId) {
  return guarded(kAllTenants, [&] {
    Query<OperationRow> query(*impl_->session, "operations",
                              "WHERE state = 'escalated' AND id > :first"
                              " ORDER BY id LIMIT :limit_rows");
    impl_->first = afterId;
    impl_->limit = static_cast<std::int64_t>(limit);
    query.statement().in("first", impl_->first).in("limit_rows", impl_->limit).ready();
    return query.all();
  });
}

base::Result<std::optional<OperationRecord>> ReadSession::operationOfAnyTenant(
    const std::string& id) {
  return guarded(kAllTenants, [&] {
    Query<OperationRow> query(*impl_->session, "operations", "WHERE id = :first");
    impl_->first = id;
    query.statement().in("first", impl_->first).ready();
    return query.one();
  });
}

base::Result<std::vector<OperationRecord>> ReadSession::operationsAtProvider(
    const std::string& orgId, const std::string& environment, const std::string& provider,
    std::int64_t createdGte, std::int64_t createdLt, const std::string& afterId,
    std::size_t limit) {
  return guarded(orgId, [&] {
    std::int64_t gte = createdGte;
    std::int64_t lt = createdLt;
    Query<OperationRow> query(*impl_->session, "operations",
                              std::string(kTenant) +
                                  " AND provider = :first AND id > :second AND created_at >= :gte"
                                  " AND created_at < :lt ORDER BY id LIMIT :limit_rows");
    impl_->set(orgId, environment, provider, afterId);
    impl_->limit = static_cast<std::int64_t>(limit);
    impl_->tenant(query)
        .in("first", impl_->first)
        .in("second", impl_->second)
        .in("gte", gte)
        .in("lt", lt)
        .in("limit_rows", impl_->limit)
        .ready();
    return query.all();
  });
}

base::Result<std::optional<ReconciliationRecord>> ReadSession::reconciliationById(
    const std::string& orgId, const std::string& environment, const std::string& id) {
  return guarded(orgId, [&] {
    Query<ReconciliationRecord> query(*impl_->session, "reconciliations",
                                      std::string("WHERE id = :first") + kOnlyOfTenant);
    impl_->set(orgId, environment, id);
    impl_->tenant(query).in("first", impl_->first).ready();
    return query.one();
  });
}

base::Result<Page<ReconciliationRecord>> ReadSession::listReconciliations(
    const std::string& orgId, const std::string& environment, const std::string& provider,
    const std::string& startingAfter, std::size_t limit) {
  return guarded(orgId, [&] {
    const auto rows = clampLimit(limit);
    const std::string afterAll = "~";  // sorts behind every id
    Query<ReconciliationRecord> query(*impl_->session, "reconciliations",
                                      std::string(kTenant) +
                                          " AND id < :first AND (provider = :second OR"
                                          " :third = '') ORDER BY id DESC LIMIT :limit_rows");
    impl_->set(orgId, environment, startingAfter.empty() ? afterAll : startingAfter, provider,
               provider);
    impl_->limit = static_cast<std::int64_t>(rows) + 1;
    impl_->tenant(query)
        .in("first", impl_->first)
        .in("second", impl_->second)
        .in("third", impl_->third)
        .in("limit_rows", impl_->limit)
        .ready();
    return toPage(query.all(), rows);
  });
}

base::Result<std::vector<AuditHead>> ReadSession::auditHeads() {
  return guarded(kAllTenants, [&] {
    AuditHead row;
    std::vector<AuditHead> heads;
    Statement select(*impl_->session, "SELECT chain, seq, hash FROM audit_heads ORDER BY chain");
    select.out(row.chain).out(row.seq).out(row.hash).ready();
    select.forEach([&] { heads.push_back(row); });
    return heads;
  });
}

base::Result<std::vector<std::int64_t>> ReadSession::auditChains() {
  return guarded(kAllTenants, [&] {
    std::int64_t chain = 0;
    std::vector<std::int64_t> chains;
    Statement select(*impl_->session, "SELECT DISTINCT chain FROM audit_log ORDER BY chain");
    select.out(chain).ready();
    select.forEach([&] { chains.push_back(chain); });
    return chains;
  });
}

base::Result<std::vector<AuditRow>> ReadSession::auditRows(std::int64_t chain,
                                                           std::int64_t afterSeq,
                                                           std::size_t limit) {
  return guarded(kAllTenants, [&] {
    std::int64_t after = afterSeq;
    Query<AuditRow> query(*impl_->session, "audit_log",
                          "WHERE chain = :chain AND seq > :after ORDER BY seq LIMIT :limit_rows");
    impl_->limit = static_cast<std::int64_t>(limit);
    query.statement().in("chain", chain).in("after", after).in("limit_rows", impl_->limit).ready();
    return query.all();
  });
}

base::Result<std::vector<OperationRecord>> ReadSession::operationStates(const std::string& afterId,
                                                                        std::size_t limit) {
  return guarded(kAllTenants, [&] {
    OperationRow row;
    std::vector<OperationRecord> rows;
    Statement select(*impl_->session,
                     "SELECT id, state, fence, transition_seq, created_at FROM operations"
                     " WHERE id > :first ORDER BY id LIMIT :limit_rows");
    impl_->first = afterId;
    impl_->limit = static_cast<std::int64_t>(limit);
    auto& record = row.record;
    select.out(record.id).out(row.state).out(record.fence).out(record.transitionSeq);
    select.out(record.createdAt).in("first", impl_->first).in("limit_rows", impl_->limit).ready();
    select.forEach([&] { rows.push_back(takeRow(row)); });
    return rows;
  });
}

base::Result<std::vector<Organisation>> ReadSession::organisations() {
  return guarded(kAllTenants, [&] {
    Query<Organisation> query(*impl_->session, "organisations", "ORDER BY id");
    query.statement().ready();
    return query.all();
  });
}

base::Result<std::optional<Organisation>> ReadSession::organisationById(const std::string& orgId) {
  return guarded(orgId, [&] {
    Query<Organisation> query(*impl_->session, "organisations", "WHERE id = :org_id");
    impl_->orgId = orgId;
    query.statement().in("org_id", impl_->orgId).ready();
    return query.one();
  });
}

base::Result<std::optional<ApiKeyRecord>> ReadSession::apiKeyByHash(const std::string& hash) {
  return guarded(kAllTenants, [&] {
    impl_->first = hash;
    return impl_->apiKeyByHash.one();
  });
}

base::Result<std::vector<ApiKeyRecord>> ReadSession::apiKeys(const std::string& orgId) {
  return guarded(orgId, [&] {
    Query<ApiKeyRecord> query(*impl_->session, "api_keys", "WHERE org_id = :org_id ORDER BY id");
    impl_->orgId = orgId;
    query.statement().in("org_id", impl_->orgId).ready();
    return query.all();
  });
}

base::Result<std::vector<ProviderAccount>> ReadSession::accounts(const std::string& orgId,
                                                                 const std::string& environment) {
  return guarded(orgId, [&] {
    Query<ProviderAccount> query(*impl_->session, "provider_accounts",
                                 std::string(kTenant) + " ORDER BY provider, priority");
    impl_->set(orgId, environment, {});
    impl_->tenant(query).ready();
    return query.all();
  });
}

base::Result<std::optional<ProviderAccount>> ReadSession::account(const std::string& orgId,
                                                                  const std::string& environment,
                                                                  const std::string& provider) {
  return guarded(orgId, [&] {
    impl_->set(orgId, environment, provider);
    return impl_->account.one();
  });
}

base::Result<std::vector<SecretRecord>> ReadSession::secrets(const std::string& orgId,
                                                             const std::string& accountId) {
  return guarded(orgId, [&] {
    impl_->set(orgId, {}, accountId);
    return impl_->secrets.all();
  });
}

base::Status ReadSession::read(const std::string& tenant,
                               const std::function<void(soci::session&)>& work) {
  const auto done = guarded(tenant, [&] {
    work(*impl_->session);
    return true;
  });
  if (!done) return base::fail(done.error());
  return {};
}

base::Result<std::optional<std::string>> ReadSession::meta(const std::string& key) {
  return guarded(kAllTenants, [&] {
    std::string value;
    Statement select(*impl_->session, "SELECT value FROM meta WHERE key = :first");
    impl_->first = key;
    select.out(value).in("first", impl_->first).ready();
    std::optional<std::string> found;
    select.one([&] { found = value; });
    return found;
  });
}

}  // namespace unigate::store
