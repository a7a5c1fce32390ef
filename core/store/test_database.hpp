// A database in a folder of its own, and records to fill it. For the store's tests.
#pragma once

#include <libpq-fe.h>
#include <unistd.h>

#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"
#include "store/migrations.hpp"
#include "store/store.hpp"

namespace unigate::store {

// The administrator's URL of a PostgreSQL server, when the tests are to run on one (see
// tests/postgres/cluster.py); empty: on SQLite. Tests tagged [sqlite] are about SQLite alone.
inline std::string testServer() {
  const char* url = std::getenv("UNIGATE_TEST_POSTGRES");
  return url != nullptr ? url : "";
}

class TestFolder {
 public:
  TestFolder() : path_((std::filesystem::temp_directory_path() / "store-test-XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("no temporary folder");
    if (!testServer().empty()) {
      database_ = "t_" + path_.substr(path_.size() - 6) + std::to_string(::getpid());
      for (char& c : database_) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      onServer("CREATE DATABASE " + database_ + " OWNER unigate_owner");
    }
  }
  ~TestFolder() {
    std::filesystem::remove_all(path_);
    if (!database_.empty()) onServer("DROP DATABASE " + database_ + " WITH (FORCE)");
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  std::string url() const { return database_.empty() ? sqliteUrl() : urlOf("unigate"); }
  // Of the role that may migrate; on SQLite the same.
  std::string ownerUrl() const {
    return database_.empty() ? sqliteUrl() : urlOf("unigate_owner");
  }
  std::string sqliteUrl() const { return "sqlite:" + file("test.db"); }

  // Runs SQL as the administrator; the first value of its result.
  std::string onDatabase(const std::string& sql) const { return runAs(urlOf("admin"), sql); }

 private:
  static std::string runAs(const std::string& url, const std::string& sql) {
    PGconn* connection = PQconnectdb(url.c_str());
    PGresult* result = PQexec(connection, sql.c_str());
    const auto status = PQresultStatus(result);
    const std::string message = PQerrorMessage(connection);
    const std::string value = PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "";
    PQclear(result);
    PQfinish(connection);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) throw std::runtime_error(message);
    return value;
  }
  static void onServer(const std::string& sql) { runAs(testServer(), sql); }
  std::string urlOf(const std::string& user) const {
    const std::string server = testServer();
    return "postgresql://" + user + server.substr(server.find('@'), server.rfind('/') -
                                                                        server.find('@')) +
           "/" + database_;
  }

  std::string path_;
  std::string database_;
};

// The value of a Result that the test relies on.
template <typename T>
T must(base::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().code + ": " + result.error().detail);
  return std::move(*result);
}
inline void must(const base::Status& status) {
  if (!status) throw std::runtime_error(status.error().code + ": " + status.error().detail);
}

// Brings the folder's database up to date, for the role that serves.
inline void migrateAll(const TestFolder& folder, const base::Clock& clock) {
  must(migrate(folder.ownerUrl(), clock, testServer().empty() ? std::string() : folder.url()));
}

struct TestDatabase {
  TestFolder folder;
  base::ManualClock clock;
  base::SystemRandom random;
  std::unique_ptr<Store> store;
  std::unique_ptr<ReadSession> reader;

  TestDatabase() {
    migrateAll(folder, clock);
    store = must(Store::open({folder.url(), {}}, clock));
    reader = must(store->openReader());
  }

  IntentRecord intent(const std::string& clientKey = {}) {
    IntentRecord record;
    auto& operation = record.operation;
    operation.id = base::makeId("txn_", clock, random);
    operation.orgId = "org_1";
    operation.environment = "test";
    operation.clientKey = clientKey;
    operation.fingerprint = "f1";
    operation.operation = "payment.create";
    operation.route = "POST /v1/payments/orders";
    operation.provider = "acme";
    operation.accountId = "acc_1";
    operation.resourceKind = "payment";
    operation.amount = 1050;
    operation.currency = "EUR";
    operation.providerKey = "pk-" + operation.id;
    operation.recoveryMode = "native";
    operation.recoveryWindowSeconds = 86'400;
    operation.epoch = 3;
    operation.input = R"({"amount":1050})";
    return record;
  }

  ResourceRecord payment(const std::string& status = "succeeded") {
    ResourceRecord record;
    record.id = base::makeId("pay_", clock, random);
    record.orgId = "org_1";
    record.environment = "test";
    record.kind = "payment";
    record.provider = "acme";
    record.accountId = "acc_1";
    record.providerId = "ext_" + record.id;
    record.status = status;
    record.amount = 1050;
    record.currency = "EUR";
    record.document = R"({"object":"payment"})";
    return record;
  }

  OperationRecord operation(const std::string& id) {
    auto found = must(reader->operationById("org_1", "test", id));
    if (!found) throw std::runtime_error("operation " + id + " is not there");
    return *found;
  }

  // Inserts an operation and returns its id.
  std::string inserted(const std::string& clientKey = {}) {
    auto record = intent(clientKey);
    auto id = record.operation.id;
    if (!must(store->insertIntentNow(std::move(record))).inserted) {
      throw std::runtime_error("the operation was not inserted");
    }
    return id;
  }
};

}  // namespace unigate::store
