// Ids of Stripe objects. An id is an encrypted table index, so no map from id to object is needed
// (a bench creates millions) and yet ids look random, differ between accounts and are not given out
// again after a reset.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/hashing.hpp"

namespace simulators::stripe {

using Index = std::uint32_t;
inline constexpr Index kNone = 0xffffffff;

enum class IdKind : std::uint8_t { kPayment, kCharge, kRefund, kCustomer, kPaymentMethod };

class IdCodec {
 public:
  explicit IdCodec(std::uint64_t seed) : seed_(seed), accountPart_(derived("account", 0, 12)) {}

  std::string encode(IdKind kind, Index index) const;
  // Nothing if the text is no id of that kind that this codec wrote for an index below `count`.
  std::optional<Index> decode(IdKind kind, std::string_view id, std::size_t count) const;

  std::string clientSecret(Index payment) const;
  std::string transaction(IdKind source, Index index) const;
  std::string derived(std::string_view purpose, std::uint64_t number, std::size_t length) const;

 private:
  std::uint64_t seed_;
  std::string accountPart_;  // what the ids of an account have in common
};

// The id of a request, by the seed of the run and its number.
std::string requestIdOf(std::uint64_t seed, std::uint64_t number);

}  // namespace simulators::stripe
