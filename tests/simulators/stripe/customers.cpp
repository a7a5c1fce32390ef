#include "stripe/listing.hpp"
#include "stripe/operations.hpp"
#include "stripe/payment_methods.hpp"
#include "stripe/render.hpp"

namespace simulators::stripe {
namespace {

std::shared_ptr<const Customer> pathCustomer(const Call& call, bool deletedToo = false) {
  auto customer = call.account.findCustomer(call.id);
  if (!customer || (customer->deleted && !deletedToo)) {
    throw resourceMissing("customer", call.id, "id", true);
  }
  return customer;
}

void checkEmail(const Call& call) {
  const auto email = call.params.text("email");
  if (email.empty()) return;
  const auto at = email.find('@');
  if (at == 0 || at == std::string_view::npos || at + 1 == email.size() ||
      email.find(' ') != std::string_view::npos) {
    throw invalidParameter("email", "Invalid email address: " + std::string(email),
                           "email_invalid");
  }
}

JsonText customFieldsJson(const FormNode& fields) {
  if (fields.children.empty()) return {};
  JsonWriter json;
  json.beginArray();
  for (const auto& field : fields.children) {
    json.beginObject();
    for (const auto* name : {"name", "value"}) {
      json.textOrNull(name, field.child(name) ? field.child(name)->value : "");
    }
    json.endObject();
  }
  json.endArray();
  return json.text();
}

void applyInvoiceSettings(const Call& call, Customer& customer) {
  const auto* settings = call.params.node("invoice_settings");
  if (!settings) return;
  if (const auto* fields = settings->child("custom_fields")) {
    customer.customFields = customFieldsJson(*fields);
  }
  if (const auto* footer = settings->child("footer")) customer.footer = footer->value;
  if (const auto* id = settings->child("default_payment_method")) {
    const auto method = call.account.findMethod(id->value);
    if (!id->value.empty() && (!method || method->customer != customer.index)) {
      throw resourceMissing("PaymentMethod", id->value, "invoice_settings[default_payment_method]",
                            false);
    }
    customer.defaultMethod = method ? method->index : kNone;
  }
}

void applyChanges(const Call& call, Customer& customer) {
  const auto& params = call.params;
  checkEmail(call);
  for (const auto* name : {"source", "default_source", "test_clock"}) {
    if (params.has(name)) throw resourceMissing("object", params.text(name), name, false);
  }
  applyText(customer.name, params, "name");
  applyText(customer.email, params, "email");
  applyText(customer.phone, params, "phone");
  applyText(customer.description, params, "description");
  applyText(customer.businessName, params, "business_name");
  applyText(customer.individualName, params, "individual_name");
  applyText(customer.invoicePrefix, params, "invoice_prefix");
  if (params.has("tax_exempt")) {
    customer.taxExempt = params.text("tax_exempt").empty() ? "none" : params.text("tax_exempt");
  }
  if (const auto balance = params.integer("balance")) customer.balance = *balance;
  if (const auto next = params.integer("next_invoice_sequence")) {
    customer.nextInvoiceSequence = *next;
  }
  if (const auto* address = params.node("address")) {
    customer.address = address->children.empty() ? "" : addressJson(address);
  }
  if (const auto* shipping = params.node("shipping")) {
    customer.shipping = shipping->children.empty() ? "" : shippingJson(*shipping);
  }
  if (params.has("preferred_locales")) customer.locales = params.list("preferred_locales");
  applyInvoiceSettings(call, customer);
  applyMetadata(customer.metadata, params.node("metadata"));
}

}  // namespace

Answer createCustomer(Call& call) {
  auto& account = call.account;
  Customer customer;
  customer.index = static_cast<Index>(account.customers.size());
  customer.created = call.now();
  customer.invoicePrefix = account.ids.derived("invoice", customer.index, 8);
  for (auto& c : customer.invoicePrefix) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  applyChanges(call, customer);
  const auto method = methodParameter(call, kNone);
  if (method != kNone) {
    auto kept = *account.methods.at(method);
    kept.customer = customer.index;
    account.methods.put(std::move(kept));
  }
  return answer(call, *account.customers.add(std::move(customer)));
}

Answer getCustomer(Call& call) {
  const auto customer = pathCustomer(call, true);
  if (!customer->deleted) return answer(call, *customer);
  JsonWriter json;
  writeDeletedCustomer(json, call.account, *customer);
  Answer answer;
  answer.body = json.text();
  return answer;
}

Answer updateCustomer(Call& call) {
  auto customer = *pathCustomer(call);
  applyChanges(call, customer);
  return answer(call, *call.account.customers.put(std::move(customer)));
}

Answer deleteCustomer(Call& call) {
  auto customer = *pathCustomer(call);
  customer.deleted = true;
  for (Index i = 0; i < call.account.methods.size(); ++i) {
    if (call.account.methods.at(i)->customer != customer.index) continue;
    auto method = *call.account.methods.at(i);
    method.customer = kNone;
    call.account.methods.put(std::move(method));
  }
  const auto stored = call.account.customers.put(std::move(customer));
  JsonWriter json;
  writeDeletedCustomer(json, call.account, *stored);
  Answer answer;
  answer.body = json.text();
  return answer;
}

Answer listCustomers(Call& call) {
  const auto email = call.params.text("email");
  if (call.params.has("test_clock")) {
    throw resourceMissing("test_clock", call.params.text("test_clock"), "test_clock", false);
  }
  return listAnswer(
      call, call.account.customers, "customer",
      [&](const Customer& customer) {
        return !customer.deleted && (!call.params.has("email") || customer.email == email);
      },
      [&](std::string_view id) { return call.account.findCustomer(id); },
      [&](JsonWriter& json, const Customer& customer) {
        writeCustomer(json, call.account, customer);
      });
}

}  // namespace simulators::stripe
