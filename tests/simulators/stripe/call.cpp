#include "stripe/call.hpp"

#include <algorithm>

#include "stripe/render.hpp"

namespace simulators::stripe {
namespace {

template <typename Write>
std::string written(Write write) {
  JsonWriter json;
  write(json);
  return json.text();
}

Answer textAnswer(std::string body) {
  Answer answer;
  answer.body = std::move(body);
  return answer;
}

}  // namespace

void Call::move(std::string_view type, std::string objectId, const Payment& payment,
                std::int64_t amount, const Metadata& metadata) {
  Movement movement;
  movement.provider = "stripe";
  movement.type = type;
  movement.id = std::move(objectId);
  movement.payment = account.paymentId(payment.index);
  movement.amount = amount;
  movement.currency = text(payment.currency);
  movement.idempotencyKey = idempotencyKey;
  movement.account = account.id;
  movement.keyLast4 = account.keyLast4;
  movement.livemode = account.livemode;
  movement.metadata = metadata;
  movement.atMs = nowMs;
  movements.push_back(std::move(movement));
}

void Call::moveFunds(std::string_view type, const std::string& objectId, const std::string& subject,
                     std::int64_t amount, const std::string& currency, const Json& metadata) {
  Movement movement;
  movement.provider = "stripe";
  movement.type = type;
  movement.id = objectId;
  movement.payment = subject;
  movement.amount = amount;
  movement.currency = currency;
  movement.idempotencyKey = idempotencyKey;
  movement.account = account.id;
  movement.keyLast4 = account.keyLast4;
  movement.livemode = account.livemode;
  if (metadata.is_object()) {
    for (const auto& [key, value] : metadata.items()) {
      movement.metadata.emplace_back(key, value.get<std::string>());
    }
  }
  movement.atMs = nowMs;
  movements.push_back(std::move(movement));
}

Event& Call::addEvent(std::string_view type) {
  auto& added = events.emplace_back();
  added.created = now();
  added.type = type;
  added.request = requestNumber;
  added.idempotencyKey = idempotencyKey;
  return added;
}

void Call::event(std::string_view type, std::shared_ptr<const Payment> payment) {
  addEvent(type).payment = std::move(payment);
}

void Call::event(std::string_view type, std::shared_ptr<const Charge> charge) {
  addEvent(type).charge = std::move(charge);
}

void Call::event(std::string_view type, std::shared_ptr<const Refund> refund) {
  addEvent(type).refund = std::move(refund);
}

void Call::event(std::string_view type, const Json& object) {
  addEvent(type).object = std::make_shared<const std::string>(shown(object).dump());
}

void Call::later(std::int64_t delayMs, std::function<void(Call&)> action) {
  plans.push_back({delayMs, 0, std::move(action)});
}

void Call::at(std::int64_t seconds, std::function<void(Call&)> action) {
  plans.push_back({0, seconds * 1000, std::move(action)});
}

std::shared_ptr<const Payment> pathPayment(const Call& call) {
  auto payment = call.account.findPayment(call.id);
  if (!payment) throw resourceMissing("payment_intent", call.id, "intent", true);
  return payment;
}

Index customerParameter(const Call& call, std::string_view name) {
  if (!call.params.has(name)) return kNone;
  const auto id = call.params.text(name);
  const auto customer = call.account.findCustomer(id);
  if (!customer || customer->deleted) {
    throw resourceMissing("customer", id, std::string(name), false);
  }
  return customer->index;
}

void applyMetadata(Metadata& metadata, const FormNode* changes) {
  if (!changes) return;
  if (changes->children.empty()) metadata.clear();
  for (const auto& change : changes->children) {
    const auto place = std::find_if(metadata.begin(), metadata.end(),
                                    [&](const auto& entry) { return entry.first == change.key; });
    if (change.value.empty()) {
      if (place != metadata.end()) metadata.erase(place);
    } else if (place != metadata.end()) {
      place->second = change.value;
    } else {
      metadata.emplace_back(change.key, change.value);
    }
  }
}

void applyText(std::string& target, const Parameters& params, std::string_view name) {
  if (params.has(name)) target = params.text(name);
}

Answer answer(const Call& call, const std::shared_ptr<const Payment>& payment) {
  Answer answer;
  const bool withCharge = call.expand.isOnly("latest_charge");
  if (call.expand.empty() || withCharge) {
    answer.payment = payment;
    if (withCharge && payment->latestCharge != kNone) {
      answer.latestCharge = call.account.charges.at(payment->latestCharge);
    }
    return answer;
  }
  return textAnswer(
      written([&](JsonWriter& json) { writePayment(json, call.account, *payment, &call.expand); }));
}

Answer answer(const Call& call, const Charge& charge) {
  return textAnswer(
      written([&](JsonWriter& json) { writeCharge(json, call.account, charge, &call.expand); }));
}

Answer answer(const Call& call, const Refund& refund) {
  return textAnswer(
      written([&](JsonWriter& json) { writeRefund(json, call.account, refund, &call.expand); }));
}

Answer answer(const Call& call, const Customer& customer) {
  return textAnswer(
      written([&](JsonWriter& json) { writeCustomer(json, call.account, customer); }));
}

Answer answer(const Call& call, const PaymentMethod& method) {
  return textAnswer(
      written([&](JsonWriter& json) { writeMethod(json, call.account, method, &call.expand); }));
}

std::string bodyOf(const Account& account, const Answer& answer) {
  if (!answer.payment) return answer.body;
  return written([&](JsonWriter& json) {
    writePayment(json, account, *answer.payment, nullptr, answer.latestCharge.get());
  });
}

std::string paymentJson(const Account& account, const Payment& payment) {
  return written([&](JsonWriter& json) { writePayment(json, account, payment, nullptr); });
}

std::string methodJson(const Account& account, const PaymentMethod& method) {
  return written([&](JsonWriter& json) { writeMethod(json, account, method, nullptr); });
}

}  // namespace simulators::stripe
