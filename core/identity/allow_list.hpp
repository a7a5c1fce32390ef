// The network addresses that an API key may be used from: single ones and networks (RFC 4632,
// RFC 4291). Read when a key is made, asked on every request. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace unigate::identity {

class AllowList {
 public:
  static constexpr std::size_t kEntriesMax = 100;

  // "203.0.113.7", "198.51.100.0/24", "2001:db8::/32". Bits beyond the prefix must be zero. The
  // problem names the entry at fault; no entries: every address is allowed.
  static base::Result<AllowList> parse(const std::vector<std::string>& entries);

  bool isEmpty() const { return networks_.empty(); }
  // `address` is numeric, without port. An IPv4 address in IPv6 form counts as the IPv4 address.
  bool allows(std::string_view address) const;

 private:
  using Bytes = std::array<std::uint8_t, 16>;  // IPv4 as ::ffff:a.b.c.d
  struct Network {
    Bytes bytes{};
    int prefix = 128;
  };
  static std::optional<Bytes> bytesOf(std::string_view address, bool& isVersion4);
  static bool contains(const Network& network, const Bytes& address);

  std::vector<Network> networks_;
};

}  // namespace unigate::identity
