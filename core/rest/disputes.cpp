// /v1/disputes: list, get, accept, answer with evidence.
#include "rest/resource_routes.hpp"

namespace unigate::rest {

namespace {

void checkEvidence(FieldReader& fields, json::View body) {
  const bool some = body.size() > (body["submit"].exists() ? 1U : 0U);
  if (!some) fields.fault("", "Send at least one piece of evidence, such as summary.");
}

}  // namespace

void addDisputeRoutes(std::vector<Route>& routes) {
  ResourceRoutes resource{"dispute", "disputes", ""};
  resource.listOperation = "disputes.list";
  resource.filters = {"payment"};
  Action evidence{"evidence", "disputes.submit_evidence"};
  evidence.fields = {
      {"evidence",
       FieldIs::gathered,
       false,
       0,
       {},
       {},
       {},
       {{"summary", FieldIs::text, false, 5000},
        {"customer_name", FieldIs::text, false, 256},
        {"customer_email", FieldIs::email},
        {"product_description", FieldIs::text, false, 5000},
        {"refund_policy", FieldIs::text, false, 5000},
        {"service_at", FieldIs::time},
        {"shipping_carrier", FieldIs::text, false, 100},
        {"shipping_tracking_number", FieldIs::text, false, 100},
        {"shipped_at", FieldIs::time},
        {"documents",
         FieldIs::objects,
         false,
         20,
         {},
         {},
         {},
         {{"type", FieldIs::text, true, 100}, {"id", FieldIs::text, true, 255, "provider_id"}}}}},
      {"amount", FieldIs::amount},
      {"submit", FieldIs::flag}};
  evidence.check = checkEvidence;
  evidence.told = {{"currency", "currency"}};
  resource.actions = {{"accept", "disputes.accept", {{"reason", FieldIs::text, false, 500}}},
                      std::move(evidence)};
  addResourceRoutes(routes, std::move(resource));
}

}  // namespace unigate::rest
