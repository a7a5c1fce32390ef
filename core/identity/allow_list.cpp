#include "identity/allow_list.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace unigate::identity {

namespace {

constexpr std::size_t kAddressCharsMax = 64;
constexpr int kVersion4Bits = 32;
constexpr int kBits = 128;
constexpr int kByteBits = 8;

auto refuse(const std::string& entry) {
  return base::fail(400, "invalid_allow_list",
                    "\"" + base::printable(entry) +
                        "\" is no address or network; write 203.0.113.7, 198.51.100.0/24 or "
                        "2001:db8::/32 (with zeros behind the prefix).",
                    "allow_list");
}

}  // namespace

std::optional<AllowList::Bytes> AllowList::bytesOf(std::string_view address, bool& isVersion4) {
  if (address.empty() || address.size() > kAddressCharsMax) return std::nullopt;
  const std::string text(address);
  if (text.size() != address.size() || text.find('\0') != std::string::npos) return std::nullopt;
  Bytes bytes{};
  constexpr std::size_t kMappedAt = 12;
  isVersion4 = ::inet_pton(AF_INET, text.c_str(), bytes.data() + kMappedAt) == 1;
  if (isVersion4) {
    bytes[10] = bytes[11] = 0xff;
    return bytes;
  }
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return std::nullopt;
  return bytes;
}

bool AllowList::contains(const Network& network, const Bytes& address) {
  for (int bit = 0; bit < network.prefix; bit += kByteBits) {
    const auto at = static_cast<std::size_t>(bit / kByteBits);
    const int rest = std::min(network.prefix - bit, kByteBits);
    const auto mask = static_cast<std::uint8_t>(0xff << (kByteBits - rest));
    if ((network.bytes[at] & mask) != (address[at] & mask)) return false;
  }
  return true;
}

base::Result<AllowList> AllowList::parse(const std::vector<std::string>& entries) {
  if (entries.size() > kEntriesMax) {
    return base::fail(400, "invalid_allow_list",
                      "allow_list takes at most " + std::to_string(kEntriesMax) + " entries.",
                      "allow_list");
  }
  AllowList list;
  for (const std::string& entry : entries) {
    const auto slash = entry.find('/');
    bool isVersion4 = false;
    const auto bytes = bytesOf(std::string_view(entry).substr(0, slash), isVersion4);
    if (!bytes) return refuse(entry);
    Network network{*bytes, kBits};
    if (slash != std::string::npos) {
      const int bitsMax = isVersion4 ? kVersion4Bits : kBits;
      int prefix = -1;
      const char* const end = entry.data() + entry.size();
      const auto [stop, error] = std::from_chars(entry.data() + slash + 1, end, prefix);
      if (error != std::errc() || stop != end || prefix < 0 || prefix > bitsMax)
        return refuse(entry);
      network.prefix = prefix + kBits - bitsMax;
    }
    // A network that is written with bits behind its prefix is more likely a mistake than a wish.
    for (int bit = network.prefix; bit < kBits; ++bit) {
      const auto at = static_cast<std::size_t>(bit / kByteBits);
      if ((network.bytes[at] & (0x80 >> (bit % kByteBits))) != 0) return refuse(entry);
    }
    list.networks_.push_back(network);
  }
  return list;
}

bool AllowList::allows(std::string_view address) const {
  if (networks_.empty()) return true;
  bool isVersion4 = false;
  const auto bytes = bytesOf(address, isVersion4);
  if (!bytes) return false;
  return std::any_of(networks_.begin(), networks_.end(),
                     [&](const Network& each) { return contains(each, *bytes); });
}

}  // namespace unigate::identity
