#include "stripe/listing.hpp"
#include "stripe/operations.hpp"
#include "stripe/render.hpp"

namespace simulators::stripe {

Answer getCharge(Call& call) {
  const auto charge = call.account.findCharge(call.id);
  if (!charge) throw resourceMissing("charge", call.id, "id", true);
  return answer(call, *charge);
}

Answer listCharges(Call& call) {
  const auto customer = customerParameter(call);
  Index payment = kNone;
  if (call.params.has("payment_intent")) {
    const auto id = call.params.text("payment_intent");
    const auto found = call.account.findPayment(id);
    if (!found) throw resourceMissing("payment_intent", id, "payment_intent", false);
    payment = found->index;
  }
  const auto group = call.params.text("transfer_group");
  return listAnswer(
      call, call.account.charges, "charge",
      [&](const Charge& charge) {
        return (customer == kNone || charge.customer == customer) &&
               (payment == kNone || charge.payment == payment) &&
               (group.empty() || charge.details->transferGroup == group);
      },
      [&](std::string_view id) { return call.account.findCharge(id); },
      [&](JsonWriter& json, const Charge& charge) {
        writeCharge(json, call.account, charge, &call.expand);
      });
}

}  // namespace simulators::stripe
