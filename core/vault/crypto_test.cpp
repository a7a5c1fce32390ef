#include "vault/crypto.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <thread>
#include <unigate/json.hpp>
#include <vector>

#include "base/text.hpp"

using namespace unigate;

namespace {

// A Wycheproof file, or nothing (said on the console) where the corpora are absent.
std::optional<json::Document> vectors(const std::string& name) {
  const char* corpora = std::getenv("UNIGATE_CORPORA");
  std::ifstream file(std::string(corpora == nullptr ? "" : corpora) + "/wycheproof/" + name);
  if (!file) {
    std::cout << "skipped: " << name << " is not there (UNIGATE_CORPORA)\n";
    return std::nullopt;
  }
  std::stringstream text;
  text << file.rdbuf();
  json::ReadError error;
  std::optional<json::Document> document(std::in_place);
  REQUIRE(document->parse(text.str(), error));
  return document;
}

std::string bytes(json::View hex) {
  return *base::fromHex(hex.stringOr(""));
}

}  // namespace

TEST_CASE("AES-GCM agrees with every Wycheproof vector of 256-bit keys and refuses other keys") {
  const auto document = vectors("aes_gcm_test.json");
  if (!document) return;
  constexpr std::size_t kOpensslNonceBytesMax = 128;
  int checked = 0;
  for (const auto group : document->root()["testGroups"].items()) {
    for (const auto test : group["tests"].items()) {
      CAPTURE(test["tcId"].int64Or(0));
      const auto key = bytes(test["key"]);
      const auto nonce = bytes(test["iv"]);
      const auto aad = bytes(test["aad"]);
      const auto message = bytes(test["msg"]);
      const auto sealed = bytes(test["ct"]) + bytes(test["tag"]);
      const auto opened = vault::aesGcmOpen(key, nonce, aad, sealed);
      const auto ours = vault::aesGcmSeal(key, nonce, aad, message);
      if (key.size() != vault::kKeyBytes || nonce.size() > kOpensslNonceBytesMax) {
        CHECK_FALSE(opened);
        CHECK_FALSE(ours);
        continue;
      }
      ++checked;
      if (test["result"].stringOr("") == "valid") {
        CHECK(opened == message);
        CHECK(ours == sealed);
      } else {
        CHECK_FALSE(opened);
        CHECK((!ours || *ours != sealed));
      }
    }
  }
  CHECK(checked > 80);
}

TEST_CASE("HMAC-SHA-256 agrees with every Wycheproof vector") {
  const auto document = vectors("hmac_sha256_test.json");
  if (!document) return;
  int checked = 0;
  for (const auto group : document->root()["testGroups"].items()) {
    const auto tagBytes = static_cast<std::size_t>(group["tagSize"].int64Or(0)) / 8;
    for (const auto test : group["tests"].items()) {
      CAPTURE(test["tcId"].int64Or(0));
      const auto mac = vault::hmacSha256(bytes(test["key"]), bytes(test["msg"]));
      const bool same = base::constantTimeEquals(mac.substr(0, tagBytes), bytes(test["tag"]));
      CHECK(same == (test["result"].stringOr("") == "valid"));
      ++checked;
    }
  }
  CHECK(checked > 100);
}

TEST_CASE("HKDF agrees with RFC 5869, test case 1") {
  const auto key = *base::fromHex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");
  const auto salt = *base::fromHex("000102030405060708090a0b0c");
  const auto info = *base::fromHex("f0f1f2f3f4f5f6f7f8f9");
  CHECK(base::toHex(vault::hkdfSha256(key, salt, info)) ==
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
}

TEST_CASE("An empty HMAC key is not the key used before") {
  const auto fresh = vault::hmacSha256("", "message");
  vault::hmacSha256("another key", "message");
  CHECK(vault::hmacSha256("", "message") == fresh);
  CHECK(base::toHex(vault::hmacSha256("", "")) ==
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("Threads seal and open side by side") {
  const std::string key(32, 'k');
  const std::string nonce(12, 'n');
  std::vector<std::thread> threads;
  std::array<bool, 4> right{};
  for (std::size_t i = 0; i < right.size(); ++i) {
    threads.emplace_back([&, i] {
      const std::string text(i * 100, 't');
      bool all = true;
      for (int round = 0; round < 500; ++round) {
        const auto sealed = vault::aesGcmSeal(key, nonce, "aad", text);
        all = all && sealed && vault::aesGcmOpen(key, nonce, "aad", *sealed) == text;
      }
      right[i] = all;
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(right == std::array<bool, 4>{true, true, true, true});
}
