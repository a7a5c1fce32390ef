#include "store/migrations.hpp"

#include <sys/stat.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <thread>

#include "store/dialect.hpp"
#include "store/statement.hpp"
#include "store/test_database.hpp"

using namespace unigate;
using namespace unigate::store;

namespace {

const std::vector<Migration> kTwo = {
    {1, "first", "-- a comment\nCREATE TABLE a (id TEXT NOT NULL PRIMARY KEY,\n  n BIGINT);\n"},
    {2, "second", "INSERT INTO a (id, n) VALUES ('x', 1);\nCREATE TABLE b (id TEXT);\n"}};

// The owner's connection, which sees every tenant's rows.
std::unique_ptr<soci::session> asOwner(const TestFolder& folder) {
  auto session = connect(must(parseDatabaseUrl(folder.ownerUrl())), Access::migrate);
  if (dialect::engineOf(*session) == Engine::postgres)
    postgres::run(*session, "SELECT set_config('unigate.tenant', '*', false)");
  return session;
}

std::int64_t count(const TestFolder& folder, const std::string& from) {
  const auto session = asOwner(folder);
  std::int64_t rows = 0;
  Statement(*session, "SELECT COUNT(*) FROM " + from).out(rows).ready().one([] {});
  return rows;
}

}  // namespace

TEST_CASE("Brings an empty database up to date, private to its owner", "[sqlite]") {
  TestFolder folder;
  base::ManualClock clock;
  const auto url = "sqlite:" + folder.file("new/folder/test.db");
  const auto report = must(migrate(url, clock));
  REQUIRE(report.applied.size() == builtInMigrations().size());
  CHECK(report.version == builtInMigrations().back().version);
  CHECK(must(pendingMigrations(url)).empty());
  struct stat status {};
  REQUIRE(::stat(folder.file("new/folder/test.db").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0600);
  REQUIRE(::stat(folder.file("new/folder").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0700);
  CHECK(must(Store::open({url, {}}, clock))->healthy());
}

TEST_CASE("Does nothing the second time, and later applies only what is new") {
  TestFolder folder;
  base::ManualClock clock;
  CHECK(must(migrate(folder.ownerUrl(), clock, {kTwo[0]})).applied.size() == 1);
  CHECK(must(migrate(folder.ownerUrl(), clock, {kTwo[0]})).applied.empty());
  const auto report = must(migrate(folder.ownerUrl(), clock, kTwo));
  REQUIRE(report.applied.size() == 1);
  CHECK(report.applied[0].name == "second");
  CHECK(report.version == 2);
  CHECK(count(folder, "a") == 1);
}

TEST_CASE("Processes that migrate at once apply each migration once") {
  TestFolder folder;
  base::ManualClock clock;
  std::vector<std::thread> threads;
  std::vector<base::Result<MigrationReport>> reports(6);
  for (auto& report : reports) {
    threads.emplace_back([&] { report = migrate(folder.ownerUrl(), clock, kTwo); });
  }
  for (auto& thread : threads) thread.join();
  std::size_t applied = 0;
  for (auto& report : reports) applied += must(report).applied.size();
  CHECK(applied == 2);
  CHECK(count(folder, "a") == 1);
}

TEST_CASE("Refuses a database that is newer than the binary and says what to do") {
  TestFolder folder;
  base::ManualClock clock;
  must(migrate(folder.ownerUrl(), clock, kTwo));
  const auto refused = migrate(folder.ownerUrl(), clock, {kTwo[0]});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "database_newer");
  CHECK(refused.error().detail.find("schema version 2") != std::string::npos);
  CHECK(refused.error().detail.find('\n') == std::string::npos);
}

TEST_CASE("Refuses a database whose migrations had another text") {
  TestFolder folder;
  base::ManualClock clock;
  must(migrate(folder.ownerUrl(), clock, {kTwo[0]}));
  auto changed = kTwo;
  changed[0].sql += "CREATE TABLE c (id TEXT);\n";
  const auto refused = migrate(folder.ownerUrl(), clock, changed);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "migration_changed");
  CHECK(refused.error().detail.find("1 (first)") != std::string::npos);
  CHECK(must(migrate(folder.ownerUrl(), clock, {kTwo[0]})).version == 1);
}

