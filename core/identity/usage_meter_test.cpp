#include "identity/usage_meter.hpp"

#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

#include "store/migrations.hpp"
#include "store/usage.hpp"

using namespace unigate;
using identity::Plan;
using identity::Plans;
using identity::UsageMeter;

namespace {

class Folder {
 public:
  Folder() : path_((std::filesystem::temp_directory_path() / "meter-test-XXXXXX").string()) {
    REQUIRE(::mkdtemp(path_.data()) != nullptr);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string url() const { return "sqlite:" + path_ + "/test.db"; }

 private:
  std::string path_;
};

// A clock that the test moves while the store's writer reads it.
class SharedClock final : public base::Clock {
 public:
  std::int64_t unixMs() const override { return unixMs_; }
  std::int64_t monotonicUs() const override { return 1'000'000; }
  void setUnixMs(std::int64_t ms) { unixMs_ = ms; }

 private:
  std::atomic<std::int64_t> unixMs_{1'790'000'000'000};
};

struct Fixture {
  Folder folder;
  SharedClock clock;
  Plans plans{{{"free", Plan{10, 1}}, {"pro", Plan{100, 5}}, {"enterprise", Plan{}}}, "free"};
  std::unique_ptr<store::Store> store;
  std::unique_ptr<store::ReadSession> reader;

  Fixture() {
    REQUIRE(store::migrate(folder.url(), clock));
    store = std::move(*store::Store::open({folder.url(), {}}, clock));
    reader = std::move(*store->openReader());
    REQUIRE(store->createOrganisation({"org_1", "One", 1}));
    REQUIRE(store->createOrganisation({"org_2", "Two", 1}));
  }
  std::unique_ptr<UsageMeter> meter(identity::UsageMeterSettings settings = {0, 1'000, {}}) {
    return std::make_unique<UsageMeter>(*store, std::move(*store->openReader()), plans, clock,
                                        std::move(settings));
  }
  std::int64_t written(const std::string& org, std::int64_t monthsAgo = 0) {
    const auto month = store::monthOf(clock.unixMs()) - monthsAgo;
    std::int64_t sum = 0;
    const auto rows = store::usageOf(*reader, org, month, month);
    REQUIRE(rows);
    for (const auto& row : *rows) sum += row.calls;
    return sum;
  }
  int counted(UsageMeter& meter, int tries, const std::string& org = "org_1") {
    int done = 0;
    for (int i = 0; i < tries; ++i) done += meter.count(org, "test", *reader) ? 1 : 0;
    return done;
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "Allows exactly what the plan allows and tells the rest when it renews") {
  const auto used = meter();
  CHECK(counted(*used, 15) == 10);
  const auto refused = used->count("org_1", "live", *reader);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().status == 429);
  CHECK(refused.error().code == "plan_limit_reached");
  CHECK(refused.error().detail.find("\"free\"") != std::string::npos);
  CHECK(refused.error().detail.find("10 calls") != std::string::npos);
  const auto renews = store::startOfMonthMs(store::monthOf(clock.unixMs()) + 1);
  CHECK(refused.error().detail.find(base::toRfc3339(renews)) != std::string::npos);
  CHECK(refused.error().retryAfterSeconds == (renews - clock.unixMs() + 999) / 1000);
  CHECK(counted(*used, 5, "org_2") == 5);
}

TEST_CASE_METHOD(Fixture, "What is counted is written once, and again known after a restart") {
  {
    const auto used = meter();
    CHECK(counted(*used, 4) == 4);
    CHECK(used->waiting() == 4);
    CHECK(written("org_1") == 0);
    used->flush();
    used->flush();
    CHECK(used->waiting() == 0);
    CHECK(written("org_1") == 4);
    CHECK(counted(*used, 3) == 3);
  }
  CHECK(written("org_1") == 7);  // written at the end
  const auto next = meter();
  CHECK(counted(*next, 10) == 3);
}

TEST_CASE_METHOD(Fixture, "Two processes see each other's calls after a flush") {
  const auto one = meter();
  const auto two = meter();
  CHECK(counted(*one, 6) == 6);
  CHECK(counted(*two, 2) == 2);
  one->flush();
  two->flush();
  one->flush();
  CHECK(counted(*one, 1) == 1);
  one->flush();
  CHECK(counted(*two, 1) == 1);
  two->flush();
  CHECK(counted(*two, 5) == 0);
  CHECK(written("org_1") == 10);
}

TEST_CASE_METHOD(Fixture, "A new month begins at nothing, and the old one keeps its calls") {
  const auto used = meter();
  CHECK(counted(*used, 10) == 10);
  clock.setUnixMs(store::startOfMonthMs(store::monthOf(clock.unixMs()) + 1));
  CHECK(counted(*used, 12) == 10);
  used->flush();
  CHECK(written("org_1") == 10);
  CHECK(written("org_1", 1) == 10);
}

TEST_CASE_METHOD(Fixture, "A changed plan counts from the next flush on") {
  const auto used = meter();
  CHECK(counted(*used, 12) == 10);
  REQUIRE(store::setPlan(*store, "org_1", "pro"));
  used->flush();
  CHECK(counted(*used, 100) == 90);
  REQUIRE(store::setPlan(*store, "org_1", "enterprise"));
  used->flush();
  CHECK(counted(*used, 500) == 500);
  REQUIRE(store::setPlan(*store, "org_1", "no longer there"));
  used->flush();
  CHECK(counted(*used, 1) == 0);  // the default one
}

TEST_CASE_METHOD(Fixture, "Without plans nothing is limited, and all is counted") {
  plans = Plans();
  {
    const auto used = meter();
    CHECK(counted(*used, 5'000) == 5'000);
  }
  CHECK(written("org_1") == 5'000);
}

TEST_CASE_METHOD(Fixture, "Threads lose no call while others write") {
  plans = Plans();
  {
    const auto used = meter({5, 50, {}});
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        const auto own = std::move(*store->openReader());
        for (int n = 0; n < 2'500; ++n) {
          if (!used->count(n % 2 == 0 ? "org_1" : "org_2", "live", *own)) std::abort();
        }
      });
    }
    for (auto& thread : threads) thread.join();
  }
  CHECK(written("org_1") == 5'000);
  CHECK(written("org_2") == 5'000);
}

TEST_CASE_METHOD(Fixture, "A plan has room for so many providers, each counted once") {
  const auto add = [&](const std::string& id, const std::string& environment,
                       const std::string& provider) {
    store::ProviderAccount account;
    account.id = id;
    account.orgId = "org_1";
    account.environment = environment;
    account.provider = provider;
    account.settings = "{}";
    account.status = "unverified";
    REQUIRE(store->putAccount(account, {}));
  };
  CHECK(identity::planAllowsAnotherService(*reader, plans, "org_1", "acme"));
  add("acc_1", "test", "acme");
  CHECK(identity::planAllowsAnotherService(*reader, plans, "org_1", "acme"));
  const auto refused = identity::planAllowsAnotherService(*reader, plans, "org_1", "other");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().status == 403);
  CHECK(refused.error().code == "plan_limit_reached");
  CHECK(refused.error().detail.find("1 service") != std::string::npos);
  REQUIRE(store::setPlan(*store, "org_1", "enterprise"));
  CHECK(identity::planAllowsAnotherService(*reader, plans, "org_1", "other"));
  CHECK(identity::planAllowsAnotherService(*reader, Plans(), "org_2", "other"));
}
