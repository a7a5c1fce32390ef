#include "razorpay/payees.hpp"

#include <algorithm>

#include "razorpay/operations.hpp"

namespace simulators::razorpay {
namespace {

void checkType(const std::string& type) {
  if (type.empty()) return;
  for (const auto* known : {"vendor", "customer", "employee", "self"}) {
    if (type == known) return;
  }
  refuse("Invalid type: " + type, "type");
}

void checkName(const std::string& name, const char* field) {
  const bool letter = std::any_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0;
  });
  if (!letter || name.size() < 3 || name.size() > 50) refuse("The name field is invalid.", field);
}

Json bankAccount(const Json& wish) {
  if (!has(wish, "bank_account")) refuse("The bank account field is required.", "bank_account");
  const auto& bank = wish.at("bank_account");
  const auto ifsc = textOf(bank, "ifsc");
  const auto number = textOf(bank, "account_number");
  if (ifsc.size() != 11) refuse("The IFSC must be 11 characters.", "ifsc");
  const bool digits =
      number.size() >= 5 && number.size() <= 35 &&
      std::all_of(number.begin(), number.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
      });
  if (!digits) refuse("The account number format is invalid.", "account_number");
  if (!has(bank, "name")) refuse("The name field is required.", "name");
  return {{"ifsc", ifsc},
          {"bank_name", ifsc.substr(0, 4) == "HDFC" ? "HDFC Bank" : ifsc.substr(0, 4) + " Bank"},
          {"name", bank.at("name")},
          {"notes", Json::array()},
          {"account_number", number}};
}

Json virtualAddress(const Json& wish) {
  if (!has(wish, "vpa")) refuse("The vpa field is required.", "vpa");
  const auto address = textOf(wish.at("vpa"), "address");
  const auto at = address.find('@');
  if (at == std::string::npos || at == 0 || at + 1 == address.size()) {
    refuse("The vpa.address format is invalid.", "address");
  }
  return {{"username", address.substr(0, at)},
          {"handle", address.substr(at + 1)},
          {"address", address}};
}

}  // namespace

Json& newContact(Call& call, const Json& wish) {
  const auto name = textOf(wish, "name");
  if (name.empty()) refuse("The name field is required.", "name");
  checkName(name, "name");
  checkType(textOf(wish, "type"));
  return call.book["contact"].add({{"id", call.host.id("cont_")},
                                   {"entity", "contact"},
                                   {"name", name},
                                   {"contact", textOrNull(textOf(wish, "contact"))},
                                   {"email", textOrNull(textOf(wish, "email"))},
                                   {"type", textOrNull(textOf(wish, "type"))},
                                   {"reference_id", textOrNull(textOf(wish, "reference_id"))},
                                   {"batch_id", nullptr},
                                   {"active", true},
                                   {"notes", notesOf(wish)},
                                   {"created_at", call.host.now()}});
}

Json& newFundAccount(Call& call, const Json& wish, const std::string& contact) {
  const auto type = textOf(wish, "account_type");
  Json account = {{"id", call.host.id("fa_")}, {"entity", "fund_account"}};
  if (!contact.empty()) account["contact_id"] = contact;
  if (contact.empty()) account["customer_id"] = textOf(wish, "customer_id");
  account["account_type"] = type;
  if (type == "bank_account") {
    account["bank_account"] = bankAccount(wish);
  } else if (type == "vpa") {
    account["vpa"] = virtualAddress(wish);
  } else {
    refuse("The selected account type is invalid.", "account_type");
  }
  account["batch_id"] = nullptr;
  account["active"] = true;
  account["created_at"] = call.host.now();
  return call.book["fund_account"].add(std::move(account));
}

Json createContact(Call& call) {
  return shown(newContact(call, call.params));
}

Json listContacts(Call& call) {
  return collection(call, "contact", [&](const Json& contact) {
    for (const auto* name : {"name", "email", "contact", "reference_id", "type"}) {
      if (call.has(name) && textOf(contact, name) != call.text(name)) return false;
    }
    return !call.has("active") || flagOf(contact, "active") == call.flag("active");
  });
}

Json getContact(Call& call) {
  return shown(object(call, "contact", call.ids[0]));
}

Json updateContact(Call& call) {
  auto& contact = object(call, "contact", call.ids[0]);
  if (call.has("name")) checkName(call.text("name"), "name");
  checkType(call.text("type"));
  for (const auto* name : {"active", "name", "email", "contact", "type", "reference_id"}) {
    if (call.has(name)) contact[name] = call.params[name];
  }
  if (call.has("notes")) contact["notes"] = notesOf(call.params);
  return shown(contact);
}

Json createFundAccount(Call& call) {
  const auto contact = call.text("contact_id");
  if (contact.empty() && call.text("customer_id").empty()) {
    refuse("The contact id field is required.", "contact_id");
  }
  if (!contact.empty() && !call.book["contact"].find(contact)) {
    refuse("The contact id provided does not exist", "contact_id");
  }
  if (contact.empty()) object(call, "customer", call.text("customer_id"));
  // The same details for the same contact are the same fund account.
  for (const auto& known : call.book["fund_account"].all()) {
    if (contact.empty() || textOf(known, "contact_id") != contact || !flagOf(known, "active"))
      continue;
    const auto type = textOf(known, "account_type");
    if (type != call.text("account_type") || !call.has(type.c_str())) continue;
    const auto& given = call.params[type];
    const bool same =
        type == "vpa"
            ? textOf(known["vpa"], "address") == textOf(given, "address")
            : textOf(known["bank_account"], "account_number") == textOf(given, "account_number") &&
                  textOf(known["bank_account"], "ifsc") == textOf(given, "ifsc") &&
                  textOf(known["bank_account"], "name") == textOf(given, "name");
    if (same) return shown(known);
  }
  return shown(newFundAccount(call, call.params, contact));
}

Json listFundAccounts(Call& call) {
  return collection(call, "fund_account", [&](const Json& account) {
    for (const auto* name : {"contact_id", "customer_id", "account_type"}) {
      if (call.has(name) && textOf(account, name) != call.text(name)) return false;
    }
    return true;
  });
}

Json getFundAccount(Call& call) {
  return shown(object(call, "fund_account", call.ids[0]));
}

Json updateFundAccount(Call& call) {
  auto& account = object(call, "fund_account", call.ids[0]);
  account["active"] = call.flag("active");
  return shown(account);
}

}  // namespace simulators::razorpay
