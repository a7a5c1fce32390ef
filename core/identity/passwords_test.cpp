#include "identity/passwords.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <thread>
#include <vector>

using namespace unigate;
using identity::PasswordCost;
using identity::Passwords;
using identity::WorkGate;

namespace {

constexpr PasswordCost kCheap{64, 1, 1};
constexpr std::string_view kPassword = "correct horse battery staple";

struct Fixture {
  base::SystemRandom random;
  Passwords passwords{random, kCheap, {2, 2, 1'000}};
};

}  // namespace

TEST_CASE_METHOD(Fixture, "Knows the password it was made of and no other") {
  const auto encoded = passwords.hash(kPassword);
  REQUIRE(encoded);
  CHECK(*passwords.verify(*encoded, kPassword));
  CHECK_FALSE(*passwords.verify(*encoded, "correct horse battery stapl"));
  CHECK_FALSE(*passwords.verify(*encoded, std::string(kPassword) + '\0'));
  CHECK_FALSE(*passwords.verify(*encoded, ""));
  CHECK(encoded->find(kPassword) == std::string::npos);
}

TEST_CASE_METHOD(Fixture, "Two hashes of one password differ") {
  CHECK(*passwords.hash(kPassword) != *passwords.hash(kPassword));
}

TEST_CASE_METHOD(Fixture, "Nobody's password fits nothing, the empty one included") {
  CHECK_FALSE(*passwords.verify("", kPassword));
  CHECK_FALSE(*passwords.verify("", ""));
}

TEST_CASE_METHOD(Fixture, "What is no hash fits nothing") {
  for (const char* bad : {"$argon2id$", "plain", "$argon2i$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaA"})
    CHECK_FALSE(*passwords.verify(bad, kPassword));
}

TEST_CASE("The cost is that of the recommendation, and stands in the hash") {
  base::SystemRandom random;
  Passwords passwords(random, {}, {});
  const auto encoded = passwords.hash(kPassword);
  REQUIRE(encoded);
  CHECK(encoded->rfind("$argon2id$v=19$m=19456,t=2,p=1$", 0) == 0);
  CHECK_FALSE(passwords.isOutdated(*encoded));
}

TEST_CASE_METHOD(Fixture, "A hash of another cost still works and is known to be outdated") {
  Passwords dearer(random, {128, 2, 1}, {});
  const auto encoded = passwords.hash(kPassword);
  REQUIRE(encoded);
  CHECK(dearer.isOutdated(*encoded));
  CHECK(*dearer.verify(*encoded, kPassword));
  CHECK_FALSE(passwords.isOutdated(*encoded));
}

TEST_CASE("New passwords must be long, varied and not the address") {
  const auto problem = [](std::string_view password) {
    const auto status = identity::checkNewPassword(password, "someone@example.com", "new_password");
    return status ? std::string() : status.error().param + "/" + status.error().code;
  };
  CHECK(problem(kPassword).empty());
  CHECK(problem("zw\xc3\xb6lf Zeichen").empty());
  const std::vector<std::string> refused = {"short", "aaaaaaaaaaaaaaaa", "Someone@Example.com",
                                            std::string(1'001, 'x'), "not utf-8 at all \xff"};
  for (const auto& bad : refused) CHECK(problem(bad) == "new_password/weak_password");
}

TEST_CASE("A gate lets so many in at once and sends the rest away") {
  WorkGate gate({2, 1, 10'000});
  auto first = std::make_unique<WorkGate::Pass>(gate.enter());
  const auto second = gate.enter();
  CHECK(*first);
  CHECK(second);
  std::promise<bool> third;
  std::thread waits([&] { third.set_value(static_cast<bool>(gate.enter())); });
  // Once one waits, there is no room for another; until then this one is the one that waits.
  auto result = third.get_future();
  first.reset();
  CHECK(result.get());
  waits.join();
}

TEST_CASE("Who waits for a gate in vain is sent away in the end") {
  WorkGate gate({1, 1, 20});
  const auto first = gate.enter();
  CHECK_FALSE(gate.enter());
}

TEST_CASE("No room to wait means to be sent away at once") {
  WorkGate gate({1, 0, 60'000});
  const auto first = gate.enter();
  CHECK_FALSE(gate.enter());
}

TEST_CASE("A flood of log-ins is computed a few at a time; the others are told to come back") {
  base::SystemRandom random;
  Passwords passwords(random, {8 * 1024, 1, 1}, {1, 0, 0});
  const auto encoded = passwords.hash(kPassword);
  REQUIRE(encoded);
  std::atomic<int> checked{0};
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  std::atomic<bool> go{false};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      while (!go) std::this_thread::yield();
      for (int round = 0; round < 10; ++round) {
        const auto fits = passwords.verify(*encoded, kPassword);
        if (fits) {
          if (*fits) ++checked;
        } else if (fits.error().status == 503 && fits.error().retryAfterSeconds > 0) {
          ++refused;
        }
      }
    });
  }
  go = true;
  for (auto& thread : threads) thread.join();
  CHECK(checked + refused == 80);
  CHECK(checked > 0);
  CHECK(refused > 0);
}
