#include "store/usage.hpp"

#include <catch2/catch.hpp>
#include <thread>

#include "store/test_database.hpp"

using namespace unigate;
using namespace unigate::store;

namespace {

struct Fixture : TestDatabase {
  Fixture() {
    must(store->createOrganisation({"org_1", "One", 1}));
    must(store->createOrganisation({"org_2", "Two", 1}));
  }
  std::int64_t calls(const std::string& org, std::int64_t month) {
    std::int64_t sum = 0;
    for (const auto& row : must(usageOf(*reader, org, month, month))) sum += row.calls;
    return sum;
  }
};

constexpr std::int64_t kMonth = 2026 * 12 + 8;

}  // namespace

TEST_CASE("Months begin at midnight UTC of their first day") {
  const auto at = [](const char* text) { return *base::fromRfc3339(text); };
  CHECK(monthOf(at("2026-09-01T00:00:00.000Z")) == kMonth);
  CHECK(monthOf(at("2026-08-31T23:59:59.999Z")) == kMonth - 1);
  CHECK(monthOf(at("2026-12-31T23:59:59.999Z")) == 2026 * 12 + 11);
  CHECK(startOfMonthMs(kMonth) == at("2026-09-01T00:00:00.000Z"));
  CHECK(startOfMonthMs(2026 * 12 + 12) == at("2027-01-01T00:00:00.000Z"));
}

TEST_CASE_METHOD(Fixture, "Calls add up, by month and environment, and are one's own") {
  must(addUsage(*store, {{"org_1", "test", kMonth, 3}, {"org_2", "test", kMonth, 5}}));
  must(addUsage(*store, {{"org_1", "test", kMonth, 4}, {"org_1", "live", kMonth, 10}}));
  must(addUsage(*store, {{"org_1", "live", kMonth - 1, 2}}));
  const auto rows = must(usageOf(*reader, "org_1", kMonth - 1, kMonth));
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].environment == "live");
  CHECK(rows[0].calls == 10);
  CHECK(rows[1].calls == 7);
  CHECK(rows[2].month == kMonth - 1);
  CHECK(calls("org_2", kMonth) == 5);
  CHECK(must(usageOf(*reader, "org_3", 0, kMonth)).empty());
}

TEST_CASE_METHOD(Fixture, "Several processes add up") {
  const auto other = must(Store::open({folder.url(), {}}, clock));
  std::vector<std::thread> threads;
  for (Store* each : {store.get(), other.get()}) {
    threads.emplace_back([each] {
      for (int i = 0; i < 20;) {
        const auto status = addUsage(*each, {{"org_1", "test", kMonth, 1}});
        if (status) ++i;
        // The other has the row at the moment; it is counted later.
        if (!status && status.error().code != "store_busy") FAIL(status.error().detail);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(calls("org_1", kMonth) == 40);
}

TEST_CASE_METHOD(Fixture, "Calls of an organisation that is gone harm nobody") {
  must(addUsage(*store, {{"org_9", "test", kMonth, 3}, {"org_1", "test", kMonth, 1}}));
  CHECK(calls("org_1", kMonth) == 1);
  CHECK(calls("org_9", kMonth) == 0);
}

TEST_CASE_METHOD(Fixture, "A plan is set, changed and told in the audit chain") {
  CHECK(must(planOf(*reader, "org_1")).empty());
  must(setPlan(*store, "org_1", "free"));
  must(setPlan(*store, "org_1", "pro"));
  CHECK(must(planOf(*reader, "org_1")) == "pro");
  CHECK(must(planOf(*reader, "org_2")).empty());
  const auto refused = setPlan(*store, "org_9", "pro");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "not_found");
  const auto rows = must(reader->auditRows(must(reader->auditChains()).front(), 0, 100));
  CHECK(std::count_if(rows.begin(), rows.end(), [](const AuditRow& row) {
          return row.action == "organisation.plan" && row.subject == "org_1";
        }) == 2);
}

TEST_CASE_METHOD(Fixture, "Services are counted once, whatever the environments") {
  for (const auto& [id, environment, provider] :
       {std::tuple{"a1", "test", "acme"}, {"a2", "live", "acme"}, {"a3", "test", "other"}}) {
    ProviderAccount account;
    account.id = id;
    account.orgId = "org_1";
    account.environment = environment;
    account.provider = provider;
    account.settings = "{}";
    account.status = "unverified";
    must(store->putAccount(account, {}));
  }
  CHECK(must(servicesOf(*reader, "org_1")) == std::vector<std::string>{"acme", "other"});
  CHECK(must(servicesOf(*reader, "org_2")).empty());
}
