#include "gateway/redact.hpp"

#include <catch2/catch.hpp>

namespace unigate::gateway {
namespace {

std::string masked(std::string text) {
  OpenedSecrets secrets;
  secrets.emplace("auth_token", vault::SecretString(std::string("0123456789abcdef")));
  secrets.emplace("webhook_secret", vault::SecretString(std::string("order")));
  maskCredentials(secrets, text);
  return text;
}

}  // namespace

TEST_CASE("An account's own credentials are masked wherever they stand as a word") {
  CHECK(masked(R"({"auth_token":"0123456789abcdef"})") == R"({"auth_token":"****cdef"})");
  CHECK(masked("0123456789abcdef") == "****cdef");
  CHECK(masked("https://x:0123456789abcdef@host?a=%3D0123456789abcdef&b") ==
        "https://x:****cdef@host?a=%3D****cdef&b");
  CHECK(masked(R"("a\u003d0123456789abcdef")") == R"("a\u003d****cdef")");
  CHECK(masked(R"("a\n0123456789abcdef\n0123456789abcdef")") == R"("a\n****cdef\n****cdef")");
}

TEST_CASE("What only holds the bytes of a credential is left as it is") {
  const std::string id = R"({"sid":"AC0123456789abcdef","next":"0123456789abcdef0"})";
  CHECK(masked(id) == id);
  const std::string word = R"({"id":"order_1","object":"order"})";
  CHECK(masked(word) == word);
}

}  // namespace unigate::gateway
