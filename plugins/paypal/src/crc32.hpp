// CRC-32 (ISO 3309, the one of zip and PNG) of a webhook's body, which PayPal's signatures cover.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace paypal {

constexpr std::array<std::uint32_t, 256> makeCrcTable() {
  constexpr std::uint32_t kPolynomial = 0xEDB88320u;
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value & 1u) != 0 ? kPolynomial ^ (value >> 1) : value >> 1;
    }
    table[byte] = value;
  }
  return table;
}

constexpr std::uint32_t crc32(std::string_view bytes) {
  constexpr auto kTable = makeCrcTable();
  std::uint32_t crc = 0xFFFFFFFFu;
  for (const char c : bytes) {
    crc = kTable[(crc ^ static_cast<unsigned char>(c)) & 0xFFu] ^ (crc >> 8);
  }
  return crc ^ 0xFFFFFFFFu;
}

static_assert(crc32("123456789") == 0xCBF43926u);

}  // namespace paypal
