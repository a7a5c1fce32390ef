#include "stripe/ids.hpp"

#include <array>

namespace simulators::stripe {
namespace {

constexpr std::size_t kNumberLength = 11;  // digits of base 62 that hold 64 bits
constexpr int kRounds = 4;

struct Shape {
  std::string_view prefix;
  std::size_t accountLength;
};
constexpr std::array<Shape, 5> kShapes{
    {{"pi_3", 12}, {"ch_3", 12}, {"re_3", 12}, {"cus_", 3}, {"pm_1", 12}}};

const Shape& shapeOf(IdKind kind) {
  return kShapes[static_cast<std::size_t>(kind)];
}

std::uint32_t roundOf(std::uint32_t half, std::uint64_t key) {
  return static_cast<std::uint32_t>(mixBits(half ^ key) >> 32);
}

std::uint64_t keyOf(std::uint64_t seed, IdKind kind, int round) {
  return mixBits(seed + 8 * static_cast<std::uint64_t>(kind) + static_cast<std::uint64_t>(round));
}

// A Feistel network: a keyed permutation of 64 bits that can be run backwards.
std::uint64_t encrypt(std::uint64_t value, std::uint64_t seed, IdKind kind) {
  auto left = static_cast<std::uint32_t>(value >> 32);
  auto right = static_cast<std::uint32_t>(value);
  for (int round = 0; round < kRounds; ++round) {
    const auto next = left ^ roundOf(right, keyOf(seed, kind, round));
    left = right;
    right = next;
  }
  return (std::uint64_t{left} << 32) | right;
}

std::uint64_t decrypt(std::uint64_t value, std::uint64_t seed, IdKind kind) {
  auto left = static_cast<std::uint32_t>(value >> 32);
  auto right = static_cast<std::uint32_t>(value);
  for (int round = kRounds - 1; round >= 0; --round) {
    const auto previous = right ^ roundOf(left, keyOf(seed, kind, round));
    right = left;
    left = previous;
  }
  return (std::uint64_t{left} << 32) | right;
}

std::optional<std::uint64_t> readBase62(std::string_view text) {
  std::uint64_t value = 0;
  for (const char c : text) {
    const auto digit = kBase62.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    value = value * 62 + digit;
  }
  return value;
}

}  // namespace

std::string IdCodec::derived(std::string_view purpose, std::uint64_t number,
                             std::size_t length) const {
  std::string text;
  auto bits = hashText(purpose, seed_ ^ mixBits(number));
  while (text.size() < length) {
    bits = mixBits(bits);
    text += base62(bits, 10);
  }
  text.resize(length);
  return text;
}

std::string IdCodec::encode(IdKind kind, Index index) const {
  const auto& shape = shapeOf(kind);
  std::string id(shape.prefix);
  id.append(accountPart_, 0, shape.accountLength);
  id += base62(encrypt(index, seed_, kind), kNumberLength);
  return id;
}

std::optional<Index> IdCodec::decode(IdKind kind, std::string_view id, std::size_t count) const {
  const auto& shape = shapeOf(kind);
  if (id.size() != shape.prefix.size() + shape.accountLength + kNumberLength) return std::nullopt;
  const auto number = readBase62(id.substr(id.size() - kNumberLength));
  if (!number) return std::nullopt;
  const auto index = decrypt(*number, seed_, kind);
  if (index >= count || encode(kind, static_cast<Index>(index)) != id) return std::nullopt;
  return static_cast<Index>(index);
}

std::string IdCodec::clientSecret(Index payment) const {
  return encode(IdKind::kPayment, payment) + "_secret_" + derived("secret", payment, 25);
}

std::string IdCodec::transaction(IdKind source, Index index) const {
  return "txn_3" + derived(source == IdKind::kCharge ? "charge" : "refund", index, 23);
}

std::string requestIdOf(std::uint64_t seed, std::uint64_t number) {
  return "req_" + base62(mixBits(seed ^ number), 11) + base62(mixBits(number), 3);
}

}  // namespace simulators::stripe
