// /v1/customers/{id}/payment-methods: what a customer has saved to pay with.
#include "gateway/kinds.hpp"
#include "rest/operations.hpp"
#include "rest/resource_routes.hpp"

namespace unigate::rest {

namespace {

// The customer of the path, known at the provider; else the answer has been sent.
std::optional<store::ResourceRecord> customerOf(const Call::Ptr& call) {
  auto customer = call->findResource("customer", call->param(0));
  if (customer && customer->providerId.empty()) {
    call->fail({409,
                "customer_processing",
                "This customer is still being created; try again shortly.",
                "id",
                true,
                2,
                {}});
    return std::nullopt;
  }
  return customer;
}

std::string customerMember(const store::ResourceRecord& customer) {
  json::Writer out;
  out.value(customer.providerId);
  return "\"customer_provider_id\":" + out.take();
}

void listOf(const Call::Ptr& call) {
  const auto customer = customerOf(call);
  if (!customer) return;
  listAtProvider(call, "payment_method", "payment_methods.list", customer->provider,
                 customerMember(*customer));
}

void attach(const Call::Ptr& call) {
  static const std::vector<FieldSpec> kFields{{"payment_method", FieldIs::text, true, 255},
                                              {"metadata", FieldIs::metadata}};
  FieldReader fields(call->body.root(), call->request.body);
  Form form = readForm(*call, kFields, fields, false);
  if (auto status = fields.finish(); !status) return call->fail(status.error());
  const auto customer = customerOf(call);
  if (!customer) return;
  auto operation = call->operation("payment_methods.attach", "payment_method");
  if (!operation) return call->fail(operation.error());
  auto provider = call->gateway.route(call->tenant, "payment_methods.attach", customer->provider);
  if (!provider) return failOrReplay(call, *operation, provider.error());
  json::Writer client;
  client.beginObject().member("customer", customer->id);
  client.key("metadata")
      .rawJson(call->body["metadata"].exists() ? json::toText(call->body["metadata"])
                                               : std::string("{}"));
  client.endObject();
  form.adapterInput.pop_back();
  operation->creates = true;
  operation->provider = std::move(*provider);
  operation->adapterInput = form.adapterInput + "," + customerMember(*customer) + "}";
  operation->client = client.take();
  run(call, std::move(*operation));
}

void detach(const Call::Ptr& call) {
  static const ResourceRoutes kResource{"payment_method", "payment_methods", ""};
  static const Action kDetach{"",       "payment_methods.detach",
                              {},       nullptr,
                              "DELETE", {{"customer_provider_id", "customer_provider_id"}}};
  const auto customer = customerOf(call);
  if (!customer) return;
  auto method = call->findResource("payment_method", call->param(1));
  if (!method) return;
  if (method->customer != customer->id) {
    return call->fail({404,
                       "not_found",
                       "This customer has no payment method with this id.",
                       "id",
                       false,
                       0,
                       {}});
  }
  actOnResource(call, kResource, kDetach, method->id);
}

}  // namespace

void addPaymentMethodRoutes(std::vector<Route>& routes) {
  using Body = Route::Body;
  constexpr const char* kMethods = "/v1/customers/{id}/payment-methods";
  routes.push_back({"GET",
                    kMethods,
                    "payment_methods",
                    "read",
                    Body::none,
                    {"limit", "starting_after"},
                    listOf});
  routes.push_back(
      {"POST", kMethods, "payment_methods", "write", Body::required, {"include"}, attach});
  routes.push_back({"DELETE",
                    std::string(kMethods) + "/{payment_method}",
                    "payment_methods",
                    "write",
                    Body::none,
                    {},
                    detach});
}

}  // namespace unigate::rest
