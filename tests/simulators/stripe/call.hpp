// One operation that is being executed, and what the operations share: references to other objects,
// metadata, answers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/ledger.hpp"
#include "stripe/account.hpp"
#include "stripe/errors.hpp"
#include "stripe/expansion.hpp"
#include "stripe/parameters.hpp"

namespace simulators::stripe {

struct Call {
  Account& account;
  const Parameters& params;
  std::string id;  // from the path
  std::string path;
  std::string idempotencyKey;
  std::string origin;  // "http://host:port" under which the caller reached us
  std::int64_t nowMs = 0;
  Expansion expand;
  std::vector<Movement> movements;  // what this call did to money

  std::int64_t now() const { return nowMs / 1000; }
  void move(std::string_view type, std::string objectId, const Payment& payment,
            std::int64_t amount, const Metadata& metadata);
};

// The object that the path names, or ApiError 404.
std::shared_ptr<const Payment> pathPayment(const Call& call);
// The customer that a parameter names, or ApiError; kNone if the parameter is absent.
Index customerParameter(const Call& call, std::string_view name = "customer");

// Merges: "" unsets one key, or all of them for the whole.
void applyMetadata(Metadata& metadata, const FormNode* changes);
// Sets the text if the parameter is there.
void applyText(std::string& target, const Parameters& params, std::string_view name);

Answer answer(const Call& call, const std::shared_ptr<const Payment>& payment);
Answer answer(const Call& call, const Charge& charge);
Answer answer(const Call& call, const Refund& refund);
Answer answer(const Call& call, const Customer& customer);
Answer answer(const Call& call, const PaymentMethod& method);

// The text of an answer, always the same for the same answer.
std::string bodyOf(const Account& account, const Answer& answer);

// The whole payment as JSON, for the error answers that show it.
std::string paymentJson(const Account& account, const Payment& payment);
std::string methodJson(const Account& account, const PaymentMethod& method);

}  // namespace simulators::stripe
