#include "store/records.hpp"

#include <array>

namespace unigate::store {

namespace {

constexpr std::array<std::string_view, 7> kStateTexts = {
    "received", "intent", "sent", "succeeded", "failed", "unknown", "escalated"};

}  // namespace

std::string_view toText(OperationState state) {
  return kStateTexts.at(static_cast<std::size_t>(state));
}

std::optional<OperationState> operationStateFromText(std::string_view text) {
  for (std::size_t i = 0; i < kStateTexts.size(); ++i) {
    if (kStateTexts[i] == text) return static_cast<OperationState>(i);
  }
  return std::nullopt;
}

bool isTerminal(OperationState state) {
  return state == OperationState::succeeded || state == OperationState::failed;
}

}  // namespace unigate::store
