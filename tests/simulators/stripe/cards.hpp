// Stripe's test cards: what each is called, how it looks and how it behaves when it is charged.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace simulators::stripe {

enum class Challenge : std::uint8_t {
  kNever,
  kAlways,      // every payment asks for 3-D Secure
  kUnlessSetUp  // only until the card was authenticated for later use
};

// Why the issuer refuses; an empty code means that it does not.
struct Decline {
  std::string_view code;
  std::string_view declineCode;
  std::string_view message;
  std::string_view adviceCode;
};

using CardIndex = std::uint8_t;

struct TestCard {
  std::string_view name;  // as in pm_card_<name> and tok_<name>
  std::string_view number;
  std::string_view brand;
  std::string_view funding;
  Challenge challenge;
  const Decline* decline;  // null: approved
  bool declinesOnAttach;
  bool bypassesPending = false;   // what it pays is available at once
  const char* dispute = nullptr;  // the payer disputes what it paid, for this reason

  std::string_view last4() const { return number.substr(number.size() - 4); }
};

const TestCard& testCard(CardIndex index);

// By "pm_card_visa" or the name alone; a leading brand before "chargeDeclined" does not matter.
std::optional<CardIndex> findCardByName(std::string_view name);
std::optional<CardIndex> findCardByToken(std::string_view token);
std::optional<CardIndex> findCardByNumber(std::string_view number);

extern const Decline kAuthenticationRequired;

}  // namespace simulators::stripe
