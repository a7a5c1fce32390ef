#include "net/upstream_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>

namespace unigate::net {

namespace {

struct Network4 {
  std::uint32_t address;
  int bits;
};

constexpr std::uint32_t quad(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return (a << 24) | (b << 16) | (c << 8) | d;
}

constexpr std::array kSpecial4 = {
    Network4{quad(0, 0, 0, 0), 8},      Network4{quad(10, 0, 0, 0), 8},
    Network4{quad(100, 64, 0, 0), 10},  Network4{quad(127, 0, 0, 0), 8},
    Network4{quad(169, 254, 0, 0), 16}, Network4{quad(172, 16, 0, 0), 12},
    Network4{quad(192, 0, 0, 0), 24},   Network4{quad(192, 0, 2, 0), 24},
    Network4{quad(192, 88, 99, 0), 24}, Network4{quad(192, 168, 0, 0), 16},
    Network4{quad(198, 18, 0, 0), 15},  Network4{quad(198, 51, 100, 0), 24},
    Network4{quad(203, 0, 113, 0), 24}, Network4{quad(224, 0, 0, 0), 4},
    Network4{quad(240, 0, 0, 0), 4},
};

bool isPublic4(std::uint32_t address) {
  return std::none_of(kSpecial4.begin(), kSpecial4.end(), [address](const Network4& network) {
    return (address ^ network.address) >> (32 - network.bits) == 0;
  });
}

using Bytes6 = std::array<std::uint8_t, 16>;

struct Network6 {
  Bytes6 address;
  std::size_t bits;
};

// Within 2000::/3, outside of which nothing is public.
constexpr std::array kSpecial6 = {
    Network6{{0x20, 0x01, 0x00}, 23},        // IETF protocols, Teredo among them
    Network6{{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    Network6{{0x20, 0x02}, 16},              // 6to4 carries any IPv4 address
    Network6{{0x3f, 0xff}, 20},              // documentation
};

bool isWithin(const Bytes6& address, const Network6& network) {
  for (std::size_t bit = 0; bit < network.bits; ++bit) {
    const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
    if (((address[bit / 8] ^ network.address[bit / 8]) & mask) != 0) return false;
  }
  return true;
}

std::uint32_t lastQuad(const Bytes6& address) {
  return quad(address[12], address[13], address[14], address[15]);
}

bool isPublic6(const Bytes6& address) {
  constexpr Network6 kMapped{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};
  constexpr Network6 kNat64{{0x00, 0x64, 0xff, 0x9b}, 96};
  if (isWithin(address, kMapped) || isWithin(address, kNat64)) return isPublic4(lastQuad(address));
  if (address[0] >> 5 != 1) return false;
  return std::none_of(kSpecial6.begin(), kSpecial6.end(),
                      [&address](const Network6& network) { return isWithin(address, network); });
}

Bytes6 bytesOf(const sockaddr& address) {
  sockaddr_in6 wide{};
  std::memcpy(&wide, &address, sizeof wide);
  Bytes6 bytes{};
  std::memcpy(bytes.data(), &wide.sin6_addr, bytes.size());
  return bytes;
}

std::uint32_t quadOf(const sockaddr& address) {
  sockaddr_in narrow{};
  std::memcpy(&narrow, &address, sizeof narrow);
  return ntohl(narrow.sin_addr.s_addr);
}

bool isLoopback6(const Bytes6& bytes) {
  return bytes[15] == 1 &&
         std::all_of(bytes.begin(), bytes.end() - 1, [](auto b) { return b == 0; });
}

}  // namespace

bool isPublicAddress(const sockaddr& address) {
  if (address.sa_family == AF_INET) return isPublic4(quadOf(address));
  if (address.sa_family == AF_INET6) return isPublic6(bytesOf(address));
  return false;
}

bool isLoopbackAddress(const sockaddr& address) {
  if (address.sa_family == AF_INET) return quadOf(address) >> 24 == 127;
  if (address.sa_family == AF_INET6) return isLoopback6(bytesOf(address));
  return false;
}

bool isLoopbackHost(std::string_view host) {
  if (host == "localhost") return true;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    Bytes6 bytes{};
    const std::string literal(host.substr(1, host.size() - 2));
    return inet_pton(AF_INET6, literal.c_str(), bytes.data()) == 1 && isLoopback6(bytes);
  }
  in_addr narrow{};
  return inet_pton(AF_INET, std::string(host).c_str(), &narrow) == 1 &&
         ntohl(narrow.s_addr) >> 24 == 127;
}

}  // namespace unigate::net