TEST_CASE("Of several open changes of one resource from before, the oldest holds it") {
  TestFolder folder;
  base::ManualClock clock;
  const auto all = builtInMigrations();
  const auto added =
      std::find_if(all.begin(), all.end(), [](const auto& each) { return each.version == 3; });
  REQUIRE(added != all.end());
  must(migrate(folder.ownerUrl(), clock, std::vector<Migration>(all.begin(), added)));
  {
    const auto session = asOwner(folder);
    const auto add = [&](const std::string& id, const std::string& state,
                         const std::string& resource, const std::string& kind) {
      std::string names;
      std::string values;
      for (const char* text :
           {"client_key", "fingerprint", "operation", "route", "provider", "account_id", "currency",
            "provider_key", "recovery_mode", "input", "outcome", "error", "response_headers",
            "response_body", "provider_request_id"}) {
        names += std::string(", ") + text;
        values += ", ''";
      }
      for (const char* number :
           {"amount", "recovery_window_seconds", "attempt", "fence", "epoch", "response_status",
            "created_at", "updated_at", "sent_at", "finished_at", "next_resolve_at", "provider_us",
            "own_us", "transition_seq"}) {
        names += std::string(", ") + number;
        values += ", 0";
      }
      execute(*session,
              "INSERT INTO operations (id, org_id, environment, state, resource_id,"
              " resource_kind" +
                  names + ") VALUES ('" + id + "', 'org_1', 'test', '" + state + "', '" + resource +
                  "', '" + kind + "'" + values + ")");
    };
    add("txn_1", "succeeded", "pay_1", "payment");
    add("txn_2", "unknown", "pay_1", "payment");
    add("txn_3", "sent", "pay_1", "payment");
    add("txn_4", "sent", "cus_1", "customer");
    add("txn_5", "escalated", "", "");
  }
  migrateAll(folder, clock);
  CHECK(count(folder, "operations WHERE holds <> ''") == 1);
  CHECK(count(folder, "operations WHERE id = 'txn_2' AND holds = 'pay_1'") == 1);
}

TEST_CASE("A migration that fails leaves nothing behind") {
  TestFolder folder;
  base::ManualClock clock;
  must(migrate(folder.ownerUrl(), clock, {kTwo[0]}));
  auto broken = kTwo;
  broken[1].sql = "INSERT INTO a (id, n) VALUES ('x', 1);\nCREATE NONSENSE;\n";
  CHECK(migrate(folder.ownerUrl(), clock, broken).error().code == "migration_failed");
  CHECK(count(folder, "a") == 0);
  CHECK(count(folder, "schema_migrations") == 1);
  CHECK(must(migrate(folder.ownerUrl(), clock, kTwo)).applied.size() == 1);
}

TEST_CASE("A store does not open on a schema that is not current", "[sqlite]") {
  TestFolder folder;
  base::ManualClock clock;
  const auto absent = Store::open({folder.url(), {}}, clock);
  REQUIRE_FALSE(absent);
  CHECK(absent.error().detail.find("unigate migrate") != std::string::npos);
  must(migrate(folder.ownerUrl(), clock, std::vector<Migration>{}));
  const auto outdated = Store::open({folder.url(), {}}, clock);
  REQUIRE_FALSE(outdated);
  CHECK(outdated.error().code == "database_outdated");
}

TEST_CASE("Refuses URLs that name no database, and files that are none", "[sqlite]") {
  TestFolder folder;
  base::ManualClock clock;
  for (const auto& url : {"", "unigate.db", "sqlite:", "sqlite::memory:", "sqlite:a\"b.db",
                          "postgresql://host/db", "postgresql://user@host:x/db", "mysql://host"}) {
    CAPTURE(url);
    const auto refused = migrate(url, clock);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().param == "store.url");
    const auto& detail = refused.error().detail;
    CHECK((detail.find("sqlite:PATH") != std::string::npos ||
           detail.find("postgresql://USER@HOST/DATABASE") != std::string::npos));
  }
  CHECK(must(parseDatabaseUrl("sqlite:///abs/x.db")).path == "/abs/x.db");
  CHECK(must(parseDatabaseUrl("sqlite:/abs/x.db")).path == "/abs/x.db");
  std::ofstream(folder.file("test.db")) << std::string(5'000, 'x');
  CHECK(migrate(folder.ownerUrl(), clock).error().code == "database_unavailable");
}

