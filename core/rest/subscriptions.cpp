// /v1/subscriptions: create, list, get, update, cancel, pause, resume.
#include "rest/plan_fields.hpp"
#include "rest/resource_routes.hpp"

namespace unigate::rest {

namespace {

void checkCreate(FieldReader& fields, json::View body) {
  if (body["plan_id"].exists() == body["plan"].exists()) {
    fields.fault("plan_id", "Send plan_id, or plan with the amount and interval, one of the two.");
  }
  const json::View plan = body["plan"];
  if (plan.isObject() && !plan["product"].exists() && !plan["name"].exists()) {
    fields.fault("plan.name", "Send plan.product, or plan.name for the product that is made.");
  }
  if (body["customer"].exists() &&
      (body["customer_email"].exists() || body["customer_name"].exists() ||
       body["customer_phone"].exists())) {
    fields.fault("customer",
                 "Send customer, or customer_email, customer_name and customer_phone, not both.");
  }
}

void checkUpdate(FieldReader& fields, json::View body) {
  if (body.size() == 0) fields.fault("", "Send at least one field to change.");
}

}  // namespace

void addSubscriptionRoutes(std::vector<Route>& routes) {
  ResourceRoutes resource{"subscription", "subscriptions", "subscriptions.create"};
  resource.createFields = {{"plan_id", FieldIs::reference, false, 0, {}, "plan"},
                           {"plan", FieldIs::object, false, 0, {}, {}, {}, planFields()},
                           {"customer", FieldIs::reference, false, 0, {}, "customer"},
                           {"customer_email", FieldIs::email},
                           {"customer_name", FieldIs::text, false, 256},
                           {"customer_phone", FieldIs::phone},
                           {"payment_method", FieldIs::paymentMethod},
                           {"quantity", FieldIs::number, false, 1'000'000},
                           {"total_count", FieldIs::number, false, 1200},
                           {"trial_days", FieldIs::count, false, 730},
                           {"start_at", FieldIs::time},
                           {"customer_notify", FieldIs::flag},
                           {"return_url", FieldIs::url},
                           {"cancel_url", FieldIs::url},
                           {"description", FieldIs::text, false, 500},
                           {"metadata", FieldIs::metadata}};
  resource.createCheck = checkCreate;
  resource.listOperation = "subscriptions.list";
  resource.filters = {"customer", "plan_id"};
  const std::vector<FieldSpec> reason{{"reason", FieldIs::text, false, 128}};
  resource.actions = {{"",
                       "subscriptions.update",
                       {{"plan_id", FieldIs::reference, false, 0, {}, "plan"},
                        {"quantity", FieldIs::number, false, 1'000'000},
                        {"total_count", FieldIs::number, false, 1200},
                        {"at_period_end", FieldIs::flag},
                        {"metadata", FieldIs::metadata}},
                       checkUpdate,
                       "PATCH"},
                      {"cancel",
                       "subscriptions.cancel",
                       {{"at_period_end", FieldIs::flag}, {"reason", FieldIs::text, false, 128}}},
                      {"pause", "subscriptions.pause", reason},
                      {"resume", "subscriptions.resume", reason}};
  addResourceRoutes(routes, std::move(resource));
}

}  // namespace unigate::rest
