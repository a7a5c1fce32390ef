#include "stripe/cards.hpp"

#include <array>
#include <string>

namespace simulators::stripe {
namespace {

constexpr Decline kGeneric{"card_declined", "generic_decline", "Your card was declined.",
                           "try_again_later"};
constexpr Decline kNoFunds{"card_declined", "insufficient_funds",
                           "Your card has insufficient funds.", "try_again_later"};
constexpr Decline kLost{"card_declined", "lost_card", "Your card was declined.",
                        "do_not_try_again"};
constexpr Decline kStolen{"card_declined", "stolen_card", "Your card was declined.",
                          "do_not_try_again"};
constexpr Decline kFraudulent{"card_declined", "fraudulent", "Your card was declined.",
                              "do_not_try_again"};
constexpr Decline kVelocity{"card_declined", "card_velocity_exceeded",
                            "Your card was declined for making repeated attempts too frequently "
                            "or exceeding its amount limit.",
                            "try_again_later"};
constexpr Decline kExpired{"expired_card", "expired_card", "Your card has expired.",
                           "do_not_try_again"};
constexpr Decline kCvc{"incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.",
                       "confirm_card_data"};
constexpr Decline kProcessing{"processing_error", "processing_error",
                              "An error occurred while processing your card. Try again in a "
                              "little bit.",
                              "try_again_later"};
constexpr Decline kWrongNumber{"incorrect_number", "incorrect_number",
                               "Your card number is incorrect.", "confirm_card_data"};

constexpr auto kNever = Challenge::kNever;
constexpr auto kAlways = Challenge::kAlways;
constexpr auto kUnlessSetUp = Challenge::kUnlessSetUp;

constexpr std::array<TestCard, 35> kCards{{
    {"visa", "4242424242424242", "visa", "credit", kNever, nullptr, false},
    {"visa_debit", "4000056655665556", "visa", "debit", kNever, nullptr, false},
    {"mastercard", "5555555555554444", "mastercard", "credit", kNever, nullptr, false},
    {"mastercard_debit", "5200828282828210", "mastercard", "debit", kNever, nullptr, false},
    {"mastercard_prepaid", "5105105105105100", "mastercard", "prepaid", kNever, nullptr, false},
    {"amex", "378282246310005", "amex", "credit", kNever, nullptr, false},
    {"discover", "6011111111111117", "discover", "credit", kNever, nullptr, false},
    {"diners", "3056930009020004", "diners", "credit", kNever, nullptr, false},
    {"jcb", "3566002020360505", "jcb", "credit", kNever, nullptr, false},
    {"unionpay", "6200000000000005", "unionpay", "credit", kNever, nullptr, false},
    {"in", "4000003560000008", "visa", "credit", kNever, nullptr, false},
    {"chargeDeclined", "4000000000000002", "visa", "credit", kNever, &kGeneric, true},
    {"chargeDeclinedInsufficientFunds", "4000000000009995", "visa", "credit", kNever, &kNoFunds,
     true},
    {"chargeDeclinedLostCard", "4000000000009987", "visa", "credit", kNever, &kLost, true},
    {"chargeDeclinedStolenCard", "4000000000009979", "visa", "credit", kNever, &kStolen, true},
    {"chargeDeclinedExpiredCard", "4000000000000069", "visa", "credit", kNever, &kExpired, true},
    {"chargeDeclinedIncorrectCvc", "4000000000000127", "visa", "credit", kNever, &kCvc, true},
    {"chargeDeclinedProcessingError", "4000000000000119", "visa", "credit", kNever, &kProcessing,
     true},
    {"chargeDeclinedFraudulent", "4100000000000019", "visa", "credit", kNever, &kFraudulent, false},
    {"radarBlock", "4100000000000019", "visa", "credit", kNever, &kFraudulent, false},
    {"chargeDeclinedVelocityLimitExceeded", "4000000000006975", "visa", "credit", kNever,
     &kVelocity, true},
    {"chargeDeclinedIncorrectNumber", "4242424242424241", "visa", "credit", kNever, &kWrongNumber,
     true},
    {"chargeCustomerFail", "4000000000000341", "visa", "credit", kNever, &kGeneric, false},
    {"authenticationRequired", "4000002760003184", "visa", "credit", kAlways, nullptr, false},
    {"authenticationRequiredOnSetup", "4000002500003155", "visa", "credit", kUnlessSetUp, nullptr,
     false},
    {"authenticationRequiredSetupForOffSession", "4000003800000446", "visa", "credit", kUnlessSetUp,
     nullptr, false},
    {"authenticationRequiredChargeDeclinedInsufficientFunds", "4000008260003178", "visa", "credit",
     kAlways, &kNoFunds, false},
    {"threeDSecure2Required", "4000000000003220", "visa", "credit", kAlways, nullptr, false},
    {"threeDSecureRequired", "4000000000003063", "visa", "credit", kAlways, nullptr, false},
    {"threeDSecureRequiredChargeDeclined", "4000008400001629", "visa", "credit", kAlways, &kGeneric,
     false},
    {"threeDSecureOptional", "4000000000003055", "visa", "credit", kNever, nullptr, false},
    {"bypassPending", "4000000000000077", "visa", "credit", kNever, nullptr, false, true},
    {"createDispute", "4000000000000259", "visa", "credit", kNever, nullptr, false, false,
     "fraudulent"},
    {"createDisputeProductNotReceived", "4000000000002685", "visa", "credit", kNever, nullptr,
     false, false, "product_not_received"},
    {"createDisputeInquiry", "4000000000001976", "visa", "credit", kNever, nullptr, false, false,
     "inquiry"},
}};

template <typename Predicate>
std::optional<CardIndex> findCard(Predicate matches) {
  for (std::size_t i = 0; i < kCards.size(); ++i) {
    if (matches(kCards[i])) return static_cast<CardIndex>(i);
  }
  return std::nullopt;
}

std::optional<CardIndex> findByPlainName(std::string_view name) {
  if (const auto decline = name.find("chargeDeclined"); decline != std::string_view::npos) {
    const auto before = name.substr(0, decline);
    if (before == "visa_" || before == "mastercard_" || before == "amex_") {
      name.remove_prefix(decline);
    }
  }
  return findCard([&](const TestCard& card) { return card.name == name; });
}

}  // namespace

const Decline kAuthenticationRequired{
    "authentication_required", "authentication_required",
    "Your card was declined. This transaction requires authentication.", "try_again_later"};

const TestCard& testCard(CardIndex index) {
  return kCards[index];
}

std::optional<CardIndex> findCardByName(std::string_view name) {
  if (!name.starts_with("pm_card_")) return std::nullopt;
  return findByPlainName(name.substr(8));
}

std::optional<CardIndex> findCardByToken(std::string_view token) {
  if (!token.starts_with("tok_")) return std::nullopt;
  return findByPlainName(token.substr(4));
}

std::optional<CardIndex> findCardByNumber(std::string_view number) {
  std::string digits;
  for (const char c : number) {
    if (c != ' ' && c != '-') digits.push_back(c);
  }
  return findCard([&](const TestCard& card) { return card.number == digits; });
}

}  // namespace simulators::stripe
