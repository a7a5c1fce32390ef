// Invoices.
#include "paypal/invoices.hpp"

#include <algorithm>

#include "paypal/operations.hpp"
#include "paypal/orders.hpp"

namespace simulators::paypal {
namespace {

std::string selfLink(const Json& invoice, const std::string& origin) {
  return origin + "/v2/invoicing/invoices/" + textOf(invoice, "id");
}

Json render(const Json& invoice, const std::string& origin) {
  auto out = shown(invoice);
  const auto self = selfLink(invoice, origin);
  const auto status = textOf(invoice, "status");
  out["links"] = Json::array({link(self, "self")});
  if (status == "DRAFT") {
    out["links"].push_back(link(self + "/send", "send", "POST"));
    out["links"].push_back(link(self, "replace", "PUT"));
    out["links"].push_back(link(self, "delete", "DELETE"));
  } else {
    out["links"].push_back(link(self + "/cancel", "cancel", "POST"));
    out["links"].push_back(link(self + "/remind", "remind", "POST"));
    out["links"].push_back(link(self + "/payments", "record-payment", "POST"));
  }
  return out;
}

// The sum of the items with their taxes, in the invoice's currency.
Money totalOf(const Json& body) {
  const auto code = digText(body, "detail.currency_code");
  if (code.empty()) throw missing("/detail/currency_code");
  Money total;
  total.currency = findCurrency(code);
  if (!total.currency) {
    throw unprocessable("INVALID_CURRENCY_CODE",
                        "Currency code is invalid or is not currently "
                        "supported.",
                        "/detail/currency_code", code);
  }
  const auto& items = dig(body, "items");
  for (std::size_t i = 0; items.is_array() && i < items.size(); ++i) {
    const auto path = "/items/" + std::to_string(i);
    if (digText(items[i], "name").empty()) throw missing(path + "/name");
    const auto quantity = digText(items[i], "quantity");
    if (quantity.empty()) throw missing(path + "/quantity");
    const auto price = requireMoney(items[i], "unit_amount", path + "/unit_amount", true);
    if (price.currency != total.currency) {
      throw unprocessable("CURRENCY_MISMATCH", "All amounts of an invoice must have its currency.",
                          path + "/unit_amount/currency_code", price.code());
    }
    // Quantities and percentages have up to two decimals here.
    const auto hundredths = readMoney("USD", quantity);
    if (hundredths.fault != MoneyFault::kNone) {
      throw invalidRequest("INVALID_DECIMAL_VALUE", "The value of a field is not a decimal.",
                           path + "/quantity", quantity);
    }
    auto line = (price.units * hundredths.money.units + 50) / 100;
    const auto percent = readMoney("USD", digText(items[i], "tax.percent"));
    if (percent.fault == MoneyFault::kNone) line += (line * percent.money.units + 5'000) / 10'000;
    total.units += line;
  }
  return total;
}

void fill(Json& invoice, const Json& body, const Money& total) {
  take(invoice, body,
       {"detail", "invoicer", "primary_recipients", "additional_recipients", "items",
        "configuration"});
  invoice["amount"] = moneyJson(total);
  invoice["amount"]["breakdown"] = Json{{"item_total", moneyJson(total)}};
  invoice["due_amount"] = moneyJson(total);
}

void announceInvoice(World& world, Account& account, const Json& invoice, const std::string& what,
                     const std::string& origin) {
  announce(world, account, "INVOICING.INVOICE." + what, "invoices", "An invoice was " + what,
           Json{{"invoice", render(invoice, origin)}}, origin);
}

ApiAnswer createInvoice(Call& call) {
  if (!call.body.is_object()) throw missing("/detail");
  const auto total = totalOf(call.body);
  const auto id = "INV2-" + call.world.mint("", 4) + "-" + call.world.mint("", 4) + "-" +
                  call.world.mint("", 4) + "-" + call.world.mint("", 4);
  Json invoice = Json::object();
  invoice["id"] = id;
  invoice["status"] = "DRAFT";
  fill(invoice, call.body, total);
  auto& detail = invoice["detail"];
  if (digText(detail, "invoice_number").empty()) {
    detail["invoice_number"] = std::to_string(call.account.of("invoices").size() + 1);
    detail["invoice_number"] = "INV-" + digText(detail, "invoice_number");
  }
  if (digText(detail, "invoice_date").empty()) detail["invoice_date"] = call.now().substr(0, 10);
  detail["metadata"]["create_time"] = call.now();
  const auto& stored = call.account.of("invoices").add(id, std::move(invoice));
  announceInvoice(call.world, call.account, stored, "CREATED", call.request.origin);
  if (call.wantsRepresentation()) return jsonAnswer(201, render(stored, call.request.origin));
  return jsonAnswer(201, link(selfLink(stored, call.request.origin), "self"));
}

Json listJson(Call& call, const std::vector<Json*>& invoices, const std::string& path) {
  Page page;
  Json items = Json::array();
  for (const auto* invoice : pageOf(call, invoices, page, 20, 100)) {
    items.push_back(render(*invoice, call.request.origin));
  }
  Json out = Json::object();
  if (call.query("total_required") == "true") {
    out["total_items"] = page.total;
    out["total_pages"] = page.pages();
  }
  out["items"] = std::move(items);
  const auto at = [&](std::int64_t number) {
    return call.link(path + "?page=" + std::to_string(number) +
                     "&page_size=" + std::to_string(page.size));
  };
  out["links"] = Json::array({link(at(page.number), "self")});
  if (page.number < page.pages()) out["links"].push_back(link(at(page.number + 1), "next"));
  return out;
}

std::vector<Json*> newestFirst(Call& call) {
  auto all = call.account.of("invoices").all();
  std::reverse(all.begin(), all.end());
  return all;
}

ApiAnswer listInvoices(Call& call) {
  return jsonAnswer(200, listJson(call, newestFirst(call), call.request.path));
}

ApiAnswer searchInvoices(Call& call) {
  std::vector<Json*> found;
  for (auto* invoice : newestFirst(call)) {
    const auto& wish = call.body;
    const auto& states = dig(wish, "status");
    if (states.is_array() &&
        std::find(states.begin(), states.end(), (*invoice)["status"]) == states.end()) {
      continue;
    }
    bool meets = true;
    for (const auto& [parameter, field] :
         {std::pair{"recipient_email", "primary_recipients.0.billing_info.email_address"},
          std::pair{"invoice_number", "detail.invoice_number"},
          std::pair{"reference", "detail.reference"},
          std::pair{"currency_code", "detail.currency_code"}}) {
      const auto wanted = digText(wish, parameter);
      meets = meets && (wanted.empty() || digText(*invoice, field) == wanted);
    }
    if (meets) found.push_back(invoice);
  }
  return jsonAnswer(200, listJson(call, found, call.request.path));
}

ApiAnswer getInvoice(Call& call) {
  return jsonAnswer(200, render(named(call, "invoices"), call.request.origin));
}

ApiAnswer replaceInvoice(Call& call) {
  auto& invoice = named(call, "invoices");
  if (textOf(invoice, "status") == "CANCELLED" || textOf(invoice, "status") == "PAID") {
    throw unprocessable("INVOICE_NOT_EDITABLE", "The invoice can no longer be changed.");
  }
  const auto total = totalOf(call.body);
  auto changed = invoice;
  fill(changed, call.body, total);
  invoice = std::move(changed);
  announceInvoice(call.world, call.account, invoice, "UPDATED", call.request.origin);
  return jsonAnswer(200, render(invoice, call.request.origin));
}

ApiAnswer deleteInvoice(Call& call) {
  if (textOf(named(call, "invoices"), "status") != "DRAFT") {
    throw unprocessable("CANNOT_DELETE_INVOICE", "Only a draft can be deleted.");
  }
  call.account.of("invoices").erase(call.ids[0]);
  return noContent();
}

ApiAnswer sendInvoice(Call& call) {
  auto& invoice = named(call, "invoices");
  if (textOf(invoice, "status") == "CANCELLED") {
    throw unprocessable("INVOICE_CANCELED_ALREADY", "The invoice has been cancelled.");
  }
  if (textOf(invoice, "status") == "DRAFT") {
    const bool mailed = !dig(invoice, "primary_recipients.0.billing_info.email_address").is_null();
    invoice["status"] = mailed ? "SENT" : "UNPAID";
  }
  invoice["detail"]["metadata"]["first_sent_time"] = call.now();
  invoice["detail"]["metadata"]["recipient_view_url"] =
      call.link("/invoice/p/#" + textOf(invoice, "id"));
  const auto payer = call.link("/invoice/p/#" + textOf(invoice, "id"));
  return jsonAnswer(200, link(payer, "payer-view"));
}

ApiAnswer remind(Call& call) {
  const auto status = textOf(named(call, "invoices"), "status");
  if (status != "SENT" && status != "PARTIALLY_PAID" && status != "UNPAID") {
    throw unprocessable("CANNOT_REMIND_INVOICE", "Only an invoice that is due can be reminded of.");
  }
  return noContent();
}

ApiAnswer cancelInvoice(Call& call) {
  auto& invoice = named(call, "invoices");
  const auto status = textOf(invoice, "status");
  if (status == "DRAFT") {
    throw unprocessable("CANNOT_CANCEL_DRAFT_INVOICE", "A draft cannot be cancelled.");
  }
  if (status == "PAID" || status == "MARKED_AS_PAID") {
    throw unprocessable("CANNOT_CANCEL_PAID_INVOICE", "A paid invoice cannot be cancelled.");
  }
  if (status == "CANCELLED") {
    throw unprocessable("INVOICE_CANCELED_ALREADY", "The invoice has been cancelled already.");
  }
  invoice["status"] = "CANCELLED";
  invoice["due_amount"] = moneyJson(Money{0, moneyOf(invoice["amount"]).currency});
  announceInvoice(call.world, call.account, invoice, "CANCELLED", call.request.origin);
  return noContent();
}

void addPayment(World& world, Json& invoice, const Money& amount, const std::string& paymentId,
                const std::string& type, const std::string& method) {
  auto due = moneyOf(invoice["due_amount"]);
  due.units -= amount.units;
  invoice["due_amount"] = moneyJson(due);
  auto paid = amount;
  if (has(dig(invoice, "payments"), "paid_amount")) {
    paid.units += moneyOf(invoice["payments"]["paid_amount"]).units;
  }
  invoice["payments"]["paid_amount"] = moneyJson(paid);
  invoice["payments"]["transactions"].push_back(
      Json{{"type", type},
           {"payment_id", paymentId},
           {"payment_date", isoTime(world.timeMs()).substr(0, 10)},
           {"method", method},
           {"amount", moneyJson(amount)}});
  const auto whole = type == "PAYPAL" ? "PAID" : "MARKED_AS_PAID";
  invoice["status"] = due.units == 0 ? whole : "PARTIALLY_PAID";
}

ApiAnswer recordPayment(Call& call) {
  auto& invoice = named(call, "invoices");
  const auto status = textOf(invoice, "status");
  if (status == "CANCELLED" || status == "PAID" || status == "MARKED_AS_PAID") {
    throw unprocessable("CANNOT_PROCESS_PAYMENTS", "Payments cannot be recorded for this invoice.");
  }
  const auto method = digText(call.body, "method");
  if (method.empty()) throw missing("/method");
  auto amount = moneyOf(invoice["due_amount"]);
  if (has(call.body, "amount")) {
    const auto wanted = requireMoney(call.body, "amount", "/amount");
    if (wanted.currency != amount.currency || wanted.units > amount.units) {
      throw unprocessable("PAYMENT_AMOUNT_GREATER_THAN_AMOUNT_DUE",
                          "The payment is more than the amount that is due.", "/amount/value",
                          wanted.value());
    }
    amount = wanted;
  }
  const auto id = "EXTR-" + call.world.mint("", 17);
  addPayment(call.world, invoice, amount, id, "EXTERNAL", method);
  announceInvoice(call.world, call.account, invoice, "PAID", call.request.origin);
  return jsonAnswer(200, Json{{"payment_id", id}});
}

ApiAnswer recordRefund(Call& call) {
  auto& invoice = named(call, "invoices");
  if (!has(dig(invoice, "payments"), "paid_amount")) {
    throw unprocessable("CANNOT_PROCESS_REFUNDS", "Nothing was paid for this invoice.");
  }
  const auto method = digText(call.body, "method");
  if (method.empty()) throw missing("/method");
  const auto paid = moneyOf(invoice["payments"]["paid_amount"]);
  auto amount = paid;
  if (has(call.body, "amount")) amount = requireMoney(call.body, "amount", "/amount");
  if (amount.currency != paid.currency || amount.units > paid.units) {
    throw unprocessable("INVALID_REFUND_AMOUNT", "The refund is more than was paid.",
                        "/amount/value", amount.value());
  }
  const auto id = "EXTR-" + call.world.mint("", 17);
  invoice["refunds"]["refund_amount"] = moneyJson(amount);
  invoice["refunds"]["transactions"].push_back(Json{
      {"type", "EXTERNAL"}, {"refund_id", id}, {"amount", moneyJson(amount)}, {"method", method}});
  invoice["status"] = amount.units == paid.units ? "MARKED_AS_REFUNDED" : "PARTIALLY_REFUNDED";
  announceInvoice(call.world, call.account, invoice, "REFUNDED", call.request.origin);
  return jsonAnswer(200, Json{{"refund_id", id}});
}

ApiAnswer nextNumber(Call& call) {
  const auto number = call.account.of("invoices").size() + 1;
  return jsonAnswer(200, Json{{"invoice_number", "INV-" + std::to_string(number)}});
}

}  // namespace

void payInvoice(World& world, Account& account, Json& invoice, const std::string& origin) {
  const auto status = textOf(invoice, "status");
  if (status != "SENT" && status != "UNPAID" && status != "PARTIALLY_PAID") {
    throw unprocessable("CANNOT_PROCESS_PAYMENTS", "The invoice does not wait for payment.");
  }
  const auto due = moneyOf(invoice["due_amount"]);
  NewCapture wish;
  wish.amount = due;
  wish.payment = textOf(invoice, "id");
  wish.origin = origin;
  wish.metadata.emplace_back("invoice", wish.payment);
  const auto paymentId = textOf(createCapture(world, account, std::move(wish)), "id");
  addPayment(world, invoice, due, paymentId, "PAYPAL", "PAYPAL");
  announceInvoice(world, account, invoice, "PAID", origin);
}

void addInvoices(Routes& routes) {
  routes.insert(routes.end(), {{"POST", "/v2/invoicing/invoices", createInvoice},
                               {"GET", "/v2/invoicing/invoices", listInvoices},
                               {"GET", "/v2/invoicing/invoices/{}", getInvoice},
                               {"PUT", "/v2/invoicing/invoices/{}", replaceInvoice},
                               {"DELETE", "/v2/invoicing/invoices/{}", deleteInvoice},
                               {"POST", "/v2/invoicing/invoices/{}/send", sendInvoice},
                               {"POST", "/v2/invoicing/invoices/{}/remind", remind},
                               {"POST", "/v2/invoicing/invoices/{}/cancel", cancelInvoice},
                               {"POST", "/v2/invoicing/invoices/{}/payments", recordPayment},
                               {"POST", "/v2/invoicing/invoices/{}/refunds", recordRefund},
                               {"POST", "/v2/invoicing/generate-next-invoice-number", nextNumber},
                               {"POST", "/v2/invoicing/search-invoices", searchInvoices}});
}

}  // namespace simulators::paypal
