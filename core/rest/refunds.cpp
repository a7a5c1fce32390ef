// /v1/payments/refunds and /v1/payments/orders/{id}/refunds: give money back, whole or in parts.
#include "rest/call.hpp"
#include "rest/connect.hpp"
#include "rest/fields.hpp"
#include "rest/lists.hpp"
#include "rest/operations.hpp"
#include "rest/resource_routes.hpp"

namespace unigate::rest {

namespace {

using Need = FieldReader::Need;

// `paymentId` empty: it stands in the body.
void refund(const Call::Ptr& call, std::string paymentId) {
  FieldReader fields(bodyOrEmpty(*call), call->request.body);
  if (paymentId.empty()) paymentId = fields.text("payment", Need::required, 64).value_or("");
  auto payment = call->gateway.reader().resourceById(call->tenant.orgId, call->tenant.environment,
                                                     "payment", paymentId);
  const bool known = payment && payment->has_value();
  const auto amount =
      fields.amount("amount", Need::optional, known ? (*payment)->currency : std::string());
  const auto reason =
      fields.oneOf("reason", Need::optional, {"duplicate", "fraudulent", "requested_by_customer"});
  const std::string metadata = fields.metadata();
  if (auto status = fields.finish(); !status) return call->fail(status.error());
  if (!payment) return call->fail(payment.error());
  if (!known) {
    return call->fail(
        {404, "not_found", "There is no payment with this id.", "payment", false, 0, {}});
  }
  store::ResourceRecord& row = **payment;
  auto operation = call->operation("refunds.create", "refund");
  if (!operation) return call->fail(operation.error());
  if (row.providerId.empty()) {
    return failOrReplay(
        call, *operation,
        {409,
         "payment_processing",
         "The outcome of this payment's creation is still being found out; try again shortly.",
         "payment",
         true,
         2,
         {}});
  }
  auto provider = call->gateway.route(call->tenant, "refunds.create", row.provider);
  if (!provider) return failOrReplay(call, *operation, provider.error());
  if (amount && *amount > row.amount) {
    return failOrReplay(
        call, *operation,
        {422,
         "amount_too_large",
         "amount is above the payment's amount (" + std::to_string(row.amount) + ").",
         "amount",
         false,
         0,
         {}});
  }

  json::Writer input;
  input.beginObject()
      .member("payment_provider_id", row.providerId)
      .member("currency", row.currency);
  if (amount) input.member("amount", *amount);
  optionalMember(input, "reason", reason);
  if (const ConnectedShare share = shareOf(row); share.connected)
    input.member("connection", "connect").member("platform_fee", share.fee);
  input.key("metadata").rawJson(metadata).endObject();
  json::Writer client;
  client.beginObject().member("payment", row.id);
  optionalMember(client, "reason", reason);
  client.key("metadata").rawJson(metadata).endObject();

  operation->creates = true;
  operation->provider = std::move(*provider);
  operation->amount = amount.value_or(0);
  operation->currency = row.currency;
  operation->adapterInput = input.take();
  operation->client = client.take();
  run(call, std::move(*operation));
}

void getRefund(const Call::Ptr& call) {
  auto row = call->findResource("refund", call->param(0));
  if (!row) return;
  const bool mayHaveMoved = row->status == "pending" || row->status == "processing";
  sendResource(call, std::move(*row), mayHaveMoved);
}

void listRefunds(const Call::Ptr& call) {
  static const ResourceRoutes kRefunds = [] {
    ResourceRoutes refunds{"refund", "refunds", ""};
    refunds.listOperation = "refunds.list";
    return refunds;
  }();
  listResources(call, kRefunds);
}

}  // namespace

void addRefundRoutes(std::vector<Route>& routes) {
  using Body = Route::Body;
  routes.push_back({"POST",
                    "/v1/payments/orders/{id}/refunds",
                    "refunds",
                    "write",
                    Body::optional,
                    {"include"},
                    [](const Call::Ptr& call) { refund(call, call->param(0)); }});
  routes.push_back({"POST",
                    "/v1/payments/refunds",
                    "refunds",
                    "write",
                    Body::required,
                    {"include"},
                    [](const Call::Ptr& call) { refund(call, ""); }});
  routes.push_back({"GET", "/v1/payments/refunds", "refunds", "read", Body::none,
                    listQueryNames({"payment", "source"}), listRefunds});
  routes.push_back(
      {"GET", "/v1/payments/refunds/{id}", "refunds", "read", Body::none, {"include"}, getRefund});
}

}  // namespace unigate::rest
