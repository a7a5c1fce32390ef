// customers.create, .get, .update, .delete, .list: /v1/customers. Stripe's POST to a customer is
// the update, and empty text clears a field.
#include <algorithm>
#include <utility>

#include "errors.hpp"
#include "listing.hpp"
#include "operations.hpp"

namespace stripe {

namespace {

sdk::Error notUnderstood(std::string_view what) {
  return sdk::Error::badResponse("Stripe's customer has no usable " + std::string(what));
}

// The customer in a 2xx answer; it must be the one with `providerId`, if that is not empty.
sdk::Result<sdk::Customer> readCustomer(const sdk::HttpResponse& response,
                                        std::string_view providerId) {
  json::Document document;
  if (auto problem = readAnswer(response, "customer", document)) return std::move(*problem);
  sdk::Result<sdk::Customer> customer = customerOf(document.root());
  if (customer && !providerId.empty() && customer->providerId != providerId) {
    return sdk::Error::badResponse("Stripe answered with another customer");
  }
  return customer;
}

sdk::Step foundCustomer(json::View object, const Lookup&) {
  return customerOf(object);
}

// Empty text clears a field of an existing customer; a new one has nothing to clear.
void addFields(sdk::FormEncoder& form, const sdk::CustomerFields& in, bool clears) {
  const auto add = [&](std::string_view name, const std::optional<std::string>& value) {
    if (value && (clears || !value->empty())) form.add(name, *value);
  };
  add("email", in.email);
  add("name", in.name);
  add("phone", in.phone);
  add("description", in.description);
}

bool has(const sdk::Metadata& metadata, const std::pair<std::string, std::string>& wanted) {
  const auto at = std::find_if(metadata.begin(), metadata.end(),
                               [&](const auto& item) { return item.first == wanted.first; });
  const std::string value = at == metadata.end() ? std::string() : at->second;
  return value == wanted.second;
}

// True if nothing that the update asked for is missing.
bool shows(const sdk::Customer& customer, const sdk::CustomerFields& wanted) {
  const auto equal = [](const std::optional<std::string>& is,
                        const std::optional<std::string>& shouldBe) {
    return !shouldBe || is.value_or("") == *shouldBe;
  };
  return equal(customer.email, wanted.email) && equal(customer.name, wanted.name) &&
         equal(customer.phone, wanted.phone) && equal(customer.description, wanted.description) &&
         std::all_of(wanted.metadata.begin(), wanted.metadata.end(),
                     [&](const auto& item) { return has(customer.metadata, item); });
}

}  // namespace

sdk::Result<sdk::Customer> customerOf(json::View object) {
  sdk::Customer customer;
  if (object["object"].stringOr("") != "customer") return notUnderstood("type");
  customer.providerId = std::string(object["id"].stringOr(""));
  if (customer.providerId.empty()) return notUnderstood("id");
  customer.email = textOf(object["email"]);
  customer.name = textOf(object["name"]);
  customer.phone = textOf(object["phone"]);
  customer.description = textOf(object["description"]);
  customer.metadata = clientMetadata(object);
  customer.deleted = object["deleted"].booleanOr(false);
  customer.createdUnixS = std::max<std::int64_t>(0, object["created"].int64Or(0));
  return customer;
}

sdk::Result<sdk::HttpRequest> buildCustomerCreate(const sdk::CustomerFields& in,
                                                  const sdk::Call& call) {
  sdk::FormEncoder form;
  addFields(form, in, false);
  if (auto problem = addMetadata(form, in.metadata, {{kOperationKey, in.operationId}})) {
    return std::move(*problem);
  }
  return post("/v1/customers", std::move(form), call, "customers.create");
}

sdk::Result<sdk::Customer> parseCustomerCreate(const sdk::HttpResponse& response) {
  return readCustomer(response, {});
}

sdk::Step startCustomerLookup(Lookup& lookup, const sdk::CustomerFields& in) {
  lookup.path = "/v1/customers";
  lookup.label = "customers.list";
  lookup.operationId = in.operationId;
  lookup.found = foundCustomer;
  return startLookup(lookup, {}, in.operationCreatedUnixS);
}

sdk::Result<sdk::HttpRequest> buildCustomerGet(const sdk::ProviderRef& in) {
  auto path = objectPath("customers", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, "customers.retrieve");
}

sdk::Result<sdk::Customer> parseCustomerGet(const sdk::HttpResponse& response,
                                            const sdk::ProviderRef& in) {
  return readCustomer(response, in.providerId);
}

sdk::Result<sdk::HttpRequest> buildCustomerUpdate(const sdk::CustomerFields& in,
                                                  const sdk::Call& call) {
  auto path = objectPath("customers", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  sdk::FormEncoder form;
  addFields(form, in, true);
  if (auto problem = addMetadata(form, in.metadata, {})) return std::move(*problem);
  return post(std::move(*path), std::move(form), call, "customers.update");
}

sdk::Result<sdk::Customer> parseCustomerUpdate(const sdk::HttpResponse& response,
                                               const sdk::CustomerFields& in) {
  return readCustomer(response, in.providerId);
}

sdk::Result<sdk::HttpRequest> askCustomerUpdate(const sdk::CustomerFields& in) {
  return buildCustomerGet({in.providerId});
}

sdk::Result<sdk::Customer> judgeCustomerUpdate(const sdk::HttpResponse& response,
                                               const sdk::CustomerFields& in) {
  sdk::Result<sdk::Customer> customer = readCustomer(response, in.providerId);
  if (!customer || shows(*customer, in)) return customer;
  return sdk::Error::neverHappened("the customer was not changed");
}

sdk::Result<sdk::HttpRequest> buildCustomerDelete(const sdk::ProviderRef& in) {
  sdk::Result<sdk::HttpRequest> request = buildCustomerGet(in);
  if (!request) return request;
  // Stripe takes no idempotency key here, hence no retry that the gateway doesn't know of.
  request->method = sdk::Method::Delete;
  request->mayRetry = false;
  request->traceLabel = "customers.delete";
  return request;
}

sdk::Result<sdk::Customer> parseCustomerDelete(const sdk::HttpResponse& response,
                                               const sdk::ProviderRef& in) {
  sdk::Result<sdk::Customer> customer = readCustomer(response, in.providerId);
  if (customer && !customer->deleted) {
    return sdk::Error::badResponse("Stripe does not say that the customer is deleted");
  }
  return customer;
}

sdk::Result<sdk::Customer> judgeCustomerDelete(const sdk::HttpResponse& response,
                                               const sdk::ProviderRef& in) {
  sdk::Result<sdk::Customer> customer = readCustomer(response, in.providerId);
  if (!customer || customer->deleted) return customer;
  return sdk::Error::neverHappened("the customer was not deleted");
}

sdk::HttpRequest buildCustomersList(const sdk::ListQuery& in) {
  return get("/v1/customers", listQuery(in).take(), "customers.list");
}

sdk::Result<sdk::Page<sdk::Customer>> parseCustomersList(const sdk::HttpResponse& response) {
  return readPage(response, customerOf);
}

}  // namespace stripe
