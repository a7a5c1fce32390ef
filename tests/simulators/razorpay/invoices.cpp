#include "razorpay/invoices.hpp"

#include "razorpay/flow.hpp"
#include "razorpay/operations.hpp"

namespace simulators::razorpay {
namespace {

constexpr std::int64_t kExpiryAheadSeconds = 15 * 60;

Json timeOrNull(std::int64_t seconds) {
  return seconds == 0 ? Json(nullptr) : Json(seconds);
}

Json line(Host& host, const Json& wish, const std::string& currency) {
  const auto unit = integerOf(wish, "amount");
  const auto quantity = integerOf(wish, "quantity", 1);
  const auto amount = unit * quantity;
  return {{"id", host.id("li_")},
          {"item_id", textOrNull(textOf(wish, "item_id"))},
          {"ref_id", nullptr},
          {"ref_type", nullptr},
          {"name", textOrNull(textOf(wish, "name"))},
          {"description", textOrNull(textOf(wish, "description"))},
          {"amount", amount},
          {"unit_amount", unit},
          {"gross_amount", amount},
          {"tax_amount", 0},
          {"taxable_amount", amount},
          {"net_amount", amount},
          {"currency", currency},
          {"type", "invoice"},
          {"tax_inclusive", false},
          {"hsn_code", nullptr},
          {"sac_code", nullptr},
          {"tax_rate", nullptr},
          {"unit", nullptr},
          {"quantity", quantity},
          {"taxes", Json::array()}};
}

Json detailsOf(Book& book, const InvoiceDraft& draft) {
  auto details = draft.customerDetails;
  if (const auto* customer = book["customer"].find(draft.customer)) details = *customer;
  return {{"id", textOrNull(draft.customer)},
          {"name", textOrNull(textOf(details, "name"))},
          {"email", textOrNull(textOf(details, "email"))},
          {"contact", textOrNull(textOf(details, "contact"))},
          {"gstin", textOrNull(textOf(details, "gstin"))},
          {"billing_address", details.value("billing_address", Json(nullptr))},
          {"shipping_address", details.value("shipping_address", Json(nullptr))},
          {"customer_name", textOrNull(textOf(details, "name"))},
          {"customer_email", textOrNull(textOf(details, "email"))},
          {"customer_contact", textOrNull(textOf(details, "contact"))}};
}

void issue(Host& host, Book& book, Json& invoice) {
  invoice["status"] = "issued";
  invoice["issued_at"] = host.now();
  invoice["sms_status"] = "sent";
  invoice["email_status"] = "sent";
  if (!has(invoice, "order_id")) {
    invoice["order_id"] =
        newOrder(host, book, integerOf(invoice, "amount"), textOf(invoice, "currency"),
                 textOf(invoice, "receipt"), invoice["notes"], flagOf(invoice, "partial_payment"))
            .at("id");
  }
  const auto due = integerOf(invoice, "expire_by");
  if (due == 0) return;
  host.at(due, [&host, account = book.account, id = textOf(invoice, "id")] {
    auto& own = host.book(account);
    auto* late = own["invoice"].find(id);
    if (!late || textOf(*late, "status") != "issued") return;
    (*late)["status"] = "expired";
    (*late)["expired_at"] = host.now();
    host.event(own, "invoice.expired", {{"invoice", late}});
  });
}

[[noreturn]] void refuseStatus(const Json& invoice) {
  refuse("Operation not allowed for Invoice in " + textOf(invoice, "status") + " status.");
}

}  // namespace

Json& newInvoice(Host& host, Book& book, const InvoiceDraft& draft) {
  Json lines = Json::array();
  std::int64_t amount = 0;
  for (const auto& wish : draft.lines) {
    lines.push_back(line(host, wish, draft.currency));
    amount += integerOf(lines.back(), "amount");
  }
  const auto id = host.id("inv_");
  auto& invoice = book["invoice"].add({{"id", id},
                                       {"entity", "invoice"},
                                       {"receipt", textOrNull(draft.receipt)},
                                       {"invoice_number", textOrNull(draft.receipt)},
                                       {"customer_id", textOrNull(draft.customer)},
                                       {"customer_details", detailsOf(book, draft)},
                                       {"order_id", textOrNull(draft.order)},
                                       {"line_items", std::move(lines)},
                                       {"payment_id", nullptr},
                                       {"status", "draft"},
                                       {"expire_by", timeOrNull(draft.expireBy)},
                                       {"issued_at", nullptr},
                                       {"paid_at", nullptr},
                                       {"cancelled_at", nullptr},
                                       {"expired_at", nullptr},
                                       {"sms_status", nullptr},
                                       {"email_status", nullptr},
                                       {"date", draft.date == 0 ? host.now() : draft.date},
                                       {"terms", nullptr},
                                       {"partial_payment", draft.partial},
                                       {"gross_amount", amount},
                                       {"tax_amount", 0},
                                       {"taxable_amount", amount},
                                       {"amount", amount},
                                       {"amount_paid", 0},
                                       {"amount_due", amount},
                                       {"currency", draft.currency},
                                       {"currency_symbol", draft.currency == "INR" ? "₹" : ""},
                                       {"description", textOrNull(draft.description)},
                                       {"notes", draft.notes},
                                       {"comment", nullptr},
                                       {"short_url", "https://rzp.io/i/" + id.substr(4, 7)},
                                       {"view_less", true},
                                       {"billing_start", timeOrNull(draft.billingStart)},
                                       {"billing_end", timeOrNull(draft.billingEnd)},
                                       {"type", draft.type},
                                       {"group_taxes_discounts", false},
                                       {"created_at", host.now()}});
  if (!draft.subscription.empty()) invoice["subscription_id"] = draft.subscription;
  return invoice;
}

void invoicePaid(Host& host, Book& book, Json& invoice, const Json& payment) {
  const auto paid = integerOf(invoice, "amount_paid") + integerOf(payment, "amount");
  invoice["amount_paid"] = paid;
  invoice["amount_due"] = integerOf(invoice, "amount") - paid;
  invoice["payment_id"] = payment.at("id");
  const bool whole = paid >= integerOf(invoice, "amount");
  invoice["status"] = whole ? "paid" : "partially_paid";
  if (whole) invoice["paid_at"] = host.now();
  const auto* order = book["order"].find(textOf(invoice, "order_id"));
  host.event(book, whole ? "invoice.paid" : "invoice.partially_paid",
             {{"payment", &payment}, {"order", order}, {"invoice", &invoice}});
}

Json createInvoice(Call& call) {
  InvoiceDraft draft;
  draft.type = call.text("type");
  draft.currency = currencyOf(call);
  draft.customer = call.text("customer_id");
  if (!draft.customer.empty()) object(call, "customer", draft.customer);
  draft.customerDetails = call.params.value("customer", Json::object());
  draft.lines = call.params.value("line_items", Json::array());
  const bool isDraft = call.text("draft") == "1" || call.text("draft") == "true";
  if (!isDraft && draft.lines.empty()) refuse("line_items is required.", "line_items");
  if (!isDraft && draft.customer.empty() && draft.customerDetails.empty()) {
    refuse("customer is required.", "customer");
  }
  if (draft.customer.empty() && !draft.customerDetails.empty()) {
    draft.customer = textOf(customerOf(call.host, call.book, draft.customerDetails), "id");
  }
  for (const auto& wish : draft.lines) {
    if (has(wish, "currency") && textOf(wish, "currency") != draft.currency) {
      refuse("Currency of all items should be the same as of the invoice.", "currency");
    }
    if (!has(wish, "item_id") && !has(wish, "amount")) {
      refuse("The amount field is required when item id is not present.", "amount");
    }
    if (!has(wish, "item_id") && !has(wish, "name")) {
      refuse("The name field is required when item id is not present.", "name");
    }
  }
  draft.expireBy = call.integer("expire_by");
  if (draft.expireBy != 0 && draft.expireBy < call.host.now() + kExpiryAheadSeconds) {
    refuse("expire_by should be at least 15 minutes after current time.", "expire_by");
  }
  draft.date = call.integer("date");
  draft.description = call.text("description");
  draft.receipt = call.text("receipt");
  draft.partial = call.flag("partial_payment");
  draft.notes = notesOf(call.params);
  auto& invoice = newInvoice(call.host, call.book, draft);
  if (!isDraft) issue(call.host, call.book, invoice);
  return shown(invoice);
}

Json listInvoices(Call& call) {
  return collection(call, "invoice", [&](const Json& invoice) {
    for (const auto* name : {"type", "payment_id", "receipt", "customer_id", "subscription_id"}) {
      if (call.has(name) && textOf(invoice, name) != call.text(name)) return false;
    }
    return true;
  });
}

Json getInvoice(Call& call) {
  return shown(object(call, "invoice", call.ids[0]));
}

Json updateInvoice(Call& call) {
  auto& invoice = object(call, "invoice", call.ids[0]);
  const bool draft = textOf(invoice, "status") == "draft";
  if (!draft && call.has("line_items")) {
    refuse("line_items is/are not required and should not be sent");
  }
  if (call.has("notes")) invoice["notes"] = notesOf(call.params);
  if (call.has("line_items")) {
    Json lines = Json::array();
    std::int64_t amount = 0;
    for (const auto& wish : call.params["line_items"]) {
      lines.push_back(line(call.host, wish, textOf(invoice, "currency")));
      amount += integerOf(lines.back(), "amount");
    }
    invoice["line_items"] = std::move(lines);
    for (const auto* name : {"gross_amount", "taxable_amount", "amount", "amount_due"}) {
      invoice[name] = amount;
    }
  }
  return shown(invoice);
}

Json issueInvoice(Call& call) {
  auto& invoice = object(call, "invoice", call.ids[0]);
  if (textOf(invoice, "status") != "draft") refuseStatus(invoice);
  if (invoice["line_items"].empty()) refuse("line_items is required.", "line_items");
  issue(call.host, call.book, invoice);
  return shown(invoice);
}

Json cancelInvoice(Call& call) {
  auto& invoice = object(call, "invoice", call.ids[0]);
  const auto status = textOf(invoice, "status");
  if (status != "draft" && status != "issued") refuseStatus(invoice);
  invoice["status"] = "cancelled";
  invoice["cancelled_at"] = call.host.now();
  return shown(invoice);
}

Json deleteInvoice(Call& call) {
  auto& invoice = object(call, "invoice", call.ids[0]);
  if (textOf(invoice, "status") != "draft") refuseStatus(invoice);
  invoice["status"] = "deleted";
  invoice["_deleted"] = true;
  return Json::object();
}

Json notifyInvoice(Call& call) {
  object(call, "invoice", call.ids[0]);
  if (call.ids[1] != "sms" && call.ids[1] != "email") {
    refuse(call.ids[1] + " is not a valid communication medium.");
  }
  return {{"success", true}};
}

}  // namespace simulators::razorpay