namespace {

// An operation with its first transition, as a gateway of the schema's first version writes it.
void insertAsFirstVersion(soci::session& session, const std::string& id) {
  execute(session,
          "INSERT INTO operations (id, org_id, environment, client_key, fingerprint, operation,"
          " route, provider, account_id, resource_kind, resource_id, amount, currency,"
          " provider_key, recovery_mode, recovery_window_seconds, state, attempt, fence, epoch,"
          " lease_until_us, input, outcome, error, response_status, response_headers,"
          " response_body, provider_request_id, created_at, updated_at, sent_at, finished_at,"
          " next_resolve_at, provider_us, own_us, transition_seq) VALUES ('" +
              id +
              "', 'org_1', 'test', '', '', 'payments.create', '', 'acme', '', 'payment', '', 5,"
              " 'EUR', 'k', 'native', 60, 'succeeded', 1, 2, 0, 0, '{}', 'done', '', 201, '',"
              " '{}', '', 1, 1, 1, 1, 0, 0, 0, 1)");
  execute(session,
          "INSERT INTO operation_transitions (operation_id, seq, from_state, to_state, attempt,"
          " fence, at, reason) VALUES ('" +
              id + "', 1, '', 'succeeded', 1, 2, 1, 'accepted')");
}

std::vector<Migration> firstVersion() {
  return {builtInMigrations().front()};
}

}  // namespace

TEST_CASE("A database of the first version keeps its operations and their log") {
  TestFolder folder;
  base::ManualClock clock;
  must(migrate(folder.ownerUrl(), clock, firstVersion()));
  {
    const auto session = asOwner(folder);
    for (const char* id : {"txn_a", "txn_b"}) insertAsFirstVersion(*session, id);
  }
  migrateAll(folder, clock);
  CHECK(count(folder, "operations WHERE owner = '' AND amount = 5") == 2);
  CHECK(count(folder, "transaction_logs WHERE org_id = 'org_1'") == 2);
  const auto store = must(Store::open({folder.url(), {}}, clock));
  const auto reader = must(store->openReader());
  CHECK(must(reader->operationById("org_1", "test", "txn_a"))->responseStatus == 201);
  CHECK(must(reader->transitions("org_1", "test", "txn_b")).size() == 1);
}

TEST_CASE("Under load a migration loses nothing, and whoever writes the old way is refused whole") {
  TestFolder folder;
  base::ManualClock clock;
  must(migrate(folder.ownerUrl(), clock, firstVersion()));
  std::atomic<int> committed{0};
  std::atomic<bool> over{false};
  std::vector<std::thread> writers;
  for (const std::string name : {"a", "b"}) {
    writers.emplace_back([&, name] {
      const auto session = asOwner(folder);
      for (int i = 0; !over; ++i) {
        try {
          dialect::beginWrite(*session);
          insertAsFirstVersion(*session, "txn_" + name + std::to_string(i));
          dialect::commit(*session);
          ++committed;
        } catch (...) {
          std::string reason;
          const auto failure = dialect::classify(reason);
          try {
            execute(*session, "ROLLBACK");
          } catch (const soci::soci_error&) {
            reason += " (rolled back already)";
          }
          // The schema that it knows is gone; being held up by the migration is no reason to stop.
          if (failure == WriteTransactions::Failure::job) return;
        }
      }
    });
  }
  while (committed < 40) std::this_thread::yield();
  const auto attempt = [&] {
    return migrate(folder.ownerUrl(), clock,
                   testServer().empty() ? std::string() : folder.url());
  };
  auto report = attempt();
  // Two who write without a pause may keep it out for as long as it waits; nothing has changed then.
  for (int again = 0; !report && again < 10; ++again) report = attempt();
  over = true;
  for (auto& writer : writers) writer.join();
  INFO((report ? "" : report.error().detail));
  REQUIRE(report);
  CHECK(report->version == builtInMigrations().back().version);
  CHECK(count(folder, "operations") == committed);
  CHECK(count(folder, "transaction_logs") == committed);
}
