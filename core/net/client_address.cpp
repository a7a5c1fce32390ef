#include "net/client_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace unigate::net {

namespace {

constexpr std::size_t kAddressBytes = 16;
constexpr unsigned kMappedBits = 96;
constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// 16 bytes, IPv4 mapped into IPv6.
std::optional<std::string> bytesOf(std::string_view text) {
  const std::string address(text);
  std::array<char, kAddressBytes> bytes{};
  if (inet_pton(AF_INET, address.c_str(), bytes.data()) == 1)
    return std::string(kMapped) + std::string(bytes.data(), 4);
  if (inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1)
    return std::string(bytes.data(), bytes.size());
  return std::nullopt;
}

bool isMapped(const std::string& bytes) {
  return std::string_view(bytes).substr(0, kMapped.size()) == kMapped;
}

// "1.2.3.4", "1.2.3.4:567", "::1" or "[::1]:567" as proxies write them; empty for anything else.
std::string_view withoutPort(std::string_view text) {
  if (!text.empty() && text.front() == '[') {
    const auto end = text.find(']');
    return end == std::string_view::npos ? std::string_view() : text.substr(1, end - 1);
  }
  const auto colon = text.find(':');
  const bool hasPort =
      colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos;
  return hasPort ? text.substr(0, colon) : text;
}

bool sharesBits(const std::string& left, const std::string& right, unsigned bits) {
  for (unsigned i = 0; i < bits / 8; ++i) {
    if (left[i] != right[i]) return false;
  }
  const unsigned rest = bits % 8;
  if (rest == 0) return true;
  const unsigned mask = 0xFFU << (8 - rest);
  const auto at = [&](const std::string& bytes) {
    return static_cast<unsigned char>(bytes[bits / 8]) & mask;
  };
  return at(left) == at(right);
}

}  // namespace

base::Result<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& networks) {
  TrustedProxies proxies;
  for (const std::string& each : networks) {
    const auto slash = each.find('/');
    const auto bytes = bytesOf(std::string_view(each).substr(0, slash));
    const auto refuse = [&] {
      return base::fail(400, "invalid_config",
                        "\"" + each + "\" is no address or network such as 10.0.0.0/8 or fd00::/8",
                        "server.trusted_proxies");
    };
    if (!bytes) return refuse();
    const unsigned offset = isMapped(*bytes) ? kMappedBits : 0;
    unsigned bits = kAddressBytes * 8 - offset;
    if (slash != std::string::npos) {
      const char* const end = each.data() + each.size();
      unsigned given = 0;
      const auto [stop, error] = std::from_chars(each.data() + slash + 1, end, given);
      if (error != std::errc() || stop != end || given > bits) return refuse();
      bits = given;
    }
    proxies.networks_.push_back({*bytes, bits + offset});
  }
  return proxies;
}

bool TrustedProxies::contain(std::string_view address) const {
  const auto bytes = bytesOf(address);
  return bytes && std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
           return sharesBits(*bytes, network.bytes, network.bits);
         });
}

std::string clientAddress(const Request& request, const TrustedProxies& proxies) {
  constexpr std::string_view kHeader = "x-forwarded-for";
  if (proxies.empty() || !proxies.contain(request.remoteAddress)) return request.remoteAddress;
  std::vector<std::string_view> way;
  for (const auto& header : request.headers) {
    const bool same =
        header.first.size() == kHeader.size() &&
        std::equal(kHeader.begin(), kHeader.end(), header.first.begin(),
                   [](char lower, char c) { return lower == (c >= 'A' && c <= 'Z' ? c + 32 : c); });
    if (!same) continue;
    std::string_view rest(header.second);
    for (;;) {
      const auto comma = rest.find(',');
      way.push_back(trimmed(rest.substr(0, comma)));
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  // Each proxy appends whom it heard; what stands before the first stranger is hearsay.
  std::string client = request.remoteAddress;
  for (auto each = way.rbegin(); each != way.rend(); ++each) {
    const std::string_view address = withoutPort(*each);
    if (!bytesOf(address)) break;
    client = std::string(address);
    if (!proxies.contain(address)) break;
  }
  return client;
}

std::string limitedAddress(const std::string& address) {
  const auto bytes = bytesOf(address);
  if (!bytes || isMapped(*bytes)) return address;
  std::string network = bytes->substr(0, 8) + std::string(8, '\0');
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (inet_ntop(AF_INET6, network.data(), text.data(), text.size()) == nullptr) return address;
  return std::string(text.data()) + "/64";
}

}  // namespace unigate::net
