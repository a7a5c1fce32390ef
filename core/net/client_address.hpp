// Whose request it is when proxies stand in front: X-Forwarded-For is believed only of addresses
// that the operator named. For limits and allow lists.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "net/edge_server.hpp"

namespace unigate::net {

// Networks of proxies, "10.0.0.0/8" or "::1".
class TrustedProxies {
 public:
  // The problem names the entry that is no address or network.
  static base::Result<TrustedProxies> parse(const std::vector<std::string>& networks);

  bool empty() const { return networks_.empty(); }
  bool contain(std::string_view address) const;

 private:
  struct Network {
    std::string bytes;  // 16, IPv4 mapped into IPv6
    unsigned bits = 0;
  };
  std::vector<Network> networks_;
};

// The peer; where that is a trusted proxy, the last address of X-Forwarded-For that is none.
std::string clientAddress(const Request& request, const TrustedProxies& proxies);

// What stands for a client in limits: an IPv4 address, or the /64 network of an IPv6 address, of
// which one client has all.
std::string limitedAddress(const std::string& address);

}  // namespace unigate::net
