// customers.create, .get, .update, .list: /v1/customers. Razorpay can't delete a customer, and it
// knows one customer for an e-mail and telephone number: `fail_existing` 0 answers with that one.
#include <algorithm>
#include <utility>

#include "operations.hpp"

namespace razorpay {

namespace {

// Telephone numbers come back with a country code that was perhaps not sent.
bool sameNumber(std::string_view is, std::string_view wanted) {
  const auto digits = [](std::string_view text) {
    std::string kept;
    std::copy_if(text.begin(), text.end(), std::back_inserter(kept),
                 [](char c) { return c >= '0' && c <= '9'; });
    return kept;
  };
  const std::string a = digits(is);
  const std::string b = digits(wanted);
  return !b.empty() && a.size() >= b.size() && std::string_view(a).ends_with(b);
}

bool shows(const sdk::Customer& customer, const sdk::CustomerFields& wanted) {
  const auto equal = [](const auto& is, const auto& shouldBe) {
    return !shouldBe || is.value_or("") == *shouldBe;
  };
  const bool number = !wanted.phone || sameNumber(customer.phone.value_or(""), *wanted.phone);
  return equal(customer.email, wanted.email) && equal(customer.name, wanted.name) && number;
}

void addFields(json::Writer& body, const sdk::CustomerFields& in) {
  const auto add = [&](std::string_view name, const std::optional<std::string>& value) {
    if (value && !value->empty()) body.member(name, *value);
  };
  add("name", in.name);
  add("email", in.email);
  add("contact", in.phone);
}

}  // namespace

sdk::Result<sdk::Customer> customerOf(json::View object, const Context& context) {
  sdk::Customer customer;
  if (auto problem = readCommon(object, "customer", context, customer)) return std::move(*problem);
  // One page of Razorpay's documentation has a blank after the name.
  if (customer.createdUnixS == 0) {
    customer.createdUnixS = std::max<std::int64_t>(0, object["created_at "].int64Or(0));
  }
  customer.name = textOf(object["name"]);
  customer.email = textOf(object["email"]);
  customer.phone = textOf(object["contact"]);
  customer.description = textOf(object["notes"][kDescriptionKey]);
  return customer;
}

sdk::Result<sdk::HttpRequest> buildCustomerCreate(const sdk::CustomerFields& in,
                                                  const sdk::Call& call) {
  json::Writer body;
  body.beginObject();
  addFields(body, in);
  body.member("fail_existing", "0");
  if (auto problem = addNotes(
          body, in.metadata,
          {{kOperationKey, in.operationId}, {kDescriptionKey, in.description.value_or("")}})) {
    return std::move(*problem);
  }
  body.endObject();
  return post("/v1/customers", body.take(), call, "customers.create");
}

sdk::Result<sdk::Customer> parseCustomerCreate(const sdk::HttpResponse& response,
                                               const sdk::CustomerFields&, const sdk::Call& call) {
  return readOne<sdk::Customer>(response, call, customerOf);
}

sdk::Step startCustomerLookup(Lookup& lookup, const sdk::CustomerFields& in,
                              const sdk::Call& call) {
  lookup.path = "/v1/customers";
  lookup.label = "customers.all";
  lookup.operationId = in.operationId;
  lookup.hasRange = false;
  lookup.found = foundAs<customerOf>;
  return startLookup(lookup, call);
}

sdk::Result<sdk::HttpRequest> buildCustomerGet(const sdk::ProviderRef& in, const sdk::Call& call) {
  auto path = objectPath("/v1/customers/", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, call, "customers.fetch");
}

sdk::Result<sdk::Customer> parseCustomerGet(const sdk::HttpResponse& response,
                                            const sdk::ProviderRef& in, const sdk::Call& call) {
  return readOne<sdk::Customer>(response, call, customerOf, in.providerId);
}

sdk::Result<sdk::HttpRequest> buildCustomerUpdate(const sdk::CustomerFields& in,
                                                  const sdk::Call& call) {
  auto path = objectPath("/v1/customers/", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  if (!in.metadata.empty()) {
    return sdk::Error::notSupported("metadata",
                                    "Razorpay sets a customer's notes only when it is created");
  }
  if (in.description) {
    return sdk::Error::notSupported("description",
                                    "Razorpay keeps a description only when it is created");
  }
  for (const auto& [name, value] :
       {std::pair<const char*, const std::optional<std::string>&>("name", in.name),
        {"email", in.email},
        {"phone", in.phone}}) {
    if (value && value->empty()) {
      return sdk::Error::notSupported(name, "Razorpay can't clear a customer's field");
    }
  }
  json::Writer body;
  body.beginObject();
  addFields(body, in);
  body.endObject();
  return send(sdk::Method::Put, std::move(*path), body.take(), call, "customers.edit");
}

sdk::Result<sdk::Customer> parseCustomerUpdate(const sdk::HttpResponse& response,
                                               const sdk::CustomerFields& in,
                                               const sdk::Call& call) {
  return readOne<sdk::Customer>(response, call, customerOf, in.providerId);
}

sdk::Result<sdk::HttpRequest> askCustomerUpdate(const sdk::CustomerFields& in,
                                                const sdk::Call& call) {
  return buildCustomerGet({in.providerId}, call);
}

sdk::Result<sdk::Customer> judgeCustomerUpdate(const sdk::HttpResponse& response,
                                               const sdk::CustomerFields& in,
                                               const sdk::Call& call) {
  sdk::Result<sdk::Customer> customer =
      readOne<sdk::Customer>(response, call, customerOf, in.providerId);
  if (!customer || shows(*customer, in)) return customer;
  return sdk::Error::neverHappened("the customer was not changed");
}

sdk::Result<sdk::HttpRequest> buildCustomersList(const sdk::ListQuery& in, const sdk::Call& call) {
  auto query = listQuery(in, false);
  if (!query) return std::move(query).error();
  return get("/v1/customers", query->take(), call, "customers.all");
}

sdk::Result<sdk::Page<sdk::Customer>> parseCustomersList(const sdk::HttpResponse& response,
                                                         const sdk::ListQuery& in,
                                                         const sdk::Call& call) {
  return readPage<sdk::Customer>(
      response, in, [&](json::View object) { return customerOf(object, contextOf(call)); },
      inRange<sdk::Customer>(in));
}

}  // namespace razorpay
