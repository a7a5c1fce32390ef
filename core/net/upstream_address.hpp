// Which network addresses the gateway may call: the guard against server-side request forgery. Used
// by the upstream client after name look-up.
#pragma once

#include <string_view>

struct sockaddr;

namespace unigate::net {

// An address of the public internet: none of the private, loopback, link-local, shared, multicast,
// documentation and transition networks of the IANA special-purpose registries (RFC 6890). An IPv4
// address that is wrapped in IPv6 is judged as the IPv4 address. Other families are not public.
bool isPublicAddress(const sockaddr& address);

// 127.0.0.0/8 or ::1.
bool isLoopbackAddress(const sockaddr& address);

// "localhost", or a literal of 127.0.0.0/8 or [::1] as it stands in a URL.
bool isLoopbackHost(std::string_view host);

}  // namespace unigate::net
