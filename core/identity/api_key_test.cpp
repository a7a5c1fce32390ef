#include "identity/api_key.hpp"

#include <catch2/catch.hpp>
#include <set>

using namespace unigate;
using identity::checkApiKeyText;
using identity::Environment;

TEST_CASE("Makes keys that name their environment and pass their own check") {
  base::SystemRandom random;
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const auto environment = i % 2 == 0 ? Environment::test : Environment::live;
    const auto key = identity::makeApiKeyText(environment, random);
    CHECK(key.size() == 45);
    CHECK(key.reveal().substr(0, 9) == (i % 2 == 0 ? "unf_test_" : "unf_live_"));
    CHECK(checkApiKeyText(key.reveal()) == environment);
    seen.emplace(key.reveal());
  }
  CHECK(seen.size() == 200);
}

TEST_CASE("The checksum is the CRC-32 of the first 39 bytes in base62") {
  // zlib.crc32 of the 39 bytes before, by an independent implementation.
  CHECK(checkApiKeyText("unf_test_000000000000000000000000000000"
                        "1LXOyz") == Environment::test);
}

TEST_CASE("Refuses a key with any one character changed") {
  base::SeededRandom random(3);
  const auto key = identity::makeApiKeyText(Environment::live, random);
  for (std::size_t at = 0; at < key.size(); ++at) {
    for (const char other : {'0', 'A', 'z', '_', '-', '\0', '\xff'}) {
      std::string changed(key.reveal());
      if (changed[at] == other) continue;
      changed[at] = other;
      CAPTURE(at, other);
      CHECK_FALSE(checkApiKeyText(changed));
    }
  }
}

TEST_CASE("Refuses two neighbours swapped, and keys cut short or made longer") {
  base::SeededRandom random(4);
  const auto key = identity::makeApiKeyText(Environment::test, random);
  for (std::size_t at = 0; at + 1 < key.size(); ++at) {
    std::string changed(key.reveal());
    if (changed[at] == changed[at + 1]) continue;
    std::swap(changed[at], changed[at + 1]);
    CHECK_FALSE(checkApiKeyText(changed));
  }
  CHECK_FALSE(checkApiKeyText(key.reveal().substr(1)));
  CHECK_FALSE(checkApiKeyText(key.reveal().substr(0, 44)));
  CHECK_FALSE(checkApiKeyText(std::string(key.reveal()) + "0"));
  CHECK_FALSE(checkApiKeyText(""));
}

TEST_CASE("A test key does not become a live key by its prefix") {
  base::SeededRandom random(5);
  const auto key = identity::makeApiKeyText(Environment::test, random);
  CHECK_FALSE(checkApiKeyText("unf_live_" + std::string(key.reveal().substr(9))));
}
