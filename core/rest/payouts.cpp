// /v1/payouts: money to somebody's bank account, UPI address, e-mail, or account at the provider.
#include "rest/resource_routes.hpp"

namespace unigate::rest {

namespace {

// What each kind of destination needs. Account numbers, IFSC and the like differ by country; the
// adapter says what its provider asks for.
void checkDestination(FieldReader& fields, json::View body) {
  const json::View destination = body["destination"];
  const std::string_view type = destination["type"].stringOr("");
  const auto need = [&](const char* name) {
    if (destination[name].exists()) return;
    fields.fault(
        "destination." + std::string(name),
        "destination." + std::string(name) + " is required for type " + std::string(type) + ".");
  };
  if (type == "bank_account") need("account_number");
  if (type == "vpa") need("vpa");
  if (type == "email") need("email");
  if (type == "phone") need("phone");
}

}  // namespace

void addPayoutRoutes(std::vector<Route>& routes) {
  ResourceRoutes resource{"payout", "payouts", "payouts.create"};
  resource.createFields = {{"amount", FieldIs::amount, true},
                           {"currency", FieldIs::currency, true},
                           {"destination",
                            FieldIs::object,
                            true,
                            0,
                            {},
                            {},
                            {},
                            {{"type",
                              FieldIs::word,
                              true,
                              0,
                              {},
                              {},
                              {"bank_account", "vpa", "email", "phone", "provider_account"}},
                             {"id", FieldIs::text, false, 100, "provider_id"},
                             {"name", FieldIs::text, false, 120},
                             {"email", FieldIs::email},
                             {"phone", FieldIs::phone},
                             {"vpa", FieldIs::text, false, 100},
                             {"account_number", FieldIs::secretive, false, 35},
                             {"ifsc", FieldIs::text, false, 11},
                             {"routing_number", FieldIs::text, false, 20},
                             {"country", FieldIs::text, false, 2}}},
                           {"mode", FieldIs::text, false, 30},
                           {"purpose", FieldIs::text, false, 30},
                           {"reference", FieldIs::text, false, 40},
                           {"description", FieldIs::text, false, 250},
                           {"metadata", FieldIs::metadata}};
  resource.createCheck = checkDestination;
  resource.listOperation = "payouts.list";
  resource.filters = {"reference"};
  resource.actions = {{"cancel", "payouts.cancel"}};
  addResourceRoutes(routes, std::move(resource));
}

}  // namespace unigate::rest
