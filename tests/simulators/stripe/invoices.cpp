#include "stripe/invoices.hpp"

#include "stripe/documents.hpp"
#include "stripe/operations.hpp"
#include "stripe/payment_flow.hpp"

namespace simulators::stripe {
namespace {

std::string statusOf(const Json& invoice) {
  return textOf(invoice, "status");
}

Json lineJson(Call& call, const InvoiceLine& line, const InvoiceDraft& draft,
              const std::string& invoice) {
  auto out = blankObject("line_item");
  out["id"] = call.account.newId("il_1", 23);
  out["amount"] = line.amount;
  out["currency"] = draft.currency;
  out["description"] = textOrNull(line.description);
  out["invoice"] = invoice;
  out["livemode"] = call.account.livemode;
  out["period"] = {{"end", line.periodEnd}, {"start", line.periodStart}};
  out["quantity"] = line.quantity;
  out["subtotal"] = line.amount;
  out["subscription"] = textOrNull(draft.subscription);
  if (!line.price.empty()) {
    const auto unit = line.quantity == 0 ? 0 : line.amount / line.quantity;
    out["pricing"] = {{"price_details", {{"price", line.price}, {"product", line.product}}},
                      {"type", "price_details"},
                      {"unit_amount_decimal", std::to_string(unit)}};
  }
  if (!draft.subscription.empty()) {
    out["parent"] = {{"invoice_item_details", nullptr},
                     {"subscription_item_details",
                      {{"invoice_item", nullptr},
                       {"proration", false},
                       {"proration_details", {{"credited_items", nullptr}}},
                       {"subscription", draft.subscription},
                       {"subscription_item", line.subscriptionItem}}},
                     {"type", "subscription_item_details"}};
  }
  return out;
}

void settle(Call& call, Json& invoice, std::int64_t paid) {
  invoice["status"] = "paid";
  invoice["amount_paid"] = paid;
  invoice["amount_remaining"] = 0;
  invoice["status_transitions"]["paid_at"] = call.now();
  invoice["next_payment_attempt"] = nullptr;
  call.event("invoice.paid", invoice);
  call.event("invoice.payment_succeeded", invoice);
}

void refuseUnless(const Json& invoice, const char* wanted, const char* verb) {
  const auto status = statusOf(invoice);
  if (status == wanted) return;
  throw invalidState(
      "This invoice cannot be " + std::string(verb) + " because it has a status of " + status + ".",
      status == "paid" ? "invoice_already_paid" : "invoice_not_editable");
}

}  // namespace

std::string methodToCharge(const Call& call, const std::string& given,
                           const std::string& customer) {
  if (!given.empty()) return given;
  const auto owner = call.account.findCustomer(customer);
  if (!owner || owner->defaultMethod == kNone) return {};
  return call.account.methodId(owner->defaultMethod);
}

Json& newInvoice(Call& call, const InvoiceDraft& draft) {
  auto invoice = newDocument(call, "invoice", "in_1", 23);
  const auto id = textOf(invoice, "id");
  const auto& customer = *call.account.customers.at(draft.customer);
  std::int64_t total = 0;
  std::int64_t start = call.now();
  std::int64_t end = call.now();
  Json lines = emptyList("/v1/invoices/" + id + "/lines");
  for (const auto& line : draft.lines) {
    lines["data"].push_back(lineJson(call, line, draft, id));
    total += line.amount;
    if (line.periodEnd != 0) start = line.periodStart, end = line.periodEnd;
  }
  invoice["lines"] = std::move(lines);
  invoice["metadata"] = draft.metadata;
  invoice["account_country"] = "US";
  invoice["account_name"] = "Simulated merchant";
  invoice["billing_reason"] = draft.reason;
  invoice["collection_method"] = draft.collection;
  invoice["currency"] = draft.currency;
  invoice["customer"] = call.account.customerId(draft.customer);
  invoice["customer_email"] = textOrNull(customer.email);
  invoice["customer_name"] = textOrNull(customer.name);
  invoice["customer_phone"] = textOrNull(customer.phone);
  invoice["customer_tax_exempt"] = customer.taxExempt;
  invoice["default_payment_method"] = textOrNull(draft.method);
  invoice["issuer"] = {{"type", "self"}};
  invoice["period_start"] = start;
  invoice["period_end"] = end;
  invoice["status"] = "draft";
  for (const auto* name : {"subtotal", "total", "amount_due", "amount_remaining"})
    invoice[name] = total;
  invoice["subtotal_excluding_tax"] = total;
  invoice["total_excluding_tax"] = total;
  invoice["hosted_invoice_url"] = nullptr;
  invoice["invoice_pdf"] = nullptr;
  invoice["auto_advance"] = false;
  if (!draft.subscription.empty()) {
    invoice["parent"] = {{"quote_details", nullptr},
                         {"subscription_details",
                          {{"metadata", draft.metadata}, {"subscription", draft.subscription}}},
                         {"type", "subscription_details"}};
    invoice["_subscription"] = draft.subscription;
  }
  auto& stored = store(call, "invoice", std::move(invoice));
  call.event("invoice.created", stored);
  return stored;
}

void finalizeInvoice(Call& call, Json& invoice) {
  const auto id = textOf(invoice, "id");
  const auto customer = call.account.findCustomer(textOf(invoice, "customer"));
  auto owner = *customer;
  std::string number = std::to_string(owner.nextInvoiceSequence++);
  number.insert(0, number.size() < 4 ? 4 - number.size() : 0, '0');
  invoice["number"] = owner.invoicePrefix + "-" + number;
  call.account.customers.put(std::move(owner));
  invoice["status"] = "open";
  invoice["effective_at"] = call.now();
  invoice["status_transitions"]["finalized_at"] = call.now();
  invoice["ending_balance"] = 0;
  invoice["hosted_invoice_url"] =
      "https://invoice.stripe.com/i/" + call.account.id + "/test_" + id.substr(3);
  invoice["invoice_pdf"] =
      "https://pay.stripe.com/invoice/" + call.account.id + "/test_" + id.substr(3) + "/pdf";
  call.event("invoice.finalized", invoice);
  if (integerOf(invoice, "total") == 0) settle(call, invoice, 0);
}

void payInvoiceNow(Call& call, Json& invoice, const std::string& methodId) {
  const auto due = integerOf(invoice, "amount_remaining");
  if (due == 0) return settle(call, invoice, integerOf(invoice, "amount_paid"));
  const auto method = call.account.findMethod(methodId);
  if (!method) {
    throw invalidState(
        "There is no `default_payment_method` set on this Customer or Invoice. Please "
        "attach a payment method or pass one with the request.",
        "resource_missing");
  }
  static const auto kUsual = std::make_shared<const PaymentDetails>();
  const auto currency = textOf(invoice, "currency");
  Payment payment;
  payment.created = call.now();
  payment.amount = due;
  payment.currency = {currency[0], currency[1], currency[2]};
  payment.customer = call.account.findCustomer(textOf(invoice, "customer"))->index;
  payment.method = method->index;
  auto details = *kUsual;
  details.description = "Payment for Invoice";
  payment.details = std::make_shared<const PaymentDetails>(std::move(details));
  for (const auto& [key, value] : invoice["metadata"].items()) {
    payment.metadata.emplace_back(key, value.get<std::string>());
  }
  const auto stored = call.account.payments.add(std::move(payment));
  invoice["_payment"] = call.account.paymentId(stored->index);
  call.event("payment_intent.created", stored);
  invoice["attempted"] = true;
  invoice["attempt_count"] = integerOf(invoice, "attempt_count") + 1;
  Confirmation confirmation;
  confirmation.offSession = true;
  try {
    confirmPayment(call, *stored, confirmation);
  } catch (const ApiError&) {
    call.event("invoice.payment_failed", invoice);
    throw;
  }
  settle(call, invoice, due);
}

void voidInvoiceNow(Call& call, Json& invoice) {
  invoice["status"] = "void";
  invoice["status_transitions"]["voided_at"] = call.now();
  call.event("invoice.voided", invoice);
}

Answer createInvoice(Call& call) {
  InvoiceDraft draft;
  draft.customer = customerParameter(call);
  if (draft.customer == kNone) throw parameterMissing("customer");
  draft.currency = call.params.has("currency") ? currencyOf(call) : "usd";
  if (call.params.has("collection_method"))
    draft.collection = call.params.text("collection_method");
  draft.method = call.params.text("default_payment_method");
  const auto customer = call.account.customerId(draft.customer);
  for (auto& item : call.account.kind("invoiceitem").all()) {
    if (textOf(item, "customer") != customer || has(item, "invoice")) continue;
    draft.currency = textOf(item, "currency");
    InvoiceLine line;
    line.description = textOf(item, "description");
    line.amount = integerOf(item, "amount");
    line.quantity = integerOf(item, "quantity", 1);
    line.periodStart = line.periodEnd = integerOf(item, "date");
    draft.lines.push_back(std::move(line));
    item["_taken"] = true;
  }
  auto& invoice = newInvoice(call, draft);
  for (auto& item : call.account.kind("invoiceitem").all()) {
    if (item.contains("_taken") && !has(item, "invoice")) item["invoice"] = invoice.at("id");
  }
  setMetadata(invoice, call);
  setTexts(invoice, call, {"description", "footer", "statement_descriptor"});
  setFlags(invoice, call, {"auto_advance"});
  setIntegers(invoice, call, {"due_date"});
  return documentAnswer(call, invoice);
}

Answer getInvoice(Call& call) {
  return documentAnswer(call, pathDocument(call, "invoice", "invoice"));
}

Answer listInvoices(Call& call) {
  return listDocuments(call, "invoice", [&](const Json& invoice) {
    for (const auto* name : {"customer", "status", "collection_method"}) {
      if (call.params.has(name) && textOf(invoice, name) != call.params.text(name)) return false;
    }
    return !call.params.has("subscription") ||
           textOf(invoice, "_subscription") == call.params.text("subscription");
  });
}

Answer searchInvoices(Call& call) {
  return searchDocuments(call, "invoice",
                         {"currency", "customer", "number", "status", "total", "created"});
}

Answer updateInvoice(Call& call) {
  auto& invoice = pathDocument(call, "invoice", "invoice");
  setMetadata(invoice, call);
  setTexts(invoice, call, {"description", "footer", "default_payment_method"});
  setFlags(invoice, call, {"auto_advance"});
  call.event("invoice.updated", invoice);
  return documentAnswer(call, invoice);
}

Answer finalizeInvoiceCall(Call& call) {
  auto& invoice = pathDocument(call, "invoice", "invoice");
  refuseUnless(invoice, "draft", "finalized");
  finalizeInvoice(call, invoice);
  return documentAnswer(call, invoice);
}

Answer payInvoiceCall(Call& call) {
  auto& invoice = pathDocument(call, "invoice", "invoice");
  if (statusOf(invoice) == "draft") finalizeInvoice(call, invoice);
  if (statusOf(invoice) == "paid" && integerOf(invoice, "total") == 0)
    return documentAnswer(call, invoice);
  refuseUnless(invoice, "open", "paid");
  if (call.params.flag("paid_out_of_band")) {
    settle(call, invoice, integerOf(invoice, "amount_due"));
    return documentAnswer(call, invoice);
  }
  payInvoiceNow(call, invoice,
                methodToCharge(call,
                               call.params.has("payment_method")
                                   ? std::string(call.params.text("payment_method"))
                                   : textOf(invoice, "default_payment_method"),
                               textOf(invoice, "customer")));
  return documentAnswer(call, invoice);
}

Answer sendInvoice(Call& call) {
  auto& invoice = pathDocument(call, "invoice", "invoice");
  if (statusOf(invoice) == "draft") finalizeInvoice(call, invoice);
  call.event("invoice.sent", invoice);
  return documentAnswer(call, invoice);
}

Answer voidInvoice(Call& call) {
  auto& invoice = pathDocument(call, "invoice", "invoice");
  refuseUnless(invoice, "open", "voided");
  voidInvoiceNow(call, invoice);
  return documentAnswer(call, invoice);
}

Answer createInvoiceItem(Call& call) {
  const auto customer = customerParameter(call);
  if (customer == kNone) throw parameterMissing("customer");
  auto item = newDocument(call, "invoiceitem", "ii_1", 23);
  item.erase("created");
  const auto quantity = call.params.integer("quantity").value_or(1);
  item["customer"] = call.account.customerId(customer);
  item["date"] = call.now();
  item["period"] = {{"end", call.now()}, {"start", call.now()}};
  item["discountable"] = true;
  item["quantity"] = quantity;
  item["quantity_decimal"] = std::to_string(quantity);
  setTexts(item, call, {"description", "invoice"});
  const auto pricing = hashOf(call, "pricing");
  if (has(pricing, "price")) {
    const auto& price = namedDocument(call, "price", textOf(pricing, "price"), "pricing[price]");
    item["currency"] = price.at("currency");
    item["amount"] = integerOf(price, "unit_amount") * quantity;
    item["pricing"] = {
        {"price_details", {{"price", price.at("id")}, {"product", price.at("product")}}},
        {"type", "price_details"},
        {"unit_amount_decimal", price.at("unit_amount_decimal")}};
  } else {
    item["currency"] = currencyOf(call);
    item["amount"] = call.params.integer("amount").value_or(0);
  }
  return documentAnswer(call, store(call, "invoiceitem", std::move(item)));
}

Answer listInvoiceItems(Call& call) {
  return listDocuments(call, "invoiceitem", [&](const Json& item) {
    return !call.params.has("customer") || textOf(item, "customer") == call.params.text("customer");
  });
}

}  // namespace simulators::stripe
