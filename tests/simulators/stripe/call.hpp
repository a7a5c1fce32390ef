// One operation that is being executed, and what the operations share: references to other objects,
// metadata, answers.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/json_value.hpp"
#include "common/ledger.hpp"
#include "common/webhooks.hpp"
#include "stripe/account.hpp"
#include "stripe/errors.hpp"
#include "stripe/expansion.hpp"
#include "stripe/parameters.hpp"

namespace simulators::stripe {

struct Call;

// Something that will happen by itself.
struct Plan {
  std::int64_t delayMs = 0;  // simulated, divided by the pace of the process
  std::int64_t dueMs = 0;    // a time that no pace changes; 0: use the delay
  std::function<void(Call&)> action;
};

struct Call {
  Account& account;
  const Parameters& params;
  std::string id;  // from the path
  std::string path;
  std::string idempotencyKey;
  std::string origin;  // "http://host:port" under which the caller reached us
  std::int64_t nowMs = 0;
  Expansion expand;
  std::uint64_t requestNumber = 0;  // 0: no request, but time
  std::vector<Movement> movements;  // what this call did to money
  std::vector<Event> events;
  std::vector<Plan> plans;
  WebhookSender* webhooks = nullptr;

  std::int64_t now() const { return nowMs / 1000; }
  void move(std::string_view type, std::string objectId, const Payment& payment,
            std::int64_t amount, const Metadata& metadata);
  // Of money that is no payment's: `subject` is what the movement is listed under.
  void moveFunds(std::string_view type, const std::string& objectId, const std::string& subject,
                 std::int64_t amount, const std::string& currency, const Json& metadata);

  // `type` must outlive the process: a literal.
  void event(std::string_view type, std::shared_ptr<const Payment> payment);
  void event(std::string_view type, std::shared_ptr<const Charge> charge);
  void event(std::string_view type, std::shared_ptr<const Refund> refund);
  void event(std::string_view type, const Json& object);

  void later(std::int64_t delayMs, std::function<void(Call&)> action);
  void at(std::int64_t seconds, std::function<void(Call&)> action);

 private:
  Event& addEvent(std::string_view type);
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
