// A database in a folder of its own, and records to fill it. For the store's tests.
#pragma once

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

class TestFolder {
 public:
  TestFolder() : path_((std::filesystem::temp_directory_path() / "store-test-XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("no temporary folder");
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  std::string url() const { return "sqlite:" + file("test.db"); }

 private:
  std::string path_;
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

struct TestDatabase {
  TestFolder folder;
  base::ManualClock clock;
  base::SystemRandom random;
  std::unique_ptr<Store> store;
  std::unique_ptr<ReadSession> reader;

  TestDatabase() {
    must(migrate(folder.url(), clock));
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
