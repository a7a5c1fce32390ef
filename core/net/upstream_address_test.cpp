#include "net/upstream_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <catch2/catch.hpp>
#include <string>

using namespace unigate::net;

namespace {

struct Judged {
  bool isPublic;
  bool isLoopback;
};

Judged judge(const std::string& text) {
  if (text.find(':') == std::string::npos) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    REQUIRE(inet_pton(AF_INET, text.c_str(), &address.sin_addr) == 1);
    const auto& plain = reinterpret_cast<const sockaddr&>(address);
    return {isPublicAddress(plain), isLoopbackAddress(plain)};
  }
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  REQUIRE(inet_pton(AF_INET6, text.c_str(), &address.sin6_addr) == 1);
  const auto& plain = reinterpret_cast<const sockaddr&>(address);
  return {isPublicAddress(plain), isLoopbackAddress(plain)};
}

}  // namespace

TEST_CASE("Tells public addresses from special ones, at the edges of each network") {
  for (const char* text :
       {"1.1.1.1",      "9.255.255.255",   "11.0.0.0",       "100.63.255.255",
        "100.128.0.0",  "126.255.255.255", "128.0.0.0",      "169.253.255.255",
        "169.255.0.0",  "172.15.255.255",  "172.32.0.0",     "192.167.255.255",
        "192.169.0.0",  "198.17.255.255",  "198.20.0.0",     "223.255.255.255",
        "2606:4700::1", "2a00:1450::1",    "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"}) {
    INFO(text);
    CHECK(judge(text).isPublic);
    CHECK_FALSE(judge(text).isLoopback);
  }
  for (const char* text : {"0.0.0.0",
                           "10.0.0.0",
                           "10.255.255.255",
                           "100.64.0.0",
                           "100.127.255.255",
                           "127.0.0.1",
                           "169.254.169.254",
                           "172.16.0.0",
                           "172.31.255.255",
                           "192.0.0.1",
                           "192.0.2.1",
                           "192.88.99.1",
                           "192.168.255.255",
                           "198.18.0.0",
                           "198.19.255.255",
                           "198.51.100.1",
                           "203.0.113.1",
                           "224.0.0.1",
                           "239.1.1.1",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::ffff:10.0.0.1",
                           "::ffff:127.0.0.1",
                           "64:ff9b::10.0.0.1",
                           "64:ff9b:1::1",
                           "100::1",
                           "2001::1",
                           "2001:db8::1",
                           "2002:a00:1::",
                           "3fff::1",
                           "fc00::1",
                           "fdff::1",
                           "fe80::1",
                           "fec0::1",
                           "ff02::1"}) {
    INFO(text);
    CHECK_FALSE(judge(text).isPublic);
  }
}

TEST_CASE("Knows the loopback by address and by the name in a URL") {
  CHECK(judge("127.0.0.1").isLoopback);
  CHECK(judge("127.255.255.254").isLoopback);
  CHECK(judge("::1").isLoopback);
  CHECK_FALSE(judge("::ffff:127.0.0.1").isLoopback);
  for (const char* host : {"localhost", "127.0.0.1", "127.1.2.3", "[::1]", "[0:0:0:0:0:0:0:1]"})
    CHECK(isLoopbackHost(host));
  for (const char* host : {"", "localhost.", "localhost.example.com", "128.0.0.1", "[::2]", "::1",
                           "127.0.0.1.example.com", "[", "[]", "127.1"})
    CHECK_FALSE(isLoopbackHost(host));
  sockaddr other{};
  other.sa_family = AF_UNIX;
  CHECK_FALSE(isPublicAddress(other));
  CHECK_FALSE(isLoopbackAddress(other));
}
