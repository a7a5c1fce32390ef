#include "net/client_address.hpp"

#include <catch2/catch.hpp>

using namespace unigate;

namespace {

std::string clientOf(const std::string& peer, const net::HeaderList& headers,
                     const std::vector<std::string>& trusted) {
  net::Request request;
  request.remoteAddress = peer;
  request.headers = headers;
  const auto proxies = net::TrustedProxies::parse(trusted);
  REQUIRE(proxies);
  return net::clientAddress(request, *proxies);
}

const std::vector<std::string> kProxies = {"10.0.0.0/8", "192.168.1.7", "fd00::/8", "::1"};

}  // namespace

TEST_CASE("Believes X-Forwarded-For of trusted proxies alone") {
  const net::HeaderList forwarded = {{"X-Forwarded-For", "203.0.113.9"}};
  CHECK(clientOf("10.1.2.3", forwarded, kProxies) == "203.0.113.9");
  CHECK(clientOf("fd00::1", forwarded, kProxies) == "203.0.113.9");
  CHECK(clientOf("192.168.1.7", forwarded, kProxies) == "203.0.113.9");
  CHECK(clientOf("192.168.1.8", forwarded, kProxies) == "192.168.1.8");
  CHECK(clientOf("10.1.2.3", forwarded, {}) == "10.1.2.3");
  CHECK(clientOf("10.1.2.3", {}, kProxies) == "10.1.2.3");
}

TEST_CASE("Of several addresses the last one that is no proxy counts") {
  CHECK(clientOf("10.1.2.3", {{"x-forwarded-for", "1.1.1.1, 203.0.113.9, 10.9.9.9"}}, kProxies) ==
        "203.0.113.9");
  CHECK(clientOf("10.1.2.3", {{"X-Forwarded-For", "1.1.1.1"}, {"X-FORWARDED-FOR", "2.2.2.2"}},
                 kProxies) == "2.2.2.2");
  CHECK(clientOf("10.1.2.3", {{"X-Forwarded-For", "10.0.0.1, 10.0.0.2"}}, kProxies) == "10.0.0.1");
}

TEST_CASE("What is no address is not believed, nor what stands before it") {
  CHECK(clientOf("10.1.2.3", {{"X-Forwarded-For", "1.1.1.1, unknown"}}, kProxies) == "10.1.2.3");
  CHECK(clientOf("10.1.2.3", {{"X-Forwarded-For", "1.1.1.1, nonsense, 10.0.0.5"}}, kProxies) ==
        "10.0.0.5");
  CHECK(clientOf("10.1.2.3", {{"X-Forwarded-For", ""}}, kProxies) == "10.1.2.3");
}

TEST_CASE("Ports are taken off") {
  CHECK(clientOf("::1", {{"X-Forwarded-For", "203.0.113.9:4711"}}, kProxies) == "203.0.113.9");
  CHECK(clientOf("::1", {{"X-Forwarded-For", "[2001:db8::9]:4711"}}, kProxies) == "2001:db8::9");
  CHECK(clientOf("::1", {{"X-Forwarded-For", "2001:db8::9"}}, kProxies) == "2001:db8::9");
}

TEST_CASE("Names the entry that is no network") {
  for (const char* wrong :
       {"proxy.example.com", "10.0.0.0/33", "10.0.0.0/", "::/129", "", "1.2.3"}) {
    const auto parsed = net::TrustedProxies::parse({"10.0.0.1", wrong});
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().detail.find('"' + std::string(wrong) + '"') != std::string::npos);
  }
  CHECK(net::TrustedProxies::parse({"0.0.0.0/0", "::/0"})->contain("8.8.8.8"));
  CHECK_FALSE(net::TrustedProxies::parse({"0.0.0.0/0"})->contain("2001:db8::1"));
}

TEST_CASE("Limits see the network of an IPv6 client") {
  CHECK(net::limitedAddress("203.0.113.9") == "203.0.113.9");
  CHECK(net::limitedAddress("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64");
  CHECK(net::limitedAddress("2001:db8:1:2::9") == net::limitedAddress("2001:db8:1:2:ffff::1"));
  CHECK(net::limitedAddress("not an address") == "not an address");
}
