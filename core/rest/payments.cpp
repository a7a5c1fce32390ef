// /v1/payments/orders: create, list, get, confirm, capture, cancel.
#include <unigate/money.hpp>

#include "base/ids.hpp"
#include "gateway/documents.hpp"
#include "rest/call.hpp"
#include "rest/connect.hpp"
#include "rest/fields.hpp"
#include "rest/lists.hpp"
#include "rest/operations.hpp"
#include "rest/resource_routes.hpp"

namespace unigate::rest {

namespace {

using Need = FieldReader::Need;

constexpr std::size_t kCheckoutMembersMax = 20;

// What a create request asks for, checked.
struct PaymentOrder {
  Money money;
  std::string provider;
  std::string captureMethod;
  std::string connection;
  std::optional<std::string> account;  // with connection connect: our id of it
  bool confirm = false;
  std::optional<std::string> paymentMethod, customer, email, name, phone, description, reference,
      returnUrl, statementDescriptor;
  std::string metadata;
};

base::Result<PaymentOrder> readOrder(const Call& call) {
  FieldReader fields(call.body.root(), call.request.body);
  PaymentOrder order;
  order.money.currency = fields.currency("currency", Need::required).value_or("");
  order.money.amount =
      fields.amount("amount", Need::required, call.body["currency"].stringOr("")).value_or(0);
  order.provider = fields.text("provider", Need::optional, 64).value_or("");
  order.captureMethod =
      fields.oneOf("capture_method", Need::optional, {"automatic", "manual"}).value_or("automatic");
  order.connection =
      fields.oneOf("connection", Need::optional, {"api_key", "connect"}).value_or("api_key");
  order.account = fields.text("account", Need::optional, 64);
  order.confirm = fields.flag("confirm").value_or(false);
  order.paymentMethod = fields.text("payment_method", Need::optional, 255);
  order.customer = fields.text("customer", Need::optional, 64);
  order.email = fields.email("customer_email");
  order.name = fields.text("customer_name", Need::optional, 256);
  order.phone = fields.phone("customer_phone");
  order.description = fields.text("description", Need::optional, 1000, 0);
  order.reference = fields.text("reference", Need::optional, 200);
  order.returnUrl = fields.url("return_url");
  order.statementDescriptor = fields.text("statement_descriptor", Need::optional, 22);
  order.metadata = fields.metadata();
  if (order.customer && (order.email || order.name || order.phone)) {
    fields.fault("customer",
                 "Send customer, or customer_email, customer_name and customer_phone, not both.");
  }
  if (order.account && order.connection != "connect") {
    fields.fault("account", "account goes with \"connection\": \"connect\".");
  }
  if (auto status = fields.finish(); !status) return base::fail(status.error());
  return order;
}

// The customer's id at the provider, from our id.
base::Result<std::string> customerAtProvider(const Call& call, const PaymentOrder& order,
                                             const std::string& provider) {
  auto row = call.gateway.reader().resourceById(call.tenant.orgId, call.tenant.environment,
                                                "customer", *order.customer);
  if (!row) return base::fail(row.error());
  if (!row->has_value() || (*row)->status == "deleted") {
    return base::fail(422, "unknown_customer", "There is no customer with this id.", "customer");
  }
  if ((*row)->provider != provider) {
    return base::fail(
        422, "wrong_provider",
        "This customer lives at " + (*row)->provider + ", the payment goes to " + provider + ".",
        "customer");
  }
  if ((*row)->providerId.empty()) {
    return base::fail(409, "customer_processing",
                      "This customer is still being created; try again shortly.", "customer");
  }
  return (*row)->providerId;
}

// What the adapter is to pay with: our id of a saved method as the provider's, all else as it is.
base::Result<std::optional<std::string>> savedMethod(const Call& call,
                                                     const std::optional<std::string>& method,
                                                     const std::string& provider) {
  if (!method || !base::isId("pm_", *method)) return method;
  auto row = call.gateway.reader().resourceById(call.tenant.orgId, call.tenant.environment,
                                                "payment_method", *method);
  if (!row) return base::fail(row.error());
  if (!row->has_value()) return method;
  if ((*row)->provider != provider) {
    return base::fail(422, "wrong_provider",
                      "This payment method lives at " + (*row)->provider +
                          ", the payment goes to " + provider + ".",
                      "payment_method");
  }
  return std::optional<std::string>((*row)->providerId);
}

void createPayment(const Call::Ptr& call) {
  auto order = readOrder(*call);
  if (!order) return call->fail(order.error());
  auto operation = call->operation("payments.create", "payment");
  if (!operation) return call->fail(operation.error());
  std::optional<ConnectedAccount> connected;
  if (order->connection == "connect") {
    auto account = connectedAccount(*call, order->provider, order->account.value_or(""));
    if (!account) return failOrReplay(call, *operation, account.error());
    connected = std::move(*account);
    order->provider = connected->row.provider;
  }
  auto provider = call->gateway.route(call->tenant, "payments.create", order->provider);
  if (!provider) return failOrReplay(call, *operation, provider.error());
  std::string customerProviderId;
  if (order->customer) {
    auto found = customerAtProvider(*call, *order, *provider);
    if (!found) return failOrReplay(call, *operation, found.error());
    customerProviderId = std::move(*found);
  }

  auto saved = savedMethod(*call, order->paymentMethod, *provider);
  if (!saved) return failOrReplay(call, *operation, saved.error());

  json::Writer input;
  input.beginObject()
      .member("amount", order->money.amount)
      .member("currency", order->money.currency)
      .member("capture_method", order->captureMethod)
      .member("confirm", order->confirm);
  optionalMember(input, "payment_method", *saved);
  if (!customerProviderId.empty()) input.member("customer_provider_id", customerProviderId);
  optionalMember(input, "customer_email", order->email);
  optionalMember(input, "customer_name", order->name);
  optionalMember(input, "customer_phone", order->phone);
  optionalMember(input, "description", order->description);
  optionalMember(input, "reference", order->reference);
  optionalMember(input, "return_url", order->returnUrl);
  optionalMember(input, "statement_descriptor", order->statementDescriptor);
  input.key("metadata").rawJson(order->metadata).member("connection", order->connection);
  const std::int64_t fee =
      connected ? platformFee(order->money.amount, connected->feeBasisPoints) : 0;
  if (connected) {
    input.member("connected_account_provider_id", connected->row.providerId)
        .member("platform_fee", fee);
  }
  input.endObject();

  json::Writer client;
  client.beginObject()
      .member("connection", order->connection)
      .member("capture_method", order->captureMethod);
  if (connected) client.member("account", connected->row.id).member("platform_fee", fee);
  optionalMember(client, "customer", order->customer);
  optionalMember(client, "description", order->description);
  optionalMember(client, "reference", order->reference);
  client.key("metadata").rawJson(order->metadata).endObject();

  operation->creates = true;
  operation->provider = std::move(*provider);
  operation->amount = order->money.amount;
  operation->currency = order->money.currency;
  operation->adapterInput = input.take();
  operation->client = client.take();
  run(call, std::move(*operation));
}

// Prepares an operation on the payment of the path; sends the answer itself when that is not
// possible.
std::optional<gateway::OperationRequest> onPayment(const Call::Ptr& call, std::string_view name) {
  auto payment = call->findResource("payment", call->param(0));
  if (!payment) return std::nullopt;
  auto operation = call->operation(name, "payment");
  if (!operation) {
    call->fail(operation.error());
    return std::nullopt;
  }
  if (payment->providerId.empty()) {
    failOrReplay(
        call, *operation,
        {409,
         "payment_processing",
         "The outcome of this payment's creation is still being found out; try again shortly.",
         "id",
         true,
         2,
         {}});
    return std::nullopt;
  }
  if (payment->status == "processing") {
    failOrReplay(call, *operation,
                 {409,
                  "payment_processing",
                  "What became of this payment is still being found out; try again shortly.",
                  "id",
                  true,
                  2,
                  {}});
    return std::nullopt;
  }
  // Asking the provider could only fail; and with a lost answer it would look as if this request
  // had done what an earlier one did.
  if (payment->status == "succeeded" || payment->status == "canceled") {
    base::Problem over{422,
                       "invalid_state",
                       "This payment is " + payment->status + "; that can't be changed any more.",
                       "id",
                       false,
                       0,
                       {}};
    over.members.emplace_back("outcome", "\"not_executed\"");
    failOrReplay(call, *operation, over);
    return std::nullopt;
  }
  auto provider = call->gateway.route(call->tenant, std::string(name), payment->provider);
  if (!provider) {
    failOrReplay(call, *operation, provider.error());
    return std::nullopt;
  }
  operation->provider = std::move(*provider);
  operation->amount = payment->amount;
  operation->currency = payment->currency;
  operation->target = std::move(*payment);
  return std::move(*operation);
}

void confirmPayment(const Call::Ptr& call) {
  FieldReader fields(bodyOrEmpty(*call), call->request.body);
  const auto method = fields.text("payment_method", Need::optional, 255);
  const auto returnUrl = fields.url("return_url");
  const std::string checkout =
      fields.textMap("checkout_result", Need::optional, kCheckoutMembersMax);
  if (auto status = fields.finish(); !status) return call->fail(status.error());
  auto operation = onPayment(call, "payments.confirm");
  if (!operation) return;
  auto saved = savedMethod(*call, method, operation->target->provider);
  if (!saved) return failOrReplay(call, *operation, saved.error());
  json::Writer input;
  input.beginObject().member("provider_id", operation->target->providerId);
  optionalMember(input, "payment_method", *saved);
  optionalMember(input, "return_url", returnUrl);
  if (!checkout.empty()) input.key("checkout_result").rawJson(checkout);
  input.endObject();
  operation->adapterInput = input.take();
  run(call, std::move(*operation));
}

void capturePayment(const Call::Ptr& call) {
  auto row = call->gateway.reader().resourceById(call->tenant.orgId, call->tenant.environment,
                                                 "payment", call->param(0));
  const std::string currency = row && row->has_value() ? (*row)->currency : std::string();
  FieldReader fields(bodyOrEmpty(*call), call->request.body);
  const auto amount = fields.amount("amount", Need::optional, currency);
  if (auto status = fields.finish(); !status) return call->fail(status.error());
  auto operation = onPayment(call, "payments.capture");
  if (!operation) return;
  if (amount && *amount > operation->target->amount) {
    return failOrReplay(
        call, *operation,
        {422,
         "amount_too_large",
         "amount is above what is authorised (" + std::to_string(operation->target->amount) + ").",
         "amount",
         false,
         0,
         {}});
  }
  json::Writer input;
  input.beginObject()
      .member("provider_id", operation->target->providerId)
      .member("currency", operation->target->currency);
  if (amount) {
    input.member("amount", *amount);
    const ConnectedShare share = shareOf(*operation->target);
    if (share.connected)
      input.member("platform_fee", partOf(share.fee, *amount, operation->target->amount));
  }
  input.endObject();
  operation->amount = amount.value_or(operation->target->amount);
  operation->adapterInput = input.take();
  run(call, std::move(*operation));
}

void cancelPayment(const Call::Ptr& call) {
  FieldReader fields(bodyOrEmpty(*call), call->request.body);
  const auto reason = fields.oneOf(
      "reason", Need::optional, {"abandoned", "duplicate", "fraudulent", "requested_by_customer"});
  if (auto status = fields.finish(); !status) return call->fail(status.error());
  auto operation = onPayment(call, "payments.cancel");
  if (!operation) return;
  json::Writer input;
  input.beginObject().member("provider_id", operation->target->providerId);
  optionalMember(input, "reason", reason);
  input.endObject();
  operation->adapterInput = input.take();
  run(call, std::move(*operation));
}

// From the store; a payment that something outside may have moved on is fetched anew.
void getPayment(const Call::Ptr& call) {
  auto payment = call->findResource("payment", call->param(0));
  if (!payment) return;
  const bool mayHaveMoved =
      payment->status != "requires_capture" && !gateway::isEnd("payment", payment->status);
  sendResource(call, std::move(*payment), mayHaveMoved);
}

void listPayments(const Call::Ptr& call) {
  static const ResourceRoutes kPayments = [] {
    ResourceRoutes payments{"payment", "payments", ""};
    payments.listOperation = "payments.list";
    return payments;
  }();
  listResources(call, kPayments);
}

}  // namespace

void addPaymentRoutes(std::vector<Route>& routes) {
  using Body = Route::Body;
  const std::string kOrders = "/v1/payments/orders";
  routes.push_back(
      {"POST", kOrders, "payments", "write", Body::required, {"include"}, createPayment});
  routes.push_back({"GET", kOrders, "payments", "read", Body::none,
                    listQueryNames({"customer", "reference", "source"}), listPayments});
  routes.push_back(
      {"GET", "/v1/payments/orders/{id}", "payments", "read", Body::none, {"include"}, getPayment});
  routes.push_back({"POST",
                    "/v1/payments/orders/{id}/confirm",
                    "payments",
                    "write",
                    Body::optional,
                    {"include"},
                    confirmPayment});
  routes.push_back({"POST",
                    "/v1/payments/orders/{id}/capture",
                    "payments",
                    "write",
                    Body::optional,
                    {"include"},
                    capturePayment});
  routes.push_back({"POST",
                    "/v1/payments/orders/{id}/cancel",
                    "payments",
                    "write",
                    Body::optional,
                    {"include"},
                    cancelPayment});
}

}  // namespace unigate::rest
