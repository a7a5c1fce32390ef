#include <algorithm>

#include "razorpay/operations.hpp"

namespace simulators::razorpay {
namespace {

[[noreturn]] void refuseAccount() {
  throw ApiProblem(errorAnswer(400, "BAD_REQUEST_ERROR", "Linked account does not exist", {},
                               "linked_account_id_does_not_exist", "", ""));
}

Json& linked(Call& call) {
  auto* account = call.book["account"].find(call.ids[0]);
  if (!account) refuseAccount();
  return *account;
}

constexpr const char* kSettable[] = {"phone",
                                     "reference_id",
                                     "legal_business_name",
                                     "customer_facing_business_name",
                                     "profile",
                                     "legal_info",
                                     "brand",
                                     "contact_name",
                                     "contact_info",
                                     "apps"};

// Hashes of a change are merged into what is there.
void apply(Json& object, const Json& params, const char* name) {
  if (!has(params, name)) return;
  if (object.contains(name) && object[name].is_object() && params.at(name).is_object()) {
    object[name].merge_patch(params.at(name));
  } else {
    object[name] = params.at(name);
  }
}

Json productOf(Call& call, const std::string& account, const std::string& id) {
  const auto requirement = [&](const char* field) {
    return Json{{"field_reference", field},
                {"resolution_url", "/accounts/" + account + "/products/" + id},
                {"status", "required"},
                {"reason_code", "field_missing"}};
  };
  return {
      {"requested_configuration", {{"payment_methods", Json::array()}}},
      {"active_configuration",
       {{"payment_capture",
         {{"mode", "automatic"}, {"refund_speed", "normal"}, {"automatic_expiry_period", 7200}}},
        {"settlements",
         {{"account_number", nullptr}, {"ifsc_code", nullptr}, {"beneficiary_name", nullptr}}},
        {"checkout", {{"theme_color", "#FFFFFF"}, {"flash_checkout", true}}},
        {"refund", {{"default_refund_speed", "normal"}}},
        {"notifications", {{"whatsapp", false}, {"sms", false}, {"email", Json::array()}}},
        {"payment_methods", {{"upi", {{"enabled", true}, {"instrument", Json::array({"upi"})}}}}}}},
      {"requirements",
       Json::array({requirement("settlements.account_number"), requirement("settlements.ifsc_code"),
                    requirement("settlements.beneficiary_name")})},
      {"tnc",
       {{"id", call.host.id("tnc_map_")},
        {"accepted", call.flag("tnc_accepted")},
        {"accepted_at", call.host.now()}}},
      {"id", id},
      {"product_name", call.text("product_name")},
      {"activation_status", "needs_clarification"},
      {"account_id", account},
      {"requested_at", call.host.now()}};
}

}  // namespace

Json createAccount(Call& call) {
  const auto businessType = call.text("business_type");
  bool known = false;
  for (const auto* type :
       {"llp", "ngo", "other", "individual", "partnership", "proprietorship", "public_limited",
        "private_limited", "trust", "society", "not_yet_registered", "educational_institutes"}) {
    known = known || businessType == type;
  }
  if (!known) refuse("Invalid business type: " + businessType, "business_type");
  for (const auto& account : call.book["account"].all()) {
    if (textOf(account, "email") == call.text("email")) {
      refuse("Merchant email already exists for account - " + textOf(account, "id").substr(4));
    }
  }
  Json account = {
      {"id", call.host.id("acc_")},    {"type", call.has("type") ? call.text("type") : "standard"},
      {"status", "created"},           {"email", call.text("email")},
      {"profile", Json::object()},     {"notes", notesOf(call.params)},
      {"created_at", call.host.now()}, {"phone", call.text("phone")},
      {"business_type", businessType}};
  for (const auto* name : kSettable) apply(account, call.params, name);
  return shown(call.book["account"].add(std::move(account)));
}

Json getAccount(Call& call) {
  return shown(linked(call));
}

Json updateAccount(Call& call) {
  auto& account = linked(call);
  if (textOf(account, "status") == "suspended") {
    refuse("Merchant activation form has been locked for editing by admin.");
  }
  for (const auto* name : kSettable) apply(account, call.params, name);
  if (call.has("notes")) account["notes"] = notesOf(call.params);
  return shown(account);
}

Json deleteAccount(Call& call) {
  auto& account = linked(call);
  account["status"] = "suspended";
  account["suspended_at"] = call.host.now();
  call.host.event(call.book, "account.suspended", {{"account", &account}});
  return shown(account);
}

Json createStakeholder(Call& call) {
  const auto account = textOf(linked(call), "id");
  if (!call.has("name")) refuse("The name field is required.", "name");
  if (!call.has("email")) refuse("The email field is required.", "email");
  return shown(call.book["stakeholder"].add(
      {{"entity", "stakeholder"},
       {"relationship", call.params.value("relationship", Json::object())},
       {"phone", call.params.value("phone", Json::object())},
       {"notes", notesOf(call.params)},
       {"kyc", call.params.value("kyc", Json::object())},
       {"id", call.host.id("sth_")},
       {"name", call.text("name")},
       {"email", call.text("email")},
       {"percentage_ownership",
        call.has("percentage_ownership") ? call.params["percentage_ownership"] : Json(nullptr)},
       {"addresses", call.params.value("addresses", Json::object())},
       {"_account", account}}));
}

Json listStakeholders(Call& call) {
  const auto account = textOf(linked(call), "id");
  Json items = Json::array();
  for (const auto& one : call.book["stakeholder"].all()) {
    if (textOf(one, "_account") == account) items.push_back(shown(one));
  }
  const auto count = items.size();
  return {{"entity", "collection"}, {"items", std::move(items)}, {"count", count}};
}

Json getStakeholder(Call& call) {
  linked(call);
  return shown(object(call, "stakeholder", call.ids[1]));
}

Json updateStakeholder(Call& call) {
  linked(call);
  auto& stakeholder = object(call, "stakeholder", call.ids[1]);
  for (const auto* name :
       {"percentage_ownership", "name", "email", "relationship", "phone", "addresses", "kyc"}) {
    apply(stakeholder, call.params, name);
  }
  if (call.has("notes")) stakeholder["notes"] = notesOf(call.params);
  return shown(stakeholder);
}

Json requestProduct(Call& call) {
  const auto account = textOf(linked(call), "id");
  const auto product = call.text("product_name");
  if (product != "route" && product != "payment_gateway" && product != "payment_links") {
    refuse("The product requested is invalid.", "product_name");
  }
  if (call.has("tnc_accepted") && !call.flag("tnc_accepted")) {
    refuse("The selected tnc accepted is invalid.", "tnc_accepted");
  }
  const auto id = call.host.id("acc_prd_");
  return shown(call.book["product"].add(productOf(call, account, id)));
}

namespace {

Json& product(Call& call) {
  const auto account = textOf(linked(call), "id");
  auto* found = call.book["product"].find(call.ids[1]);
  if (!found || textOf(*found, "account_id") != account) {
    refuse("The provided product config id doesn't exist for the merchant");
  }
  return *found;
}

}  // namespace

Json getProduct(Call& call) {
  return shown(product(call));
}

Json updateProduct(Call& call) {
  auto& config = product(call);
  auto& active = config["active_configuration"];
  for (const auto* name :
       {"notifications", "checkout", "refund", "settlements", "payment_methods"}) {
    apply(active, call.params, name);
  }
  if (call.has("settlements")) {
    config["requirements"] = Json::array();
    config["activation_status"] = "activated";
    auto& account = linked(call);
    account["status"] = "activated";
    account["activated_at"] = call.host.now();
    call.host.event(call.book, "product." + textOf(config, "product_name") + ".activated",
                    {{"merchant_product", &config}});
  }
  return shown(config);
}

}  // namespace simulators::razorpay
