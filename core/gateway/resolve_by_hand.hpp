// What a person decides about an escalated operation: that it succeeded, that it failed, or that
// the provider shall be asked once more. Makes the transition that says so, with all that follows
// from it; the REST route and `unigate operation` write it by compare-and-set. Does no writing.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/records.hpp"
#include "store/store.hpp"

namespace unigate::gateway {

struct HandDecision {
  enum class As { succeeded, failed, askAgain };
  As as = As::failed;
  std::string providerId;  // what the provider calls the resource; only with succeeded
  std::string reason;      // in the person's words
  std::string actor;       // who decides: "api_key:key_...", "operator:ann"
};

// "succeeded" or "failed".
std::optional<HandDecision::As> decisionFromText(std::string_view text);

struct ByHand {
  store::ReadSession& reader;
  const base::Clock& clock;
  // Body of a problem document, for a client that was never answered.
  std::function<std::string(const base::Problem&)> renderProblem;
};

// The transition from the row as it stands. Problems name the field at fault and what to do: 409
// not_escalated; 400 for a reason or an id that can't be taken; 422 for an id that is missing, or
// that is another's. Make it anew from a fresh row when the store answers resourceChanged.
base::Result<store::TransitionRecord> makeDecision(const ByHand& services,
                                                   const store::OperationRecord& row,
                                                   const HandDecision& decision);

// 409: somebody else has decided or moved the operation meanwhile.
base::Problem decidedMeanwhile(const std::string& operationId);

}  // namespace unigate::gateway
