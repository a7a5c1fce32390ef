#include "razorpay/operations.hpp"

namespace simulators::razorpay {
namespace {

constexpr std::size_t kContactDigitsMin = 8;
constexpr std::size_t kContactDigitsMax = 15;

void checkContact(const Call& call) {
  const auto contact = call.text("contact");
  if (contact.empty()) return;
  std::size_t digits = 0;
  for (const char c : contact) digits += c >= '0' && c <= '9' ? 1 : 0;
  if (digits < kContactDigitsMin) {
    refuse("Contact number should be at least 8 digits, including country code", "contact");
  }
  if (digits > kContactDigitsMax) {
    refuse("Contact number should not be greater than 15 digits, including country code",
           "contact");
  }
}

void checkEmail(const Call& call) {
  const auto email = call.text("email");
  if (!email.empty() &&
      (email.find('@') == std::string::npos || email.find(' ') != std::string::npos)) {
    refuse("The email must be a valid email address.", "email");
  }
}

Json deletedAnswer() {
  return {{"deleted", true}};
}

}  // namespace

Json& customerOf(Host& host, Book& book, const Json& details) {
  for (auto& known : book["customer"].all()) {
    if (textOf(known, "email") == textOf(details, "email") &&
        textOf(known, "contact") == textOf(details, "contact")) {
      return known;
    }
  }
  return book["customer"].add({{"id", host.id("cust_")},
                               {"entity", "customer"},
                               {"name", textOrNull(textOf(details, "name"))},
                               {"email", textOrNull(textOf(details, "email"))},
                               {"contact", textOrNull(textOf(details, "contact"))},
                               {"gstin", textOrNull(textOf(details, "gstin"))},
                               {"notes", notesOf(details)},
                               {"created_at", host.now()}});
}

Json createCustomer(Call& call) {
  checkContact(call);
  checkEmail(call);
  const auto failExisting =
      call.has("fail_existing") ? call.text("fail_existing") : std::string("1");
  for (const auto& known : call.book["customer"].all()) {
    const bool same = textOf(known, "email") == call.text("email") &&
                      textOf(known, "contact") == call.text("contact") &&
                      !(call.text("email").empty() && call.text("contact").empty());
    if (!same) continue;
    if (failExisting == "0" || failExisting == "false") return shown(known);
    refuse("Customer already exists for the merchant");
  }
  auto& made = call.book["customer"].add({{"id", call.host.id("cust_")},
                                          {"entity", "customer"},
                                          {"name", textOrNull(call.text("name"))},
                                          {"email", textOrNull(call.text("email"))},
                                          {"contact", textOrNull(call.text("contact"))},
                                          {"gstin", textOrNull(call.text("gstin"))},
                                          {"notes", notesOf(call.params)},
                                          {"created_at", call.host.now()}});
  return shown(made);
}

Json listCustomers(Call& call) {
  return collection(call, "customer");
}

Json getCustomer(Call& call) {
  return shown(object(call, "customer", call.ids[0]));
}

Json updateCustomer(Call& call) {
  auto& customer = object(call, "customer", call.ids[0]);
  checkContact(call);
  checkEmail(call);
  for (const auto* name : {"name", "email", "contact"}) {
    if (call.has(name)) customer[name] = call.params[name];
  }
  return shown(customer);
}

Json addBankAccount(Call& call) {
  const auto customer = textOf(object(call, "customer", call.ids[0]), "id");
  const auto ifsc = call.text("ifsc_code");
  if (ifsc.size() != 11) refuse("The ifsc code must be 11 characters.", "ifsc_code");
  if (call.text("account_number").empty()) {
    refuse("The account number field is required.", "account_number");
  }
  return shown(call.book["bank_account"].add({{"id", call.host.id("ba_")},
                                              {"entity", "bank_account"},
                                              {"ifsc", ifsc},
                                              {"bank_name", ifsc.substr(0, 4) + " Bank"},
                                              {"name", call.text("beneficiary_name")},
                                              {"notes", Json::array()},
                                              {"account_number", call.text("account_number")},
                                              {"_customer", customer}}));
}

Json removeBankAccount(Call& call) {
  object(call, "customer", call.ids[0]);
  auto& account = object(call, "bank_account", call.ids[1]);
  account["_deleted"] = true;
  auto out = shown(account);
  out["status"] = "deleted";
  return out;
}

Json listTokens(Call& call) {
  const auto id = textOf(object(call, "customer", call.ids[0]), "id");
  return collection(call, "token",
                    [&](const Json& token) { return textOf(token, "_customer") == id; });
}

Json deleteToken(Call& call) {
  const auto id = textOf(object(call, "customer", call.ids[0]), "id");
  auto& token = object(call, "token", call.ids[1]);
  if (textOf(token, "_customer") != id || token.contains("_deleted")) {
    refuse("The id provided does not exist");
  }
  token["_deleted"] = true;
  return deletedAnswer();
}

}  // namespace simulators::razorpay
