// /v1/customers: create, list, get, update, delete.
#include "rest/call.hpp"
#include "rest/fields.hpp"
#include "rest/lists.hpp"
#include "rest/operations.hpp"
#include "rest/resource_routes.hpp"

namespace unigate::rest {

namespace {

using Need = FieldReader::Need;

struct CustomerFields {
  std::optional<std::string> email, name, phone, description;
  std::string metadata;
};

CustomerFields readCustomer(FieldReader& fields) {
  CustomerFields customer;
  customer.email = fields.email("email");
  customer.name = fields.text("name", Need::optional, 256);
  customer.phone = fields.phone("phone");
  customer.description = fields.text("description", Need::optional, 1000, 0);
  customer.metadata = fields.metadata();
  return customer;
}

void createCustomer(const Call::Ptr& call) {
  FieldReader fields(call->body.root(), call->request.body);
  const std::string named = fields.text("provider", Need::optional, 64).value_or("");
  const CustomerFields customer = readCustomer(fields);
  if (auto status = fields.finish(); !status) return call->fail(status.error());
  auto operation = call->operation("customers.create", "customer");
  if (!operation) return call->fail(operation.error());
  auto provider = call->gateway.route(call->tenant, "customers.create", named);
  if (!provider) return failOrReplay(call, *operation, provider.error());

  json::Writer input;
  input.beginObject();
  optionalMember(input, "email", customer.email);
  optionalMember(input, "name", customer.name);
  optionalMember(input, "phone", customer.phone);
  optionalMember(input, "description", customer.description);
  input.key("metadata").rawJson(customer.metadata).endObject();
  operation->creates = true;
  operation->provider = std::move(*provider);
  operation->adapterInput = input.view();
  operation->client = input.take();
  run(call, std::move(*operation));
}

// Prepares an operation on the customer of the path; answers itself when that is not possible.
std::optional<gateway::OperationRequest> onCustomer(const Call::Ptr& call, std::string_view name) {
  auto operation = call->operation(name, "customer");
  if (!operation) {
    call->fail(operation.error());
    return std::nullopt;
  }
  auto found = call->gateway.reader().resourceById(call->tenant.orgId, call->tenant.environment,
                                                   "customer", call->param(0));
  if (!found) {
    call->fail(found.error());
    return std::nullopt;
  }
  std::optional<store::ResourceRecord>& customer = *found;
  // It may be this very key that deleted it: then its answer is given again.
  if (!customer || customer->status == "deleted") {
    failOrReplay(call, *operation,
                 {404, "not_found", "There is no customer with this id.", "id", false, 0, {}});
    return std::nullopt;
  }
  if (customer->providerId.empty()) {
    call->fail({409,
                "customer_processing",
                "This customer is still being created; try again shortly.",
                "id",
                true,
                2,
                {}});
    return std::nullopt;
  }
  auto provider = call->gateway.route(call->tenant, std::string(name), customer->provider);
  if (!provider) {
    failOrReplay(call, *operation, provider.error());
    return std::nullopt;
  }
  operation->provider = std::move(*provider);
  operation->target = std::move(*customer);
  return std::move(*operation);
}

void updateCustomer(const Call::Ptr& call) {
  FieldReader fields(call->body.root(), call->request.body);
  const CustomerFields customer = readCustomer(fields);
  const bool withMetadata = call->body["metadata"].exists();
  if (call->body.root().isObject() && call->body.root().size() == 0) {
    fields.fault("", "Send at least one field to change.");
  }
  if (auto status = fields.finish(); !status) return call->fail(status.error());
  auto operation = onCustomer(call, "customers.update");
  if (!operation) return;

  json::Writer input;
  json::Writer client;
  input.beginObject().member("provider_id", operation->target->providerId);
  client.beginObject();
  const auto change = [&](std::string_view name, const std::optional<std::string>& value) {
    const bool unset = fields.isNull(name);
    if (!value && !unset) return;
    input.member(name, value.value_or(""));  // adapters read empty text as "clear it"
    client.key(name);
    if (unset) {
      client.null();
    } else {
      client.value(*value);
    }
  };
  change("email", customer.email);
  change("name", customer.name);
  change("phone", customer.phone);
  change("description", customer.description);
  if (withMetadata) {
    input.key("metadata").rawJson(customer.metadata);
    client.key("metadata").rawJson(customer.metadata);
  }
  input.endObject();
  client.endObject();
  operation->adapterInput = input.take();
  operation->client = client.take();
  run(call, std::move(*operation));
}

void deleteCustomer(const Call::Ptr& call) {
  auto operation = onCustomer(call, "customers.delete");
  if (!operation) return;
  json::Writer input;
  input.beginObject().member("provider_id", operation->target->providerId).endObject();
  operation->adapterInput = input.take();
  run(call, std::move(*operation));
}

void getCustomer(const Call::Ptr& call) {
  auto row = call->findResource("customer", call->param(0));
  if (row) sendResource(call, std::move(*row), false);
}

void listCustomers(const Call::Ptr& call) {
  static const ResourceRoutes kCustomers = [] {
    ResourceRoutes customers{"customer", "customers", ""};
    customers.listOperation = "customers.list";
    return customers;
  }();
  listResources(call, kCustomers);
}

}  // namespace

void addCustomerRoutes(std::vector<Route>& routes) {
  using Body = Route::Body;
  routes.push_back(
      {"POST", "/v1/customers", "customers", "write", Body::required, {"include"}, createCustomer});
  routes.push_back({"GET",
                    "/v1/customers",
                    "customers",
                    "read",
                    Body::none,
                    {"limit", "starting_after", "provider", "created[gte]", "created[lt]",
                     "metadata[", "source"},
                    listCustomers});
  routes.push_back(
      {"GET", "/v1/customers/{id}", "customers", "read", Body::none, {"include"}, getCustomer});
  routes.push_back({"PATCH",
                    "/v1/customers/{id}",
                    "customers",
                    "write",
                    Body::required,
                    {"include"},
                    updateCustomer});
  routes.push_back(
      {"DELETE", "/v1/customers/{id}", "customers", "write", Body::none, {}, deleteCustomer});
}

}  // namespace unigate::rest
